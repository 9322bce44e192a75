import { describe, expect, it } from 'vitest';
import { CLEARED } from '@api/client';
import { EMPTY, formOf, makeSchema, sendChanges, tlsOf } from './sendForm';
import type { SendConnector } from './shapes';

const relay = {
  Identity: 'Relay', Name: 'Relay', Enabled: true, AddressSpaces: ['SMTP:fabrikam.example;1', 'SMTP:*.tailspin.example;5'], DNSRoutingEnabled: false, SmartHosts: ['[127.0.0.1]'], Port: 9, SmartHostAuthMechanism: 'BasicAuth', AuthenticationUserName: 'us', RequireTLS: false, TlsAuthLevel: null, TlsDomain: null,
  IgnoreSTARTTLS: false, Fqdn: null, SourceIPAddress: null, ProtocolLoggingLevel: 'None', MaxMessageSize: '35 MB (36,700,160 bytes)', ConnectionInactivityTimeOut: '00:10:00', SmtpMaxMessagesPerConnection: 20, Comment: '', Guid: 'g',
} as SendConnector;

describe('a Send connector', () => {
  it('is made with only what differs from the usual', () => {
    expect(sendChanges({ ...EMPTY, Name: ' Internet ', AddressSpaces: '*' })).toEqual([{ cmdlet: 'New-SendConnector', parameters: { Name: 'Internet', AddressSpaces: ['*'] } }]);
  });
  it('is left alone when nothing was changed', () => expect(sendChanges(formOf(relay), relay)).toEqual([]));
  it('is routed by MX records when its hosts are taken away, and signs in nowhere then', () => {
    expect(sendChanges({ ...formOf(relay), DNSRoutingEnabled: 'mx' }, relay)).toEqual([{ cmdlet: 'Set-SendConnector', parameters: { Identity: 'g', SmartHosts: CLEARED, SmartHostAuthMechanism: 'None', AuthenticationUserName: CLEARED } }]);
  });
  it('asks for TLS without a level where none was set, for a level cannot be taken back', () => {
    expect(sendChanges({ ...formOf(relay), TlsAuthLevel: 'required' }, relay)[0]?.parameters).toEqual({ Identity: 'g', RequireTLS: true });
    const strict = { ...relay, RequireTLS: true, TlsAuthLevel: 'DomainValidation', TlsDomain: 'x.example' };
    expect(tlsOf(strict)).toBe('DomainValidation');
    expect(sendChanges({ ...formOf(strict), TlsAuthLevel: 'required' }, strict)[0]?.parameters).toEqual({ Identity: 'g', TlsAuthLevel: 'EncryptionOnly', TlsDomain: CLEARED });
  });
  it.each([
    [{ AddressSpaces: '' }, 'AddressSpaces'], [{ AddressSpaces: 'fabrikam.example\nnot a/domain' }, 'AddressSpaces'], [{ SmartHosts: '' }, 'SmartHosts'], [{ SmartHosts: 'relay!' }, 'SmartHosts'], [{ Port: '0' }, 'Port'], [{ Port: '70000' }, 'Port'],
    [{ TlsAuthLevel: 'DomainValidation' as const }, 'TlsDomain'], [{ AuthenticationUserName: '' }, 'AuthenticationUserName'], [{ MaxMessageSize: 'much' }, 'MaxMessageSize'], [{ Name: '' }, 'Name'],
  ])('is not taken with %j', (wrong, field) => expect(makeSchema(true).safeParse({ ...formOf(relay), ...wrong }).error?.issues.map((i) => i.path[0])).toContain(field));
  it('needs a password where none is stored', () => {
    expect(makeSchema(true).safeParse(formOf(relay)).success).toBe(true);
    expect(makeSchema(false).safeParse(formOf(relay)).error?.issues[0]?.path).toEqual(['AuthenticationPassword']);
  });
});
