// The mail flow settings of a mailbox as a form holds them, and what is sent of a changed one.
import { CLEARED } from '@api/client';
import { changed } from '@kit/forms/changes';
import { shortSize } from '@kit/forms/sizes';
import { isAddress } from '@kit/people/parse';
import { restrictionsOf, sizesOf, type Restrictions, type Sizes } from '../shared/fields';
import type { Mailbox } from '../shared/shapes';

export interface Flow extends Restrictions, Sizes {
  forward: 'none' | 'inside' | 'outside';
  /** One name, or none. */
  ForwardingAddress: string[];
  ForwardingSmtpAddress: string;
  DeliverToMailboxAndForward: boolean;
  RecipientLimits: string;
  UseDatabaseQuotaDefaults: boolean;
  IssueWarningQuota: string;
  ProhibitSendQuota: string;
  ProhibitSendReceiveQuota: string;
}

export const flowValues = (m: Mailbox): Flow => ({
  forward: m.ForwardingAddress ? 'inside' : m.ForwardingSmtpAddress ? 'outside' : 'none', ForwardingAddress: m.ForwardingAddress ? [m.ForwardingAddress] : [], ForwardingSmtpAddress: m.ForwardingSmtpAddress ?? '',
  DeliverToMailboxAndForward: m.DeliverToMailboxAndForward, RecipientLimits: String(m.RecipientLimits), UseDatabaseQuotaDefaults: m.UseDatabaseQuotaDefaults, IssueWarningQuota: shortSize(m.IssueWarningQuota),
  ProhibitSendQuota: shortSize(m.ProhibitSendQuota), ProhibitSendReceiveQuota: shortSize(m.ProhibitSendReceiveQuota), ...sizesOf(m), ...restrictionsOf(m),
});

/** The field that should say where to, and does not. */
export function forwardGiven(flow: Pick<Flow, 'forward' | 'ForwardingAddress' | 'ForwardingSmtpAddress'>): 'ForwardingAddress' | 'ForwardingSmtpAddress' | null {
  if (flow.forward === 'inside' && flow.ForwardingAddress.length === 0) return 'ForwardingAddress';
  if (flow.forward === 'outside' && !isAddress(flow.ForwardingSmtpAddress)) return 'ForwardingSmtpAddress';
  return null;
}

/** Of the two kinds of forwarding only the chosen one stays: the one inside would win over the other. */
export function flowParameters(after: Flow, before: Flow): Record<string, unknown> {
  const { forward, ...rest } = after;
  const { forward: _, ...was } = before;
  const quotas = rest.UseDatabaseQuotaDefaults ? { IssueWarningQuota: was.IssueWarningQuota, ProhibitSendQuota: was.ProhibitSendQuota, ProhibitSendReceiveQuota: was.ProhibitSendReceiveQuota } : {};
  const found = changed(was, { ...rest, ...quotas, ForwardingAddress: forward === 'inside' ? rest.ForwardingAddress : [], ForwardingSmtpAddress: forward === 'outside' ? rest.ForwardingSmtpAddress : '', DeliverToMailboxAndForward: forward !== 'none' && rest.DeliverToMailboxAndForward });
  if (Array.isArray(found.ForwardingAddress)) found.ForwardingAddress = found.ForwardingAddress[0] ?? CLEARED;
  return found;
}
