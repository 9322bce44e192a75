// Words of the page Role groups.
import { defineText } from '@i18n/t';

export const t = defineText('roles.role-groups', {
  title: 'Role groups', lead: 'Who may do what here. Members of a group may run the cmdlets of its roles, in the whole organization or for some domains only.', failed: 'The role groups could not be read', empty: 'No role groups.', gone: 'The role group could not be read',
  name: 'Name', description: 'Description', roles: 'Roles', members: 'Members', scope: 'Domains', everywhere: 'Whole organization', builtIn: 'Built in', own: 'Own', kind: 'Kind', managedBy: 'Managed by', created: 'Created, {zone}', refresh: 'Refresh', export: 'Export list', remove: 'Remove …',
  add: 'Add a role group', finish: 'Add the role group', made: 'The role group {name} was made.', basics: 'Basics', basicsLead: 'What the group is called, and what it is for.', rolesLead: 'What its members may do.', scopeLead: 'Choose domains to let the roles hold for their recipients and their mail only. None means the whole organization.', membersLead: 'Who gets these rights. More can be added at any time.', roleNeeded: 'Choose at least one role', nameNeeded: 'Give a name', nameLong: 'At most 64 characters', nobody: 'Nobody',
  general: 'General', membersTab: 'Members', rolesTab: 'Roles', builtInNote: 'Name, roles and domains of a built-in group are fixed. Its description and members can be changed.', cmdlets: { one: '{n} cmdlet', other: '{n} cmdlets' },
  addMember: 'Add a member', addNow: 'Add', adding: 'Adding', addFailed: 'The member was not added', take: 'Take {who} out of the group', takeTitle: 'Take {who} out of {group}?', takeText: 'The rights end with the next call.', takeConfirm: 'Take out', noMembers: 'Nobody is in this group.', membersFailed: 'The members could not be read', withoutMailbox: 'User without a mailbox',
  removeTitle: 'Remove the role group {name}?', removeText: 'Its members lose its roles at once; they themselves stay.', removeConfirm: 'Remove', done: 'The role group {name} is removed.',
});
