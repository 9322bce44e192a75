// @vitest-environment happy-dom
import { afterEach, expect, test } from 'vitest';
import { mount, unmountAll } from '@kit/testing';
import { EditForm } from './EditForm';
import { ChecksField, SelectField, SwitchField, TextField } from './fields';
import { z } from './zod';

afterEach(unmountAll);

const schema = z.object({ Name: z.string(), MailTip: z.string(), Hidden: z.boolean(), Type: z.string(), Roles: z.array(z.string()) });
const form = (
  <EditForm cmdlet="Set-Mailbox" identity="ann" values={{ Name: 'Ann', MailTip: '', Hidden: true, Type: 'a', Roles: ['r'] }} schema={schema} refreshes={[]}>
    {(control) => (
      <>
        <TextField control={control} name="Name" label="Name" />
        <TextField control={control} name="MailTip" label="Tip" long />
        <SwitchField control={control} name="Hidden" label="Hidden" />
        <SelectField control={control} name="Type" label="Type" choices={[{ value: 'a', label: 'Of people' }, { value: 'b', label: 'Shared' }]} />
        <ChecksField control={control} name="Roles" label="Roles" choices={[{ value: 'r', label: 'Reader' }, { value: 'w', label: 'Writer' }]} />
      </>
    )}
  </EditForm>
);
const fields = () => document.querySelectorAll('input, textarea, select').length;

test('who may only look reads text', async () => {
  await mount(form);
  expect([fields(), [...document.querySelectorAll('dl')].map((pair) => [...pair.children].map((part) => part.textContent).join(': '))]).toEqual([0, ['Name: Ann', 'Tip: None', 'Hidden: Yes', 'Type: Of people', 'Roles: Reader']]);
});

test('who may change it has fields', async () => {
  await mount(form, { may: ['Set-Mailbox'] });
  expect([fields(), document.querySelectorAll('dl').length]).toEqual([6, 0]);
});
