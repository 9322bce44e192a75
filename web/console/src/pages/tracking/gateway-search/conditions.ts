// What the gateway's records can be searched by: the parameters of Get-GatewayTrace, as Smart Search lays them out.
import type { SearchField } from '@kit/search/fields';
import { t } from './text';

const ACTIONS = ['accept', 'continue', 'discard', 'quarantine', 'redirect', 'reject', 'retry'] as const;

export const fields: SearchField[] = [
  { name: 'Sender', label: t('sender'), kind: 'text', hint: t('addressHint') },
  { name: 'Recipient', label: t('recipient'), kind: 'text' },
  { name: 'Subject', label: t('subject'), kind: 'text', hint: t('subjectHint') },
  { name: 'FinalAction', label: t('action'), kind: 'choice', choices: ACTIONS.map((value) => ({ value, label: t(value) })) },
  { name: 'StartDate', label: t('start'), kind: 'time' },
  { name: 'EndDate', label: t('end'), kind: 'time', notBefore: 'StartDate' },
  { name: 'HostOrIP', label: t('host'), kind: 'text', more: true },
  { name: 'MessageId', label: t('messageId'), kind: 'text', more: true },
  { name: 'QID', label: t('qid'), kind: 'text', more: true },
  { name: 'SID', label: t('sid'), kind: 'text', more: true },
  { name: 'GUID', label: t('guid'), kind: 'text', more: true },
  { name: 'Limit', label: t('limit'), kind: 'number', more: true },
];
