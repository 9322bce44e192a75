// Words of Home.
import { defineText } from '@i18n/t';

export const t = defineText('home', {
  title: 'Home', lead: 'The mail flow now. Counts are of recipients; groups do not count.', leadOwn: 'The mail flow now. Counts are of recipients; groups do not count. Only mail that {place} has records of is counted.', leadAll: 'The mail flow now, of all places that are read. Counts are of recipients; groups do not count.', refresh: 'Refresh', failed: 'The mail flow could not be read', reportFailed: 'The report could not be read', trace: 'Trace a message',
  in: 'In', out: 'Out', queued: 'Waiting in queues', failedCount: 'Failed', quarantined: 'Quarantined', delivered: 'Delivered', hour: 'last hour', messagesNow: 'messages, now', day: '{n} in the last day',
  attention: 'What needs attention', allWell: 'Nothing needs attention. Mail flows, and all parts of the server are healthy.', cause: 'Why', remedy: 'What to do', who: 'Who can act', open: 'Look',
  latency: 'Half of the mail of the last hour was delivered within {p50}, 99 of 100 within {p99}', latencyNone: 'No delivery in the last hour', latencyLead: 'From reception to delivery, per five minutes', median: 'p50', p95: 'p95', p99: 'p99', time: 'Time, {zone}',
  byDay: 'What became of the mail of the last seven days', withImports: 'Mail of imported places counts here too; the mail flow now leaves it out.', day_: 'Day', topSenders: 'Who sent most in the last seven days', topRecipients: 'Who received most in the last seven days', sender: 'Sender', recipient: 'Recipient', recipients: 'Recipients', withRefused: 'Attempts that were refused do not count; the list behind a name has them too.',
  Delivered: 'Delivered', Failed: 'Failed', Pending: 'Pending', Quarantined: 'Quarantined', FilteredAsSpam: 'Filtered as spam',
  Queue: 'Queue', Failures: 'Failures', Alert: 'Alert', Health: 'Health', TraceSource: 'Trace source',
});
