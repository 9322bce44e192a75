import { describe, expect, it } from 'vitest';
import { generalGiven, newSchema, whoGiven } from './receiveForms';

describe('a Receive connector', () => {
  const who = { RemoteIPRanges: '0.0.0.0-255.255.255.255', PermissionGroups: ['AnonymousUsers'], AuthMechanism: ['Tls', 'BasicAuth'] };
  it('is not changed by another order', () => expect(whoGiven({ ...who, AuthMechanism: ['BasicAuth', 'Tls'] }, who)).toEqual({}));
  it('says an empty set as a word', () => expect(whoGiven({ ...who, PermissionGroups: [] }, who)).toEqual({ PermissionGroups: ['None'] }));
  it('sends lists as lists', () => {
    const general = { Name: 'P', Enabled: true, Bindings: '127.0.0.1:25', RequireTLS: false, Verbose: false, Comment: '' };
    expect(generalGiven({ ...general, Bindings: '127.0.0.1:25\n[::1]:25', Verbose: true }, general)).toEqual({ Bindings: ['127.0.0.1:25', '[::1]:25'], ProtocolLoggingLevel: 'Verbose' });
  });
  it.each([['127.0.0.1:0', true], ['[::]:25', true], ['127.0.0.1', false], ['localhost:25', false], ['', false]])('may listen at %j: %s', (Bindings, fine) =>
    expect(newSchema().safeParse({ Name: 'P', Usage: 'Custom', Bindings, RemoteIPRanges: '192.0.2.10' }).success).toBe(fine));
});
