// @vitest-environment happy-dom
import { act } from 'react';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { address, box, button, mount, press, type, unmountAll, words } from '@kit/testing';
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

describe('a search that is changed', () => {
  afterEach(unmountAll);
  const saved: unknown[] = [];
  const open = (parameters: object) => mount(<TraceDrawer open title="Edit message trace" parameters={parameters} onClose={() => undefined} />, { answers: { 'Get-Recipient': () => ({ value: [] }), 'New-MessageTraceQuery': (given) => { saved.push(given); return { value: {} }; } } });
  const asked = () => Object.fromEntries(new URLSearchParams(address().split('?')[1]));

  it('to or from somebody stays one in both directions', async () => {
    await open({ Address: ['partner@fabrikam.example'], Last: '7.00:00:00' });
    await press('Search');
    expect(asked()).toEqual({ Address: 'partner@fabrikam.example', Last: '7.00:00:00' });
  });
  it('takes one direction or both, not each of them', async () => {
    await open({ Address: ['partner@fabrikam.example'] });
    await type('Recipients', 'ann@contoso.example');
    await press('Search');
    expect([address(), words().includes('Either this or Senders and Recipients')]).toEqual(['/', true]);
  });
  it('in both directions is not saved as one of them', async () => {
    await open({ Address: ['partner@fabrikam.example'] });
    await press('Save');
    await type('Name', 'Partner');
    await press('Save as');
    expect([saved, words().includes('Both directions at once are shown as results only.')]).toEqual([[], true]);
  });
  it('keeps what the form has no field for, until it is dropped', async () => {
    const search = { ReturnPath: ['ann@contoso.example'], Place: ['mx1'], Direction: 'Originating', Last: '7.00:00:00' };
    await open(search);
    expect(words()).toContain('Return path: ann@contoso.example');
    await press('Search');
    expect(asked()).toEqual({ ReturnPath: 'ann@contoso.example', Place: 'mx1', Direction: 'Originating', Last: '7.00:00:00' });
    unmountAll();
    await open(search);
    await act(async () => button('Place: mx1').click());
    await press('Search');
    expect(asked()).not.toHaveProperty('Place');
  });
});
