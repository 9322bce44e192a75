// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from 'vitest';
import { mount, unmountAll, words } from '@kit/testing';
import { ForwardNote, RecipientForwardNote } from './ForwardNote';

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
  it.each([
    ['a mail contact', 'SMTP:partner@fabrikam.example', 'Mail for Partner goes to partner@fabrikam.example, outside. The remote domain Default forbids'],
    ['a mail user', 'smtp:guest@tailspin.example', 'Mail for Partner goes to guest@tailspin.example, outside. The remote domain Default forbids'],
    ['a contact whose address is one of ours', 'SMTP:x@contoso.example', ''],
    ['a mailbox', null, ''],
  ])('is told of %s by the address behind it', async (_, ExternalEmailAddress, said) => {
    const asked: unknown[] = [];
    await mount(<RecipientForwardNote name="Partner" keeps={false} />, { answers: { ...answers, 'Get-Recipient': (parameters) => { asked.push(parameters.Identity); return { value: [{ Identity: 'Partner', ExternalEmailAddress }] }; } } });
    expect(asked).toEqual(['Partner']);
    expect(said === '' ? words() === '' : words().includes(said)).toBe(true);
  });
});
