// Words of the page Queues.
import { defineText } from '@i18n/t';

export const t = defineText('mail-flow.queues', {
  title: 'Queues', lead: 'Messages on their way, by where they go next. Lists are read anew every few seconds; what you selected stays selected.',
  trail: 'Mail flow', failed: 'The queues could not be read', empty: 'No queues.',
  refresh: 'Refresh', retry: 'Retry', retryAnew: 'Resolve and route anew', suspend: 'Suspend', resume: 'Resume', removeAll: 'Remove messages …', export: 'Export list', hideEmpty: 'Only with messages', heat: 'What waited where', heatNone: 'Nothing waited in the last day', heatLead: 'Recipients in each queue at the end of each hour of the last day, {zone}, counted from the trace.', heatFailed: 'The history of the queues could not be read',
  nextHop: 'Next hop', deliveryType: 'Delivery type', status: 'Status', messages: 'Messages', deferred: 'Deferred', velocity: 'Velocity', incoming: 'In per s', outgoing: 'Out per s', lastError: 'Last error', lastRetry: 'Last retry, {zone}', nextRetry: 'Next retry, {zone}', retries: 'Retries', identity: 'Identity', connector: 'Send connector', category: 'Category', firstRetry: 'First retry, {zone}',
  about: 'About', inside: 'Messages inside', cause: 'Why it waits', fix: 'What to do', who: 'Who can act', rateNote: 'Messages per second, an average of the last minutes. Velocity is out less in: below zero the queue grows.',
  sender: 'Sender', subject: 'Subject', received: 'Received, {zone}', expires: 'Expires, {zone}', size: 'Size', attempts: 'Attempts', recipients: 'Recipients', messageTrace: 'Message trace',
  suspendMessage: 'Suspend', resumeMessage: 'Resume', removeMessage: 'Remove …', noMessages: 'Nothing waits in this queue.', noMatch: 'No message in this queue has these words.', filterMessages: 'Filter by sender, subject or recipient', forMessages: 'For the selected messages',
  removeTitle: { one: 'Remove {n} message?', other: 'Remove {n} messages?' }, removeText: 'They leave the queue and reach nobody. The trace keeps that you removed them.', removeConfirm: 'Remove', without: 'Without NDR', withoutHint: 'The senders are not told. Right for bulk and junk, where reports would go to forged addresses.', with: 'With NDR', withHint: 'Each sender gets a non-delivery report.',
  suspendTitle: 'Suspend {n} of the queues?', suspendText: 'Their messages wait until the queue is resumed; new ones are taken. Messages that expire meanwhile are returned to their senders.',
  goneTitle: 'There is no queue {identity} now', goneText: 'A queue ends soon after its last message left, and gets another number when the server starts again. What waits now is in the list; what became of a message is in the message trace.', goneClose: 'Close',
  done: 'Done: {what}', actFailed: 'Not everything was done', wait: 'oldest expires {time}',
});
