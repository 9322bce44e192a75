// A search as the address holds it: the parameters of Get-MessageTrace under their own names.
import type { Parameters } from '@api/client';
import { partPattern } from '@kit/people/parse';
import { duration, STOPS } from '@kit/time/stops';
import { instantOf, wallClock } from '@kit/time/zone';

export type TraceParameters = Parameters<'Get-MessageTrace'>;
type Kind<V> = V extends readonly unknown[] ? 'list' : V extends boolean ? 'flag' : V extends number ? 'number' : 'text';

/** A search of the console: `Address` asks for the mail of somebody, sent and received; `Words` for what has them in an address or in its subject. */
export type TraceSearch = TraceParameters & { Address?: string[]; Words?: string };

/** How each is written in the address; the server's own types say which of them are lists. */
const KINDS: { [K in keyof TraceSearch]?: Kind<NonNullable<TraceSearch[K]>> } = {
  Address: 'list', Words: 'text', SenderAddress: 'list', RecipientAddress: 'list', FromAddress: 'list', ReturnPath: 'list', NotSenderAddress: 'list', NotRecipientAddress: 'list', Subject: 'text', SubjectFilterType: 'text', NotSubject: 'text', MessageId: 'list', MessageTraceId: 'text', NetworkMessageId: 'text',
  InternalMessageId: 'number', Status: 'list', Direction: 'text', FromIP: 'list', ToIP: 'list', Server: 'list', Place: 'list', ConnectorId: 'list', TransportRule: 'list', EventId: 'list', MinimumSize: 'text', MaximumSize: 'text', Tls: 'list', Spf: 'list', Dkim: 'list', Dmarc: 'list', FinalAction: 'list',
  IncludeRefused: 'flag', RefusedOnly: 'flag', StillExpected: 'flag', Slowest: 'number', Last: 'text', StartDate: 'text', EndDate: 'text', Query: 'text', Paste: 'text',
};

/** Unknown names are left alone: the address holds other things too. */
export function fromSearch(search: URLSearchParams): TraceSearch {
  const found: Record<string, unknown> = {};
  for (const [name, kind] of Object.entries(KINDS)) {
    const values = search.getAll(name);
    const first = values[0];
    if (first === undefined || first === '') continue;
    if (kind === 'list') found[name] = values;
    else if (kind === 'number') {
      if (/^\d+$/.test(first)) found[name] = Number(first);
    } else found[name] = kind === 'flag' ? first === 'true' : first;
  }
  return found as TraceSearch;
}

/** `ann` anywhere in an address; with an @ at one end, where that stands. */
const personPattern = (words: string): string => (words.endsWith('@') ? `${words}*` : (partPattern(words) ?? `*${words}*`));

/** What the cmdlet is asked: two questions where somebody's mail is meant, sent and received, and three for words. */
export function questions(search: TraceSearch): TraceParameters[] {
  const { Address, Words, ...rest } = search;
  if (Words) return [{ ...rest, RecipientAddress: [personPattern(Words)] }, { ...rest, SenderAddress: [personPattern(Words)] }, { ...rest, Subject: Words }];
  if (!Address?.length) return [rest];
  return [{ ...rest, RecipientAddress: Address }, { ...rest, SenderAddress: Address }];
}

/** Of what search each question is a part, and by which parameter, as the server is told: it keeps the search, and not its parts. */
export function partsOf(search: TraceSearch): string[] {
  const whole = search.Words ? 'Words' : search.Address?.length ? 'Address' : null;
  return whole ? ['RecipientAddress', 'SenderAddress', ...(search.Words ? ['Subject'] : [])].map((asked) => `${whole} ${asked}`) : [];
}

export function toSearch(parameters: object): URLSearchParams {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined || value === null || value === '') continue;
    for (const one of [value].flat()) search.append(name, String(one));
  }
  return search;
}

/** Statuses that stand for one recipient each; groups and addresses that were replaced have rows too. */
export const OF_RECIPIENTS = ['GettingStatus', 'Pending', 'Delivered', 'Failed', 'Quarantined', 'FilteredAsSpam', 'Recalled'] as const;

export const resultsPath = (parameters: object): string => `/mail-flow/message-trace/results?${toSearch(parameters)}`;

export interface TraceForm {
  /** Whose mail is meant, sent and received. */
  people: string[];
  senders: string[];
  recipients: string[];
  rangeKind: 'custom' | 'slider';
  slider: { from: number; to: number };
  zone: string;
  start: string;
  end: string;
  subject: string;
  subjectHow: 'Contains' | 'StartsWith' | 'EndsWith' | 'Equals';
  status: string[];
  messageId: string;
  networkId: string;
  direction: string;
  clientIp: string;
  refused: boolean;
  report: 'show' | 'EnhancedSummary' | 'Extended';
  title: string;
  notify: string[];
  /** Conditions the form has no field for. */
  kept: TraceSearch;
}

/** Conditions the form has a field for; a pasted text is no condition. */
const IN_FORM = ['Address', 'SenderAddress', 'RecipientAddress', 'Subject', 'SubjectFilterType', 'Status', 'MessageId', 'MessageTraceId', 'NetworkMessageId', 'Direction', 'FromIP', 'IncludeRefused', 'Last', 'StartDate', 'EndDate', 'Paste'];
/** Directions the form can choose; the tracking log's own words stay as they are. */
export const DIRECTIONS = ['All', 'Inbound', 'Outbound', 'Internal'] as const;
/** What is no condition on rows: neither a saved search nor a report takes it. */
const ONLY_SHOWN = ['Slowest', 'Query'];

/** What the form keeps as it is. */
export function keptOf(search: TraceSearch): TraceSearch {
  const isDirection = DIRECTIONS.some((known) => known === search.Direction);
  return Object.fromEntries(Object.entries(search).filter(([name]) => (name === 'Direction' ? !isDirection : name in KINDS && !IN_FORM.includes(name))));
}

/** The search without what only a list of rows can be asked. */
export const lasting = (search: TraceSearch): TraceParameters => Object.fromEntries(Object.entries(search).filter(([name]) => !ONLY_SHOWN.includes(name) && name !== 'Address' && name !== 'Words'));

const HOUR = 3_600_000;
const TWO_DAYS = STOPS.indexOf(48);

export function emptyForm(zone: string, now: Date): TraceForm {
  return {
    people: [], senders: [], recipients: [], rangeKind: 'slider', slider: { from: TWO_DAYS, to: 0 }, zone, start: wallClock(new Date(now.getTime() - 48 * HOUR), zone), end: wallClock(new Date(now.getTime() + 60_000), zone), subject: '', subjectHow: 'Contains',
    status: [], messageId: '', networkId: '', direction: 'All', clientIp: '', refused: false, report: 'show', title: '', notify: [], kept: {},
  };
}

/** The form as parameters. A slider that ends now gives a range that moves with the clock; anything else a fixed one. */
export function fromForm(form: TraceForm, now: Date): TraceSearch {
  const found: Record<string, unknown> = {
    ...form.kept, Address: form.people, SenderAddress: form.senders, RecipientAddress: form.recipients, Subject: form.subject, SubjectFilterType: form.subject && form.subjectHow !== 'Contains' ? form.subjectHow : undefined, Status: form.status,
    MessageId: form.messageId.trim() ? form.messageId.trim().split(/[\s,;]+/) : undefined, NetworkMessageId: form.networkId.trim(), Direction: form.direction === 'All' ? form.kept.Direction : form.direction, FromIP: form.clientIp.trim() ? form.clientIp.trim().split(/[\s,;]+/) : undefined, IncludeRefused: form.refused || undefined,
  };
  const ago = (stop: number) => (STOPS[stop] ?? 0) * HOUR;
  if (form.rangeKind === 'custom') {
    found.StartDate = instantOf(form.start, form.zone).toISOString();
    found.EndDate = instantOf(form.end, form.zone).toISOString();
  } else if (form.slider.to === 0) found.Last = duration(ago(form.slider.from));
  else {
    found.StartDate = new Date(now.getTime() - ago(form.slider.from)).toISOString();
    found.EndDate = new Date(now.getTime() - ago(form.slider.to)).toISOString();
  }
  return Object.fromEntries(Object.entries(found).filter(([, v]) => v !== undefined && v !== '' && !(Array.isArray(v) && v.length === 0))) as TraceSearch;
}

/** What only a report or a server's reply says, wherever in the line it stands: some programs copy a whole report as one line. */
const REPORTED = /\b[245]\d\d[ -]#?[245]\.\d{1,3}\.\d{1,3}\b|\bremote server (?:returned|replied|said)\b|\bInternalId=\d|\b(?:Final-Recipient|Original-Recipient|Diagnostic-Code|Reporting-MTA|Message-ID):\s*\S/i;

const BRACKETED = /<[^<>\s@]+@[^<>\s@]+>/;
/** One word, such as a name or its beginning: it may stand in an address as well as in a subject. */
const WORD = /^(?:@?[^\s@*<>"'();,:\\]+|[^\s@*<>"'();,:\\]+@)$/;

/** What the search box was given: an address asks for its mail, an id or a report is for the server to read, a word is searched in addresses and subjects, the rest is a subject. */
export function readFind(text: string): { parameters: TraceSearch } | { paste: string } {
  const given = text.trim();
  const address = /^(\*?[^\s@<>:;,]*@[^\s@<>:;,]+)$/.test(given);
  // A Message-ID without brackets looks like an address: where no mail has that address the list looks for such an id.
  if (address) return { parameters: { Address: [given] } };
  if (REPORTED.test(given)) return { paste: given };
  const id = /\n|^[0-9a-f]{8}-[0-9a-f]{4}-|^[0-9A-F]{8,}\b|^\d{3}[ -]|^[A-Za-z-]+:\s|^\d+$|^[A-Za-z0-9]{6,}$|^[A-Za-z0-9]{6}-[A-Za-z0-9]+-/;
  // What stands in brackets and has no @ is no id: subjects have such numbers.
  if (BRACKETED.test(given) || (id.test(given) && (/\d/.test(given) || given.includes('\n')))) return { paste: given };
  return { parameters: WORD.test(given) ? { Words: given } : { Subject: given } };
}

/** The same for whoever may trace only mail of their own: reports are not read for them, but the Message-ID in them is. */
export function readOwnFind(text: string): TraceSearch {
  const read = readFind(text);
  if ('parameters' in read) return read.parameters.Words ? { Subject: read.parameters.Words } : read.parameters;
  const guid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i.exec(read.paste);
  if (guid?.[0] === read.paste) return { MessageTraceId: guid[0] };
  const header = /^message-id:\s*(<[^<>\s]+>)/im.exec(read.paste) ?? /(<[^<>\s]+@[^<>\s]+>)/.exec(read.paste);
  return header?.[1] ? { MessageId: [header[1]] } : { Subject: read.paste };
}
