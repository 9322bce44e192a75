// What the forms of Receive connectors hold, and the parameters they become.
import type { Change } from '@kit/confirm/ConfirmDialog';
import { changed } from '@kit/forms/changes';
import { countField, sizeField } from '@kit/forms/sizes';
import { shortSize } from '@kit/forms/sizeText';
import { z } from '@kit/forms/zod';
import { lines, type ReceiveConnector } from './shapes';
import { r, t } from './text';

export const GROUPS = ['AnonymousUsers', 'ExchangeUsers', 'ExchangeServers', 'ExchangeLegacyServers', 'Partners'] as const;
export const AUTHS = ['Tls', 'BasicAuth', 'BasicAuthRequireTLS', 'Integrated', 'ExchangeServer', 'ExternalAuthoritative'] as const;
export const USAGES = ['Custom', 'Internet', 'Client', 'Internal', 'Partner'] as const;
const NAME_MAX = 64;
const BINDING = /^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-f:.]+\]):\d{1,5}$/i;

/** An empty set is said as a word: to leave it out would leave it as it is. */
const setOrNone = (words: string[]): string[] => (words.length === 0 ? ['None'] : words);
const bindingsField = () => z.string().superRefine((text, context) => {
  const odd = lines(text).find((one) => !BINDING.test(one));
  if (lines(text).length === 0) context.addIssue({ code: 'custom', message: r('bindingNeeded') });
  else if (odd) context.addIssue({ code: 'custom', message: r('bindingBad', { text: odd }) });
});
const rangesField = () => z.string().refine((text) => lines(text).length > 0, r('rangeNeeded'));
const nameField = () => z.string().trim().min(1, t('nameNeeded')).max(NAME_MAX, t('nameLong'));

export interface General { Name: string; Enabled: boolean; Bindings: string; RequireTLS: boolean; Verbose: boolean; Comment: string }
export const generalSchema = () => z.object({ Name: nameField(), Enabled: z.boolean(), Bindings: bindingsField(), RequireTLS: z.boolean(), Verbose: z.boolean(), Comment: z.string() });
export const generalOf = (c: ReceiveConnector): General => ({ Name: c.Name, Enabled: c.Enabled, Bindings: c.Bindings.join('\n'), RequireTLS: c.RequireTLS, Verbose: c.ProtocolLoggingLevel === 'Verbose', Comment: c.Comment });
export function generalGiven(after: General, before: General): Record<string, unknown> {
  const given = ({ Name, Enabled, RequireTLS, Comment, ...v }: General) => ({ Name: Name.trim(), Enabled, Bindings: lines(v.Bindings), RequireTLS, ProtocolLoggingLevel: v.Verbose ? 'Verbose' : 'None', Comment });
  return changed(given(before), given(after));
}

export interface Who { RemoteIPRanges: string; PermissionGroups: string[]; AuthMechanism: string[] }
export const whoSchema = () => z.object({ RemoteIPRanges: rangesField(), PermissionGroups: z.array(z.string()), AuthMechanism: z.array(z.string()) });
export const whoOf = (c: ReceiveConnector): Who => ({ RemoteIPRanges: c.RemoteIPRanges.join('\n'), PermissionGroups: c.PermissionGroups, AuthMechanism: c.AuthMechanism });
export function whoGiven(after: Who, before: Who): Record<string, unknown> {
  const given = (v: Who) => ({ RemoteIPRanges: lines(v.RemoteIPRanges), PermissionGroups: setOrNone([...v.PermissionGroups].sort()), AuthMechanism: setOrNone([...v.AuthMechanism].sort()) });
  return changed(given(before), given(after));
}

export interface Limits { MaxMessageSize: string; MaxRecipientsPerMessage: string; MaxInboundConnection: string; MaxInboundConnectionPerSource: string; MessageRateLimit: string; TarpitInterval: string; MaxProtocolErrors: string }
export const limitsSchema = () => z.object({
  MaxMessageSize: sizeField(), MaxRecipientsPerMessage: countField(), MaxInboundConnection: countField(), MaxInboundConnectionPerSource: countField(), MessageRateLimit: countField(), TarpitInterval: z.string().regex(/^(\d+\.)?\d\d:\d\d:\d\d$/, r('spanBad')), MaxProtocolErrors: countField(),
});
export const limitsOf = (c: ReceiveConnector): Limits => ({
  MaxMessageSize: shortSize(c.MaxMessageSize), MaxRecipientsPerMessage: String(c.MaxRecipientsPerMessage), MaxInboundConnection: String(c.MaxInboundConnection), MaxInboundConnectionPerSource: String(c.MaxInboundConnectionPerSource), MessageRateLimit: String(c.MessageRateLimit), TarpitInterval: c.TarpitInterval,
  MaxProtocolErrors: String(c.MaxProtocolErrors),
});

export interface NewReceive { Name: string; Usage: string; Bindings: string; RemoteIPRanges: string }
export const NEW: NewReceive = { Name: '', Usage: 'Custom', Bindings: '', RemoteIPRanges: '' };
export const newSchema = () => z.object({ Name: nameField(), Usage: z.string(), Bindings: bindingsField(), RemoteIPRanges: rangesField() });
export const newChanges = (v: NewReceive): Change[] => [{ cmdlet: 'New-ReceiveConnector', parameters: { Name: v.Name.trim(), Usage: v.Usage, Bindings: lines(v.Bindings), RemoteIPRanges: lines(v.RemoteIPRanges) } }];
