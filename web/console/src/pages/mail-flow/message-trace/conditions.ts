// The conditions of a search in the words of the person who set them.
import { patternWords } from '@kit/people/words';
import { statusWord } from '@kit/page/Status';
import { parseDuration } from '@kit/time/stops';
import { showTime, zoneName } from '@kit/time/zone';
import { OF_RECIPIENTS, type TraceSearch } from './query';
import { t } from './text';

const HOUR = 3_600_000;
const LABELS = {
  Address: 'ofAddress', Words: 'ofWords', SenderAddress: 'ofSender', RecipientAddress: 'ofRecipient', FromAddress: 'ofFrom', ReturnPath: 'ofReturnPath', NotSenderAddress: 'notSender', NotRecipientAddress: 'notRecipient', NotSubject: 'notSubject', MessageId: 'ofMessageId', MessageTraceId: 'ofTrace', NetworkMessageId: 'ofTrace', InternalMessageId: 'ofInternal',
  Direction: 'ofDirection', FromIP: 'ofFromIp', ToIP: 'ofToIp', Server: 'ofServer', Place: 'ofPlace', ConnectorId: 'ofConnector', TransportRule: 'ofRule', EventId: 'ofEvent', MinimumSize: 'sizeFrom', MaximumSize: 'sizeTo', Tls: 'ofTls', Spf: 'ofSpf', Dkim: 'ofDkim', Dmarc: 'ofDmarc', FinalAction: 'ofAction', Slowest: 'ofSlowest', Query: 'ofQuery',
} as const;
const DIRECTIONS = ['Inbound', 'Outbound', 'Internal', 'Originating', 'Incoming'] as const;

/** A direction in the same words as a condition and in a row; a row knows only whether the message came from inside. */
export function directionWord(direction: string | null | undefined): string | null {
  const known = DIRECTIONS.find((one) => one === direction);
  return known ? t(known) : (direction ?? null);
}

/** `last hour`, `last 2 days`, `last 90 minutes`. */
export function lastWords(last: string): string {
  const ms = parseDuration(last);
  if (ms === null) return last;
  if (ms % (24 * HOUR) === 0) return t('lastDays', { n: ms / (24 * HOUR) });
  return ms % HOUR === 0 ? t('lastHours', { n: ms / HOUR }) : t('lastMinutes', { n: Math.round(ms / 60_000) });
}

/** One condition in words; null for one that is said with another. */
export function inWords(name: string, value: unknown, search: TraceSearch, zone: string): string | null {
  const values = [value].flat().map(String);
  const list = values.map((one) => (name.endsWith('Address') ? patternWords(one) : one)).join(t('or'));
  const time = () => `${showTime(values[0], zone)} ${zoneName(zone, new Date(values[0] ?? ''))}`;
  switch (name) {
    case 'Last': return lastWords(list);
    case 'StartDate': return t('since', { time: time() });
    case 'EndDate': return t('before', { time: time() });
    case 'Status': return values.length === OF_RECIPIENTS.length && OF_RECIPIENTS.every((status) => values.includes(status)) ? t('onlyRecipients') : t('ofStatus', { v: values.map(statusWord).join(t('or')) });
    case 'Direction': return t('ofDirection', { v: directionWord(list) ?? list });
    case 'IncludeRefused': return t('withRefused');
    case 'RefusedOnly': return t('onlyRefused');
    case 'StillExpected': return t('stillExpected');
    case 'SubjectFilterType': return search.Subject ? t('ofHow', { v: t(list as 'Contains') }) : null;
    case 'Subject': return t('ofSubject', { v: list });
    case 'Paste': return t('ofPaste');
    default: {
      const label = LABELS[name as keyof typeof LABELS];
      return label ? t(label, { v: list }) : `${name}: ${list}`;
    }
  }
}

/** Whether only the usual span is searched: no time and no id is named. */
export const isUsualSpan = (search: TraceSearch): boolean => !search.Last && !search.StartDate && !search.EndDate && !search.MessageId && !search.MessageTraceId && !search.NetworkMessageId && !search.InternalMessageId && !search.Paste && !search.Query;

/** The span of a search as a sentence. */
export function spanWords(search: TraceSearch, zone: string): string {
  if (isUsualSpan(search)) return t('searched', { span: t('usualSpan') });
  const parts = (['Last', 'StartDate', 'EndDate'] as const).flatMap((name) => (search[name] ? (inWords(name, search[name], search, zone) ?? []) : []));
  return parts.length > 0 ? t('searched', { span: parts.join(', ') }) : t('searchedAll');
}

/** All conditions of a search in one line. */
export function conditionWords(parameters: object, zone: string): string {
  const said = Object.entries(parameters).flatMap(([name, value]) => inWords(name, value, parameters, zone) ?? []);
  return said.length > 0 ? said.join(', ') : t('usualTag');
}
