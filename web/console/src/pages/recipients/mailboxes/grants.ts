// The three rights of delegates: who has them on which mailboxes, and the cmdlets that grant and take them.
import type { CmdletName } from '@api/client';
import type { Change } from '@kit/confirm/ConfirmDialog';
import type { Mailbox } from '../shared/shapes';

export type Right = 'FullAccess' | 'SendAs' | 'OnBehalf';
export const RIGHTS: Right[] = ['FullAccess', 'SendAs', 'OnBehalf'];
export const GRANTS: Record<Right, CmdletName> = { FullAccess: 'Add-MailboxPermission', SendAs: 'Add-RecipientPermission', OnBehalf: 'Set-Mailbox' };

/** Somebody, and the mailboxes they have a right on. */
export interface Delegate { who: string; on: Mailbox[] }

/** One line per person, from the persons of each mailbox. */
export function delegates(held: { mailbox: Mailbox; who: string[] }[]): Delegate[] {
  const found = new Map<string, Delegate>();
  for (const { mailbox, who } of held) {
    for (const name of who) {
      const entry = found.get(name) ?? { who: name, on: [] };
      entry.on.push(mailbox);
      found.set(name, entry);
    }
  }
  return [...found.values()].sort((a, b) => a.who.localeCompare(b.who));
}

/** Each of the people on each of the mailboxes. */
export function grant(right: Right, mailboxes: Mailbox[], people: string[]): Change[] {
  if (right === 'OnBehalf') return mailboxes.map((m) => ({ cmdlet: 'Set-Mailbox', parameters: { Identity: m.PrimarySmtpAddress, GrantSendOnBehalfTo: { Add: people } } }));
  return mailboxes.flatMap((m) => people.map((who): Change => right === 'FullAccess'
    ? { cmdlet: 'Add-MailboxPermission', parameters: { Identity: m.PrimarySmtpAddress, User: who, AccessRights: ['FullAccess'] } }
    : { cmdlet: 'Add-RecipientPermission', parameters: { Identity: m.PrimarySmtpAddress, Trustee: who, AccessRights: ['SendAs'] } }));
}

export function take(right: Right, { who, on }: Delegate): Change[] {
  return on.map((m) => {
    const Identity = m.PrimarySmtpAddress;
    if (right === 'OnBehalf') return { cmdlet: 'Set-Mailbox', parameters: { Identity, GrantSendOnBehalfTo: { Remove: [who] } } };
    if (right === 'FullAccess') return { cmdlet: 'Remove-MailboxPermission', parameters: { Identity, User: who, AccessRights: ['FullAccess'] } };
    return { cmdlet: 'Remove-RecipientPermission', parameters: { Identity, Trustee: who, AccessRights: ['SendAs'] } };
  });
}
