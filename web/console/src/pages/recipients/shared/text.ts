// Words that all kinds of recipients share.
import { defineText } from '@i18n/t';

export const words = defineText('recipients', {
  displayName: 'Display name', name: 'Name', firstName: 'First name', lastName: 'Last name', alias: 'Alias', address: 'Email address', addresses: 'Email addresses', kind: 'Kind', created: 'Created, {zone}', hidden: 'Hidden from address lists', hiddenHint: 'Mail still arrives.', mailTip: 'MailTip', mailTipHint: 'Shown to who is about to write to it; at most 175 characters.',
  search: 'Search by name or address', kinds: 'Kind', refresh: 'Refresh', export: 'Export list', remove: 'Remove …', more: '{n} of {of} are shown. Search to see others.', yes: 'Yes', no: 'No', nobody: 'Nobody', everyone: 'Everyone',
  primary: 'Primary', makePrimary: 'Make {address} the primary address', takeAway: 'Take {address} away', addAddress: 'Another address', add: 'Add', addressesLead: 'Mail to each of them arrives here. The primary address is the one mail is sent from.', addressWrong: 'Give an address such as kim@contoso.example', addressTwice: 'It has this address already', addressOther: 'of another kind', primaryNeeded: 'One address must be the primary one',
  restrictions: 'Delivery restrictions', restrictionsLead: 'Who may write to it. Without entries everybody may; who may not gets a non-delivery report that says so.', insideOnly: 'Only senders inside the organization, signed in', accept: 'Only from these people', acceptGroups: 'Only from members of these groups', reject: 'Not from these people', rejectGroups: 'Not from members of these groups',
  limits: 'Limits', maxSend: 'Largest message it may send', maxReceive: 'Largest message it may receive', sizeHint: 'A size such as 50 MB, or Unlimited: then those of the organization and the connector count.',
  domain: 'Domain', localPart: 'Before the @', nameNeeded: 'Give a name', nameLong: 'At most 64 characters', passwordShort: 'At least {n} characters', failed: 'The list could not be read', gone: 'The recipient could not be read', outsideAddress: 'Address outside', traceTo: 'Trace mail to it', traceFrom: 'Trace mail from it',
  'kind.UserMailbox': 'User mailbox', 'kind.SharedMailbox': 'Shared mailbox', 'kind.RoomMailbox': 'Room', 'kind.EquipmentMailbox': 'Equipment', 'kind.MailUniversalDistributionGroup': 'Distribution group', 'kind.MailUniversalSecurityGroup': 'Mail-enabled security group', 'kind.RoomList': 'Room list', 'kind.MailContact': 'Mail contact', 'kind.MailUser': 'Mail user', 'kind.User': 'User without a mailbox',
});

type Word = Parameters<typeof words>[0];
/** A kind of recipient in words; the server's own if we have none. */
export function kindWord(kind: string): string {
  const key = `kind.${kind}` as Word;
  const word = words(key);
  return word.includes(key) ? kind : word;
}
