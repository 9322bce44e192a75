// Words of the page Audit log.
import { defineText } from '@i18n/t';

export const t = defineText('roles.audit-log', {
  title: 'Audit log', lead: 'Who changed what, before and after, and who looked up whose mail. Every cmdlet that changes something is here, and every look-up.', failed: 'The audit log could not be read', empty: 'Nothing was recorded in this time.', more: 'The newest {n} of {of} are shown. Choose a shorter time, or a person, to see others.',
  refresh: 'Refresh', export: 'Export list', what: 'What', changes: 'Changes', lookUps: 'Look-ups of mail', all: 'Changes and look-ups', since: 'Since', hours: { one: 'last {n} hour', other: 'last {n} hours' }, days: { one: 'last {n} day', other: 'last {n} days' }, ever: 'everything kept',
  who: 'Who', whoHint: 'Administrator or address', object: 'Object or address', cmdletHint: 'Cmdlet, such as Set-Mailbox',
  time: 'Time, {zone}', caller: 'Who', cmdlet: 'Cmdlet', objectModified: 'Object', result: 'Result', succeeded: 'Done', failedResult: 'Failed', interface: 'Through', rows: 'Rows shown', lookedUp: 'Whose mail', error: 'Error', parameters: 'Parameters', identity: 'Record', guid: 'Object’s GUID',
  change: 'Before and after', property: 'Property', before: 'Before', after: 'After', noChange: 'This changed nothing.', noObject: 'No object whose before and after could be shown: what it did is in the command.', none: 'none', again: 'The command', lookUpNote: 'A look-up: it shows mail and changes nothing.',
});
