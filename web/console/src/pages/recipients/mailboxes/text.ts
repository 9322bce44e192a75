// Words of the page Mailboxes.
import { defineText } from '@i18n/t';

export const t = defineText('recipients.mailboxes', {
  title: 'Mailboxes', lead: 'Mailboxes of people, and those that several people share.', empty: 'No mailbox is like this.',
  add: 'Add a mailbox', delegation: 'Delegation', limits: 'Message size limits', hide: 'Hide from address lists', show: 'Show in address lists', done: { one: 'Done for {n} mailbox.', other: 'Done for {n} mailboxes.' },
  all: 'All mailboxes', user: 'User mailboxes', shared: 'Shared mailboxes', rooms: 'Rooms and equipment', removed: 'Removed, still kept',
  forwards: 'Forwards to', signIn: 'Signs in as', signInAllowed: 'Sign-in', allowed: 'Allowed', blocked: 'Blocked', quota: 'Quota', removedAt: 'Removed, {zone}',
  removeTitle: { one: 'Remove {n} mailbox?', other: 'Remove {n} mailboxes?' }, removeText: 'They take no more mail at once. What they hold is kept for 30 days, then deleted.', removeConfirm: 'Remove',
  restore: 'Bring back', restoreTitle: { one: 'Bring {n} mailbox back?', other: 'Bring {n} mailboxes back?' }, restoreText: 'With what they hold, their settings and those of their addresses that nobody else has by now. Signing in stays forbidden until it is allowed again; groups and rights that named them have forgotten them.',
  hideTitle: { one: 'Hide {n} mailbox from address lists?', other: 'Hide {n} mailboxes from address lists?' }, showTitle: { one: 'Show {n} mailbox in address lists?', other: 'Show {n} mailboxes in address lists?' }, hideText: 'Mail to them still arrives.', showText: 'Everybody inside can find them.',
  limitsTitle: { one: 'Message size limits of {n} mailbox', other: 'Message size limits of {n} mailboxes' }, limitsLead: 'The same for each. The smallest of the limits on a message’s way counts.', apply: 'Apply', cancel: 'Cancel', limitsFailed: 'Not all limits were set',
  setPassword: 'Set a password …',
  general: 'General', addresses: 'Addresses', flow: 'Mail flow settings', delegationTab: 'Delegation', folders: 'Folders', removedNote: 'This mailbox was removed on {time} and is kept until 30 days have passed. Chosen in the list, it can be brought back.',
  signInHint: 'The name to sign in with.', block: 'Sign-in is blocked', blockHint: 'Mail still arrives. A shared mailbox is never signed in to.', copies: 'Copies of what others send', copySentAs: 'Keep what others send as it in its Sent Items', copyBehalf: 'Keep what others send on behalf of it in its Sent Items',
  type: 'Kind of mailbox', typeUser: 'User mailbox', typeShared: 'Shared mailbox', typeOther: 'As it is',
  forwarding: 'Forwarding', forwardingLead: 'Passes on what arrives, to one recipient.', forwardNone: 'Do not forward', forwardInside: 'To somebody in the directory', forwardOutside: 'To any address', forwardTo: 'Forward to', keepCopy: 'Deliver to this mailbox as well', dropped: 'What is forwarded there is dropped', droppedLost: 'The remote domain {name} forbids automatic forwarding, and no copy stays in this mailbox: all mail to it is lost.', droppedKept: 'The remote domain {name} forbids automatic forwarding; only the copy in this mailbox arrives.', droppedContact: 'Mail for {contact} goes to {address}, outside.', droppedOpen: 'Remote domains', forwardNeeded: 'Say where to forward to',
  quotas: 'Mailbox size', quotaDefault: 'Use the organization’s quotas', warn: 'Warn from', noSend: 'No sending from', noReceive: 'No sending and receiving from', recipients: 'Most recipients of one message', recipientsHint: 'A number, or Unlimited: then the organization’s limit counts.',
  folder: 'Folder', items: 'Items', unread: 'Unread', size: 'Size', newest: 'Newest, {zone}', noFolders: 'Nothing was ever delivered here, so there are no folders yet.', total: 'All folders', foldersFailed: 'The folders could not be read',
});
