// Words of the page Users.
import { defineText } from '@i18n/t';

export const t = defineText('recipients.users', {
  title: 'Users', lead: 'People who sign in to administer and have no mailbox here. What they may do comes from their role groups; the account of a mailbox is at the mailbox.', failed: 'The users could not be read', gone: 'The user could not be read', empty: 'No user is like this.', search: 'Search by name or role group', refresh: 'Refresh', export: 'Export list', remove: 'Remove …',
  name: 'Signs in as', signIn: 'Sign-in', allowed: 'Allowed', blocked: 'Blocked', groups: 'Role groups', created: 'Created, {zone}', passwordSet: 'Password set, {zone}', guid: 'GUID', none: 'None',
  add: 'Add a user', finish: 'Add the user', made: '{name} may sign in now. Without a role group there is nothing they may do.', madeIn: '{name} may sign in now.', account: 'Account', accountLead: 'Somebody with a mailbox needs no second user.', nameHint: 'The name to sign in with, such as kim.admin.', password: 'Password', passwordHint: 'At least {n} characters. Tell it to the person in another way than by mail.', rights: 'Role groups', rightsLead: 'What they may do. This can be changed at any time.',
  general: 'General', groupsTab: 'Role groups', block: 'Sign-in is blocked', blockHint: 'They keep their role groups, and cannot use them.', setPassword: 'Set a password …', nameNeeded: 'Give a name', nameLong: 'At most 64 characters',
  inNone: 'In no role group: there is nothing they may do.', addTo: 'Add to a role group', addNow: 'Add', adding: 'Adding', addFailed: 'They were not added', take: 'Take out of {group}', takeTitle: 'Take {who} out of {group}?', takeText: 'The rights end with the next call.', takeConfirm: 'Take out', choose: 'Choose a role group',
  removeTitle: { one: 'Remove {n} user?', other: 'Remove {n} users?' }, removeText: 'They can no longer sign in and leave every role group. What they did stays in the audit log.', removeConfirm: 'Remove', done: { one: 'Done for {n} user.', other: 'Done for {n} users.' },
});
