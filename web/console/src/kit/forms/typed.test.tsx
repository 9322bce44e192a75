// @vitest-environment happy-dom
import { useState } from 'react';
import { afterEach, describe, expect, it } from 'vitest';
import { DirectoryPicker } from '@kit/people/DirectoryPicker';
import { PeoplePicker } from '@kit/people/PeoplePicker';
import { box, mount, press, type, unmountAll, words } from '@kit/testing';
import { TypedFields, useTypedFields } from './typed';

const ann = { Identity: 'Ann Beebe', DisplayName: 'Ann Beebe', PrimarySmtpAddress: 'ann@contoso.example', RecipientTypeDetails: 'UserMailbox' };
const sent: string[][] = [];

function Form() {
  const typed = useTypedFields();
  const [members, setMembers] = useState<string[]>([]);
  const [notify, setNotify] = useState<string[]>([]);
  return (
    <TypedFields value={typed.fields}>
      <DirectoryPicker label="Members" value={members} onChange={setMembers} />
      <PeoplePicker label="Notify" value={notify} onChange={setNotify} />
      <button type="button" onClick={() => typed.settle() && sent.push([])}>Send</button>
    </TypedFields>
  );
}

describe('a form with fields in which something stands typed', () => {
  afterEach(unmountAll);
  it('is sent when all of it can be taken, and not before', async () => {
    sent.length = 0;
    await mount(<Form />, { answers: { 'Get-Recipient': (p) => ({ value: String(p.Anr).startsWith('ann') ? [ann] : [] }) } });
    await type('Members', 'nobody');
    await type('Notify', 'partner');
    await press('Send');
    expect([sent.length, document.activeElement === box('Members')]).toEqual([0, true]);
    expect(words()).toContain('Nobody was chosen for “nobody”');
    expect(words()).toContain('Not an address: partner');
    await type('Members', 'ann@contoso.example');
    await type('Notify', 'kim@contoso.example');
    await press('Send');
    expect(sent.length).toBe(1);
    expect(words()).toContain('Ann Beebe');
    expect(words()).toContain('kim@contoso.example');
  });
});
