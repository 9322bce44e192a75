// What the page asks for, and what is asked again after a change.
import type { CmdletName } from '@api/client';
import type { Contact } from '../shared/shapes';

export const READS: CmdletName[] = ['Get-MailContact', 'Get-MailUser', 'Get-Recipient'];
export const isUser = (c: Contact): boolean => c.RecipientTypeDetails === 'MailUser';
/** `SMTP:a@b` as an address. */
export const outside = (c: Contact): string => c.ExternalEmailAddress.replace(/^smtp:/i, '');
