// Words of the page Gateway search. Fields have the names they have in Smart Search, which are not translated.
import { defineText } from '@i18n/t';

export const t = defineText('tracking.gateway-search', {
  title: 'Gateway search', lead: 'The trace in the words of a mail gateway: what was done in the end, by which module and rule, and where it is held. Mail that no gateway recorded is in the message trace.',
  failed: 'The search could not be done', search: 'Search as in Smart Search', empty: 'No message meets the conditions.', emptyHint: 'Without a start the last 24 hours are searched; set an earlier one.',
  sender: 'Sender', recipient: 'Recipient', addressHint: 'A part: a.b, a.b@, @c.d', subject: 'Subject', subjectHint: 'Words; endings do not count', host: 'Host or IP', action: 'Final action', start: 'Start', end: 'End', qid: 'QID', sid: 'SID', guid: 'GUID', messageId: 'Message ID', limit: 'Most rows',
  accept: 'Accepted', continue: 'Continued', discard: 'Discarded, also quarantined', redirect: 'Redirected', reject: 'Rejected', retry: 'Retried', quarantine: 'Quarantined',
  refresh: 'Refresh', export: 'Export list', time: '{field}, {zone}', cut: 'There may be more', further: 'For earlier messages choose Start.', unfold: 'Details of {subject}', trace: 'Message trace',
  message: 'Message', decision: 'Decision', onward: 'Where it went', none: 'no subject',
});
