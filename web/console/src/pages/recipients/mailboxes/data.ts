// What the page asks for, and what is asked again after a change.
import type { CmdletName } from '@api/client';

export const READS: CmdletName[] = ['Get-Mailbox', 'Get-MailboxPermission', 'Get-RecipientPermission', 'Get-Recipient'];
export const KINDS: Record<string, object> = {
  all: {}, user: { RecipientTypeDetails: ['UserMailbox'] }, shared: { RecipientTypeDetails: ['SharedMailbox'] }, rooms: { RecipientTypeDetails: ['RoomMailbox', 'EquipmentMailbox'] }, removed: { SoftDeletedMailbox: true },
};
