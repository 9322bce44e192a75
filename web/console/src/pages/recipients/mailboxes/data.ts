// What the page asks for, and what is asked again after a change.
import type { CmdletName, Parameters } from '@api/client';

export const READS: CmdletName[] = ['Get-Mailbox', 'Get-MailboxPermission', 'Get-RecipientPermission', 'Get-Recipient'];
const KINDS: Record<string, object> = {
  all: {}, user: { RecipientTypeDetails: ['UserMailbox'] }, shared: { RecipientTypeDetails: ['SharedMailbox'] }, rooms: { RecipientTypeDetails: ['RoomMailbox', 'EquipmentMailbox'] }, removed: { SoftDeletedMailbox: true },
};

/** What the list asks at an address. */
export const asked = (search: string | null, kind: string | null): Parameters<'Get-Mailbox'> => ({ Anr: search ?? undefined, ...KINDS[kind ?? 'all'] });
