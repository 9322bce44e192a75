// What the tracking log can be searched by: the parameters of Get-MessageTrackingLog.
import type { SearchField } from '@kit/search/fields';
import { t } from './text';

// Those that mail takes here and in Exchange, in the order a message meets them.
const EVENTS = [
  'RECEIVE', 'HARECEIVE', 'SUBMIT', 'RESOLVE', 'REDIRECT', 'EXPAND', 'TRANSFER', 'AGENTINFO', 'QUEUED', 'DEFER', 'SEND', 'SENDEXTERNAL', 'DELIVER', 'DUPLICATEDELIVER', 'DELIVERFAIL', 'FAIL', 'DROP', 'DSN', 'BADMAIL', 'POISONMESSAGE', 'REFUSED', 'QUARANTINE', 'RELEASE', 'RECALL',
  'RESUBMIT', 'DUPLICATEEXPAND', 'DUPLICATEREDIRECT', 'HADISCARD', 'HAREDIRECT', 'HAREDIRECTFAIL', 'INITMESSAGECREATED', 'LOAD', 'MODERATIONEXPIRE', 'MODERATORAPPROVE', 'MODERATORREJECT', 'MODERATORSALLNDR', 'NOTIFYMAPI', 'NOTIFYSHADOW', 'PROCESS', 'PROCESSMEETINGMESSAGE', 'RESUBMITDEFER',
  'RESUBMITFAIL', 'SUBMITDEFER', 'SUBMITFAIL', 'SUPPRESSED', 'THROTTLE',
];
const SOURCES = ['SMTP', 'STOREDRIVER', 'ROUTING', 'QUEUE', 'DSN', 'AGENT', 'MAILBOXRULE', 'GATEWAY', 'ADMIN', 'APPROVAL', 'BOOTLOADER', 'DNS', 'MEETINGMESSAGEPROCESSOR', 'ORAR', 'PICKUP', 'POISONMESSAGE', 'PUBLICFOLDER', 'REDUNDANCY', 'RESUBMITREQUEST', 'SAFETYNET'];
const plain = (values: string[]) => values.map((value) => ({ value, label: value }));

export const fields: SearchField[] = [
  { name: 'Recipients', label: t('recipients'), kind: 'list', hint: t('recipientsHint') },
  { name: 'Sender', label: t('sender'), kind: 'list' },
  { name: 'MessageSubject', label: t('subject'), kind: 'text' },
  { name: 'EventId', label: t('eventId'), kind: 'choices', choices: plain(EVENTS) },
  { name: 'Start', label: t('start'), kind: 'time' },
  { name: 'End', label: t('end'), kind: 'time', notBefore: 'Start' },
  { name: 'Source', label: t('source'), kind: 'choices', choices: plain(SOURCES), more: true },
  { name: 'Server', label: t('server'), kind: 'text', more: true },
  { name: 'MessageId', label: t('messageId'), kind: 'text', more: true },
  { name: 'NetworkMessageId', label: t('networkMessageId'), kind: 'text', more: true },
  { name: 'InternalMessageId', label: t('internalMessageId'), kind: 'number', more: true },
  { name: 'Reference', label: t('reference'), kind: 'text', more: true },
  { name: 'ReturnPath', label: t('returnPath'), kind: 'list', more: true },
  { name: 'FromIP', label: t('fromIp'), kind: 'list', hint: t('fromIpHint'), more: true },
  { name: 'ConnectorId', label: t('connectorId'), kind: 'text', more: true },
  { name: 'Direction', label: t('direction'), kind: 'choice', choices: (['Inbound', 'Outbound', 'Internal'] as const).map((value) => ({ value, label: t(value) })), more: true },
  { name: 'TransportRule', label: t('transportRule'), kind: 'text', more: true },
  { name: 'FinalAction', label: t('finalAction'), kind: 'list', more: true },
  { name: 'Tls', label: t('tls'), kind: 'list', hint: t('tlsHint'), more: true },
];
