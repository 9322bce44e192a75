// Words of the delegation of mailboxes.
import { defineText } from '@i18n/t';

export const d = defineText('recipients.delegation', {
  title: { one: 'Delegation of {n} mailbox', other: 'Delegation of {n} mailboxes' }, FullAccess: 'Read and manage (Full Access)', SendAs: 'Send as', OnBehalf: 'Send on behalf',
  FullAccessLead: 'Opens the whole mailbox. It does not let anybody send as it.', SendAsLead: 'The message looks as if the mailbox itself had sent it. Where somebody has both, Send as counts.', OnBehalfLead: 'The message shows both names: from the delegate, on behalf of the mailbox.',
  nobody: 'Nobody yet.', on: 'on {n} of {of}', add: 'Add people', addNow: 'Add', adding: 'Adding', take: 'Take it from {who}', removeTitle: 'Take it from {who}?', removeConfirm: 'Take away',
  removeText: { one: 'The right on {n} mailbox ends at once.', other: 'The right on {n} mailboxes ends at once.' }, failed: 'It was not granted', read: 'The delegates could not be read', added: { one: 'Granted to {n} person.', other: 'Granted to {n} people.' },
});
