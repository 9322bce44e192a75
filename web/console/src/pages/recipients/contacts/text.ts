// Words of the page Contacts.
import { defineText } from '@i18n/t';

export const t = defineText('recipients.contacts', {
  title: 'Contacts', lead: 'People outside who stand in the address list. A mail user also has an account here.', empty: 'No contact is like this.', add: 'Add a contact', finish: 'Add', made: '{name} was added.', done: { one: 'Done for {n} contact.', other: 'Done for {n} contacts.' },
  all: 'Contacts and mail users', contacts: 'Mail contacts', users: 'Mail users', kind: 'Kind', kindLead: 'Whether they sign in here.', contact: 'Mail contact', contactHint: 'A name and an address outside, nothing more.', user: 'Mail user', userHint: 'Has an account here, and the mailbox outside.',
  basics: 'Basics', basicsLead: 'The name people see, and where the mail goes.', external: 'Address outside', externalHint: 'Where mail to them is sent.', password: 'Password', passwordHint: 'At least {n} characters. For signing in here.',
  removeTitle: { one: 'Remove {n} entry?', other: 'Remove {n} entries?' }, removeText: 'Groups and forwards that name them forget them. Their mailboxes outside are not touched.', removeConfirm: 'Remove', general: 'General', addresses: 'Addresses', flow: 'Mail flow settings',
});
