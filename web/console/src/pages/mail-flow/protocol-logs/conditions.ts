// What the protocol logs can be searched by: the parameters of Get-ProtocolLog.
import type { SearchField } from '@kit/search/fields';
import { t } from './text';

export const fields: SearchField[] = [
  { name: 'Connector', label: t('connector'), kind: 'text' },
  { name: 'Direction', label: t('direction'), kind: 'choice', choices: (['Receive', 'Send'] as const).map((value) => ({ value, label: t(value) })) },
  { name: 'RemoteIP', label: t('remoteIp'), kind: 'text', hint: t('remoteIpHint') },
  { name: 'Text', label: t('text'), kind: 'text', hint: t('textHint') },
  { name: 'Start', label: t('start'), kind: 'time' },
  { name: 'End', label: t('end'), kind: 'time', notBefore: 'Start' },
  { name: 'SessionId', label: t('session'), kind: 'text', more: true },
];
