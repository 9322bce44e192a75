// Words of the page Tracking log. Fields have the names they have in Exchange, which are not translated.
import { defineText } from '@i18n/t';

export const t = defineText('tracking.tracking-log', {
  title: 'Tracking log', lead: 'Every event that the servers recorded, of all servers at once, under the names of Exchange.',
  failed: 'The tracking log could not be read', search: 'Search the tracking log', empty: 'No event meets the conditions.', emptyHint: 'Without a start the last 48 hours are read; with an id, everything that is kept.',
  start: 'From', end: 'To', recipients: 'Recipients', recipientsHint: 'Several; * for any text', sender: 'Sender', subject: 'Subject contains', eventId: 'Event', source: 'Source', server: 'Server', messageId: 'Message-ID', networkMessageId: 'Network message ID',
  internalMessageId: 'Internal message ID', reference: 'Reference', direction: 'Direction', fromIp: 'Client IP', fromIpHint: 'Several; networks too', connectorId: 'Connector', returnPath: 'Return path', transportRule: 'Transport rule', finalAction: 'Final action of a gateway', tls: 'TLS', tlsHint: 'A version, a cipher, or None',
  Inbound: 'Inbound', Outbound: 'Outbound', Internal: 'Internal',
  refresh: 'Refresh', export: 'Export list', cut: 'Not all events are shown', cutText: '{said}, the oldest first.', showMore: 'Show up to {n}',
  trace: 'Message trace', onlyThis: 'Only events of this message', time: '{field}, {zone}', further: 'For earlier events choose From.',
});
