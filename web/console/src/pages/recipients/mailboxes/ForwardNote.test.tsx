// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from 'vitest';
import { mount, unmountAll, words } from '@kit/testing';
import { ForwardNote } from './ForwardNote';

describe('forwarding that is forbidden', () => {
  afterEach(unmountAll);
  const answers = { 'Get-AcceptedDomain': () => ({ value: [{ DomainName: 'contoso.example', MatchSubDomains: false }] }), 'Get-RemoteDomain': () => ({ value: [{ Name: 'Default', DomainName: '*', AutoForwardEnabled: false }] }) };
  it.each([[false, 'all mail to it is lost'], [true, 'only the copy in this mailbox arrives']])('is told at the form (a copy stays: %s)', async (keeps, said) => {
    await mount(<ForwardNote address="x@full.example" keeps={keeps} />, { answers });
    expect(words()).toContain('The remote domain Default forbids automatic forwarding');
    expect(words()).toContain(said);
  });
  it('is not told of an address of ones own', async () => {
    await mount(<ForwardNote address="x@contoso.example" keeps={false} />, { answers });
    expect(words()).toBe('');
  });
});
