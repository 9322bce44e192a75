// What the wizard of a Send connector holds, and the cmdlet it becomes.
import type { Change } from '@kit/confirm/ConfirmDialog';
import { changed } from '@kit/forms/changes';
import { sizeField } from '@kit/forms/sizes';
import { shortSize } from '@kit/forms/sizeText';
import { z } from '@kit/forms/zod';
import { lines, shortSpace, type SendConnector } from './shapes';
import { t, w } from './text';

export type Tls = 'optional' | 'required' | 'CertificateValidation' | 'DomainValidation' | 'never';

/** Fields have the names of the parameters they become, so that the server's errors find them. */
export interface SendForm {
  Name: string;
  Comment: string;
  Enabled: boolean;
  AddressSpaces: string;
  DNSRoutingEnabled: 'mx' | 'smart';
  SmartHosts: string;
  Port: string;
  MaxMessageSize: string;
  TlsAuthLevel: Tls;
  TlsDomain: string;
  SmartHostAuthMechanism: string;
  AuthenticationUserName: string;
  AuthenticationPassword: string;
}

export const EMPTY: SendForm = {
  Name: '', Comment: '', Enabled: true, AddressSpaces: '', DNSRoutingEnabled: 'mx', SmartHosts: '', Port: '25', MaxMessageSize: '35 MB', TlsAuthLevel: 'optional', TlsDomain: '', SmartHostAuthMechanism: 'None', AuthenticationUserName: '', AuthenticationPassword: '',
};

const SPACE = /^(SMTP:)?(\*|(\*\.)?[\p{L}\p{N}_-]+(\.[\p{L}\p{N}_-]+)*)(;\d{1,3})?$/iu;
const HOST = /^(\[[0-9a-f:.]+\]|[\p{L}\p{N}._:-]+)$/iu;
const NAME_MAX = 64;
const PORT_MAX = 65_535;

export function tlsOf(c: Pick<SendConnector, 'RequireTLS' | 'TlsAuthLevel' | 'IgnoreSTARTTLS'>): Tls {
  if (c.TlsAuthLevel === 'CertificateValidation' || c.TlsAuthLevel === 'DomainValidation') return c.TlsAuthLevel;
  if (c.RequireTLS) return 'required';
  return c.IgnoreSTARTTLS ? 'never' : 'optional';
}

export function formOf(c: SendConnector): SendForm {
  return {
    Name: c.Name, Comment: c.Comment, Enabled: c.Enabled, AddressSpaces: c.AddressSpaces.map(shortSpace).join('\n'), DNSRoutingEnabled: c.DNSRoutingEnabled ? 'mx' : 'smart', SmartHosts: c.SmartHosts.join('\n'), Port: String(c.Port), MaxMessageSize: shortSize(c.MaxMessageSize),
    TlsAuthLevel: tlsOf(c), TlsDomain: c.TlsDomain ?? '', SmartHostAuthMechanism: c.SmartHostAuthMechanism, AuthenticationUserName: c.AuthenticationUserName ?? '', AuthenticationPassword: '',
  };
}

/** `hasPassword`: one is stored already, and is kept when none is typed. */
export function makeSchema(hasPassword: boolean) {
  return z.object({
    Name: z.string().trim().min(1, t('nameNeeded')).max(NAME_MAX, t('nameLong')), Comment: z.string(), Enabled: z.boolean(), AddressSpaces: z.string(), DNSRoutingEnabled: z.enum(['mx', 'smart']), SmartHosts: z.string(),
    Port: z.string().refine((text) => /^\d+$/.test(text.trim()) && Number(text) >= 1 && Number(text) <= PORT_MAX, w('portBad')), MaxMessageSize: sizeField(), TlsAuthLevel: z.enum(['optional', 'required', 'CertificateValidation', 'DomainValidation', 'never']),
    TlsDomain: z.string(), SmartHostAuthMechanism: z.string(), AuthenticationUserName: z.string(), AuthenticationPassword: z.string(),
  }).superRefine((v, context) => {
    const wrong = (path: keyof SendForm, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    const spaces = lines(v.AddressSpaces);
    const odd = spaces.find((space) => !SPACE.test(space));
    if (spaces.length === 0) wrong('AddressSpaces', w('spaceNeeded'));
    else if (odd) wrong('AddressSpaces', w('spaceBad', { text: odd }));
    if (v.DNSRoutingEnabled === 'mx') return;
    const hosts = lines(v.SmartHosts);
    const oddHost = hosts.find((host) => !HOST.test(host));
    if (hosts.length === 0) wrong('SmartHosts', w('hostNeeded'));
    else if (oddHost) wrong('SmartHosts', w('hostBad', { text: oddHost }));
    if (v.TlsAuthLevel === 'DomainValidation' && v.TlsDomain.trim() === '') wrong('TlsDomain', w('tlsDomainNeeded'));
    if (!v.SmartHostAuthMechanism.startsWith('BasicAuth')) return;
    if (v.AuthenticationUserName.trim() === '') wrong('AuthenticationUserName', w('userNeeded'));
    if (v.AuthenticationPassword === '' && !hasPassword) wrong('AuthenticationPassword', w('passwordNeeded'));
  });
}

/** All that the form says, as parameters. A level once set cannot be taken back, so TLS with any certificate sets none. */
function parametersOf(v: SendForm, level: string | null) {
  const smart = v.DNSRoutingEnabled === 'smart';
  const signsIn = smart && v.SmartHostAuthMechanism !== 'None';
  const validates = v.TlsAuthLevel === 'CertificateValidation' || v.TlsAuthLevel === 'DomainValidation';
  return {
    Name: v.Name.trim(), AddressSpaces: lines(v.AddressSpaces), SmartHosts: smart ? lines(v.SmartHosts) : [], Port: Number(v.Port), RequireTLS: validates || v.TlsAuthLevel === 'required', IgnoreSTARTTLS: v.TlsAuthLevel === 'never',
    TlsAuthLevel: validates ? v.TlsAuthLevel : level ? 'EncryptionOnly' : '', TlsDomain: v.TlsAuthLevel === 'DomainValidation' ? v.TlsDomain.trim() : '', SmartHostAuthMechanism: signsIn ? v.SmartHostAuthMechanism : 'None',
    AuthenticationUserName: signsIn ? v.AuthenticationUserName.trim() : '', AuthenticationPassword: signsIn ? v.AuthenticationPassword : '', MaxMessageSize: v.MaxMessageSize.trim(), Enabled: v.Enabled, Comment: v.Comment.trim(),
  };
}

/** Only what differs: from the connector as it is, or from what a new one has by itself. */
export function sendChanges(v: SendForm, connector?: SendConnector): Change[] {
  const level = connector?.TlsAuthLevel ?? null;
  const given = changed(parametersOf(connector ? formOf(connector) : EMPTY, level), parametersOf(v, level));
  if (!connector) return [{ cmdlet: 'New-SendConnector', parameters: given }];
  return Object.keys(given).length > 0 ? [{ cmdlet: 'Set-SendConnector', parameters: { Identity: connector.Guid, ...given } }] : [];
}
