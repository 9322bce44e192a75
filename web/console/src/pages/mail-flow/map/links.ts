// Where a place on the map leads: to the events it counts, of the same time and server.
import { resultsPath, toSearch } from '../message-trace/query';
import type { Place, PlaceKind, Way } from './shapes';

/** What was asked of the map. */
export interface Span { start: string; server: string | null }

/** The server whose log the map is drawn from, as it stands on it. */
export const serverOf = (ways: Pick<Way, 'FromKind' | 'From' | 'ToKind' | 'To'>[]): string | null => ways.flatMap((way) => (way.FromKind === 'Server' ? way.From : way.ToKind === 'Server' ? way.To : []))[0] ?? null;

/** What stands for a connector that was not named, and for those beyond a bound. */
const NO_NAMES = ['(not named)', '(others)'];

/** The events a place counts. */
const EVENTS: { [K in PlaceKind]?: string[] } = {
  ReceiveConnector: ['RECEIVE', 'REFUSED'], SendConnector: ['SEND', 'SENDEXTERNAL', 'DEFER', 'FAIL'], Mailboxes: ['DELIVER'], NotDelivered: ['FAIL'], Dropped: ['DROP'],
};
/** What fails without a Send connector fails in one of these; over one it fails by SMTP or DNS. */
const WITHOUT_CONNECTOR = ['ROUTING', 'QUEUE', 'STOREDRIVER', 'ADMIN', 'AGENT'];

/** Its events in the tracking log; null for a place that has no list. */
export function logPath({ kind, name }: Pick<Place, 'kind' | 'name'>, { start, server }: Span): string | null {
  const EventId = EVENTS[kind];
  const isConnector = kind === 'ReceiveConnector' || kind === 'SendConnector';
  if (!EventId || (isConnector && NO_NAMES.includes(name))) return null;
  return `/tracking/tracking-log?${toSearch({ EventId, Start: start, Server: server, ConnectorId: isConnector ? name : undefined, Source: kind === 'NotDelivered' ? WITHOUT_CONNECTOR : undefined })}`;
}

/** The same for whoever may not read the tracking log: the recipients of the messages that have these events. */
export function tracePath({ kind }: Pick<Place, 'kind'>, { start, server }: Span): string | null {
  const ends = kind === 'Mailboxes' || kind === 'NotDelivered' || kind === 'Dropped';
  return ends ? resultsPath({ StartDate: start, Place: server, EventId: EVENTS[kind], Status: [kind === 'Mailboxes' ? 'Delivered' : 'Failed'] }) : null;
}
