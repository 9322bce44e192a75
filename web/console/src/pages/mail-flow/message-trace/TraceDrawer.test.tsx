// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { address, box, mount, press, type, unmountAll, words } from '@kit/testing';
import TraceDrawer from './TraceDrawer';

describe('what stands typed in the form of a trace', () => {
  beforeEach(() => mount(<TraceDrawer open title="New message trace" parameters={{}} onClose={() => undefined} />, { answers: { 'Get-Recipient': () => ({ value: [] }) } }));
  afterEach(unmountAll);
  const asked = (name: string) => new URLSearchParams(address().split('?')[1]).getAll(name);

  it.each([['partner', '*partner*'], ['partner@fabrikam.example', 'partner@fabrikam.example'], ['*@fabrikam.example', '*@fabrikam.example']])('%s is searched for as %s', async (typed, searched) => {
    await type('Recipients', typed);
    await press('Search');
    expect(asked('RecipientAddress')).toEqual([searched]);
  });
  it('is a condition in both fields', async () => {
    await type('Senders', 'kim');
    await type('Recipients', 'partner; ann@contoso.example');
    await press('Search');
    expect([asked('SenderAddress'), asked('RecipientAddress')]).toEqual([['*kim*'], ['*partner*', 'ann@contoso.example']]);
    expect(words()).toContain('contains kim');
  });
  it('keeps the search from being sent where it is no condition, and says so', async () => {
    await type('Recipients', 'Ann Beebe');
    await press('Search');
    expect(address()).toBe('/');
    expect(words()).toContain('Neither an address nor a part of one: Ann Beebe');
    expect(document.activeElement).toBe(box('Recipients'));
    await type('Recipients', 'beebe');
    await press('Search');
    expect(asked('RecipientAddress')).toEqual(['*beebe*']);
  });
  it('moves with the clock unless another time is chosen', async () => {
    await press('Search');
    expect([asked('Last'), asked('EndDate')]).toEqual([['2.00:00:00'], []]);
  });
});
