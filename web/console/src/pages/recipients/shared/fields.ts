// Parts of forms that all kinds of recipients have: the values, what may be in them, and how they begin.
import { z } from '@kit/forms/zod';
import { sizeField } from '@kit/forms/sizes';
import { shortSize } from '@kit/forms/sizeText';
import { isAddress } from '@kit/people/parse';
import type { Recipient } from './shapes';
import { words } from './text';

export const nameField = () => z.string().trim().min(1, words('nameNeeded')).max(64, words('nameLong'));
export const addressField = () => z.string().trim().refine((text) => isAddress(text) && !text.includes('*'), words('addressWrong'));
const names = () => z.array(z.string());

export const restrictionFields = () => ({
  RequireSenderAuthenticationEnabled: z.boolean(), AcceptMessagesOnlyFrom: names(), AcceptMessagesOnlyFromDLMembers: names(), RejectMessagesFrom: names(), RejectMessagesFromDLMembers: names(),
});
export interface Restrictions { RequireSenderAuthenticationEnabled: boolean; AcceptMessagesOnlyFrom: string[]; AcceptMessagesOnlyFromDLMembers: string[]; RejectMessagesFrom: string[]; RejectMessagesFromDLMembers: string[] }
export const restrictionsOf = (r: Pick<Recipient, keyof Restrictions>): Restrictions => ({
  RequireSenderAuthenticationEnabled: r.RequireSenderAuthenticationEnabled, AcceptMessagesOnlyFrom: r.AcceptMessagesOnlyFrom, AcceptMessagesOnlyFromDLMembers: r.AcceptMessagesOnlyFromDLMembers, RejectMessagesFrom: r.RejectMessagesFrom,
  RejectMessagesFromDLMembers: r.RejectMessagesFromDLMembers,
});

export const sizeFields = () => ({ MaxSendSize: sizeField(), MaxReceiveSize: sizeField() });
export interface Sizes { MaxSendSize: string; MaxReceiveSize: string }
export const sizesOf = (r: Pick<Recipient, keyof Sizes>): Sizes => ({ MaxSendSize: shortSize(r.MaxSendSize), MaxReceiveSize: shortSize(r.MaxReceiveSize) });

/** `SMTP:a@b` and `smtp:c@d` as they stand in a list: the primary one first, addresses of other kinds left as they are. */
export interface Proxy { entry: string; kind: string; address: string; primary: boolean }
export function proxy(entry: string): Proxy {
  const colon = entry.indexOf(':');
  const kind = colon < 0 ? 'smtp' : entry.slice(0, colon);
  return { entry, kind: kind.toLowerCase(), address: entry.slice(colon + 1), primary: kind === 'SMTP' };
}

/** The list with another primary address. */
export const withPrimary = (entries: string[], address: string): string[] =>
  entries.map((entry) => { const p = proxy(entry); return p.kind === 'smtp' ? `${p.address === address ? 'SMTP' : 'smtp'}:${p.address}` : entry; });

/** The alias in an address, for a form that fills one from the other. */
export const aliasFrom = (name: string): string => name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/[^a-z0-9]+/g, '.').replace(/^\.+|\.+$/g, '');
