// Words of the page Map.
import { defineText } from '@i18n/t';

export const t = defineText('mail-flow.map', {
  title: 'Map', lead: 'The ways mail took through this server, drawn from its tracking log. Wide lines carried much; red ones are where mail was refused, failed or was dropped.', failed: 'The map could not be drawn', refresh: 'Refresh', span: 'Time', 'h1': 'Last hour', 'h24': 'Last 24 hours', 'd7': 'Last 7 days',
  picture: { one: '{n} message came in or was made here', other: '{n} messages came in or were made here' }, none: 'No mail in this time.', more: { one: '{n} more place is in the table only.', other: '{n} more places are in the table only.' }, places: 'Places mail passed',
  from: 'From', to: 'To', messages: 'Messages', recipients: 'Recipients', failedCount: 'Failed', deferred: 'Deferred', last: 'Last, {zone}', counted: { one: '{n} message', other: '{n} messages' }, failedShort: '{n} failed', droppedShort: '{n} dropped', deferredShort: '{n} deferred', carried: 'Carried', refused: 'Refused, failed or dropped', waits: 'Put off',
  Clients: 'Senders', ReceiveConnector: 'Receive connector', Server: 'Server', SendConnector: 'Send connector', NextHop: 'Next hop', Mailboxes: 'Mailboxes', NotDelivered: 'Failed in this server', Dropped: 'Nobody was told',
  countsLog: 'A place counts messages, each once, and every refused attempt; Home counts recipients. The log behind a place lists the events of these messages in the same time, one for each attempt and each group of recipients; behind a Send connector also what other connectors did with the same messages.', countsTrace: 'A place counts messages, each once, and every refused attempt; Home counts recipients. The trace behind a place lists recipients of messages that were received in the same time.',
  countsEnds: 'Not delivered is what failed without a Send connector, such as mail to an unknown recipient or mail that waited too long. Dropped silently is what ended without a report to its sender, such as forwarding that is forbidden.',
});
