// The mail flow settings of a mailbox as a form holds them, and what is sent of a changed one.
import { CLEARED } from '@api/client';
import { changed } from '@kit/forms/changes';
import { shortSize } from '@kit/forms/sizeText';
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

interface Domains { accepted: { DomainName: string; MatchSubDomains: boolean }[]; remote: { Name: string; DomainName: string; AutoForwardEnabled: boolean }[] }

const isWithin = (domain: string, parent: string): boolean => domain === parent || domain.endsWith(`.${parent}`);

/** A domain as the server compares it: in lower case and A-labels. */
function keyOf(domain: string): string {
  try {
    return new URL(`http://${domain}`).hostname;
  } catch {
    return domain.toLowerCase();
  }
}

/** How close an entry is to a domain, as the server ranks them: itself, then the longest domain above it, then `*`. */
function closeness(entry: string, domain: string): number {
  if (entry === '*') return 0;
  if (entry.startsWith('*.')) return isWithin(domain, keyOf(entry.slice(2))) ? entry.length : -1;
  return keyOf(entry) === domain ? Infinity : -1;
}

/** The remote domain whose rules drop what is forwarded to this address; null where it is let through. */
export function forwardDropped(address: string, { accepted, remote }: Domains): string | null {
  const given = address.trim().replace(/^smtp:/i, '').split('@')[1];
  const domain = given ? keyOf(given) : '';
  if (domain === '' || accepted.some((one) => closeness(one.DomainName, domain) > 0 || (one.MatchSubDomains && isWithin(domain, keyOf(one.DomainName))))) return null;
  const [closest] = remote.map((one) => ({ one, rank: closeness(one.DomainName, domain) })).filter(({ rank }) => rank >= 0).sort((a, b) => b.rank - a.rank);
  return closest && closest.one.AutoForwardEnabled ? null : (closest?.one.Name ?? 'Default');
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
