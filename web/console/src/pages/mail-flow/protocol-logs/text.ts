// Words of the page Protocol logs.
import { defineText } from '@i18n/t';

export const t = defineText('mail-flow.protocol-logs', {
  title: 'Protocol logs', lead: 'What was said in SMTP conversations, command by command. Only connectors that write a protocol log are in it; credentials and messages are not.', failed: 'The protocol logs could not be read', search: 'Search the protocol logs', empty: 'No line meets the conditions.', refresh: 'Refresh', export: 'Export list',
  connector: 'Connector', direction: 'Direction', Receive: 'Mail coming in', Send: 'Mail going out', remoteIp: 'Other end', remoteIpHint: 'An IP address', text: 'Contains', textHint: 'In a command or a reply', session: 'Session', start: 'From', end: 'To',
  time: 'Time, {zone}', event: 'Event', data: 'Said', number: 'Line', remote: 'Other end', local: 'This end', context: 'Note', more: 'Not everything is shown',
  Connect: 'Connected', Disconnect: 'Closed', sentHere: 'This server said', saidThere: 'The other end said', Information: 'Note', conversation: 'Conversation', lines: { one: '{n} line', other: '{n} lines' }, sessionFailed: 'The session could not be read', whole: 'Only this session', tracking: 'Tracking log of this session', cut: 'The session is longer than what is shown here.',
});
