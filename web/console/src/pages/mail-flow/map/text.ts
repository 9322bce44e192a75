// Words of the page Map.
import { defineText } from '@i18n/t';

export const t = defineText('mail-flow.map', {
  title: 'Map', lead: 'The ways mail took through this server, drawn from its tracking log. Wide lines carried much; red ones are where mail was refused or failed.', failed: 'The map could not be drawn', refresh: 'Refresh', span: 'Time', 'h1': 'Last hour', 'h24': 'Last 24 hours', 'd7': 'Last 7 days',
  picture: { one: '{n} message came in', other: '{n} messages came in' }, none: 'No mail in this time.', more: { one: '{n} more place is in the table only.', other: '{n} more places are in the table only.' }, places: 'Places mail passed',
  from: 'From', to: 'To', messages: 'Messages', recipients: 'Recipients', failedCount: 'Failed', deferred: 'Deferred', last: 'Last, {zone}', counted: { one: '{n} message', other: '{n} messages' }, failedShort: '{n} failed', deferredShort: '{n} deferred', carried: 'Carried', refused: 'Refused or failed', waits: 'Put off',
  Clients: 'Senders', ReceiveConnector: 'Receive connector', Server: 'Server', SendConnector: 'Send connector', NextHop: 'Next hop', Mailboxes: 'Mailboxes', NotDelivered: 'Not delivered',
});
