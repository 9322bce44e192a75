// Words of the page Alerts.
import { defineText } from '@i18n/t';

export const t = defineText('tracking.alerts', {
  title: 'Alerts', lead: 'Saved searches that are run every minute. When one finds as many rows as its threshold, people are told, once, and again only after it has found fewer.',
  failed: 'The alerts could not be read', empty: 'Nothing is watched.', emptyHint: 'Add an alert on a saved search, such as mail that failed in the last day.', refresh: 'Refresh', add: 'Add an alert', enable: 'Watch', disable: 'Stop watching', remove: 'Remove', export: 'Export list', nowEnabled: { one: 'The alert watches its search again.', other: '{n} alerts watch their searches again.' }, nowDisabled: { one: 'The alert does not watch any more.', other: '{n} alerts do not watch any more.' }, removed: { one: 'The alert is removed.', other: '{n} alerts are removed.' }, changeFailed: 'It could not be changed',
  name: 'Name', nameHint: 'That of the search if left empty', query: 'Saved search', threshold: 'Threshold', thresholdHint: 'Rows the search must find', state: 'State', raisedSince: 'Last raised, {zone}', notify: 'Mail to', webhook: 'Webhook', webhookHint: 'An address that gets the alert as JSON', enabled: 'Watch this search',
  raised: 'Raised', quiet: 'Quiet', off: 'Not watched', raisedTitle: 'It finds as many rows as the threshold', raisedText: 'Since {time}. It tells again only after it has found fewer.', results: 'What it finds now', tabState: 'State', tabSettings: 'Settings',
  stepWhat: 'What is watched', stepWhatLead: 'A search saved in the message trace, and how many rows are too many.', stepWhom: 'Who is told', stepWhomLead: 'Once each time the threshold is reached, by mail, by webhook, or both.', finish: 'Add the alert', made: '{name} is watched now.', needed: 'This is needed.', number: 'A whole number, 1 or more.', tell: 'Give an address or a webhook: somebody must be told.', url: 'An address beginning with https:// or http://.',
  removeTitle: { one: 'Remove {n} alert?', other: 'Remove {n} alerts?' }, removeText: 'Its search is not watched any more. The search stays.', onlyRaised: 'Only raised',
});
