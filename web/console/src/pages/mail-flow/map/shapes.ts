// What the page reads of a way, and where everything stands on the map.
export type PlaceKind = 'Clients' | 'ReceiveConnector' | 'Server' | 'SendConnector' | 'NextHop' | 'Mailboxes' | 'NotDelivered' | 'Dropped';
export interface Way { FromKind: PlaceKind; From: string; ToKind: PlaceKind; To: string; Messages: number; Recipients: number; Failed: number; Deferred: number; LastEvent: string }

/** A place: what came into it, or went out of it where nothing comes in. */
export interface Place { key: string; kind: PlaceKind; name: string; messages: number; failed: number; deferred: number; column: number; top: number }
export interface Drawn { way: Way; from: Place; to: Place }
export interface Layout { places: Place[]; ways: Drawn[]; height: number; columns: number; left: number }

export const PLACE_HEIGHT = 74;
const GAP = 18;
const COLUMN: Record<PlaceKind, number> = { Clients: 0, ReceiveConnector: 1, Server: 2, SendConnector: 3, Mailboxes: 3, NotDelivered: 3, Dropped: 3, NextHop: 4 };
/** Places of one column that are drawn; the table has all. */
export const PLACES_MAX = 12;

const key = (kind: PlaceKind, name: string) => `${kind} ${name}`;
const busy = (place: Place) => place.messages + place.failed + place.deferred;

function placesOf(ways: Way[]): Map<string, Place> {
  const places = new Map<string, Place>();
  const at = (kind: PlaceKind, name: string): Place => {
    const found = places.get(key(kind, name)) ?? { key: key(kind, name), kind, name, messages: 0, failed: 0, deferred: 0, column: COLUMN[kind], top: 0 };
    places.set(found.key, found);
    return found;
  };
  const straight = new Set(ways.filter((way) => way.FromKind === 'Clients' && way.ToKind === 'Server').map((way) => key(way.FromKind, way.From)));
  const isReached = new Set(ways.map((way) => key(way.ToKind, way.To)));
  for (const way of ways) {
    const from = at(way.FromKind, way.From);
    for (const place of isReached.has(from.key) ? [at(way.ToKind, way.To)] : [from, at(way.ToKind, way.To)]) {
      place.messages += way.Messages;
      place.failed += way.Failed;
      place.deferred += way.Deferred;
    }
  }
  // Who hands mail to the server itself stands beside the connectors, so that no line runs behind them.
  for (const place of places.values()) if (straight.has(place.key)) place.column = COLUMN.ReceiveConnector;
  return places;
}

/** Columns from left to right in the order mail takes, each centred, the busiest places first. */
export function layout(ways: Way[]): Layout {
  const places = placesOf(ways);
  const columns = new Map<number, Place[]>();
  for (const place of places.values()) columns.set(place.column, [...(columns.get(place.column) ?? []), place]);
  let left = 0;
  for (const [column, all] of columns) {
    const sorted = [...all].sort((a, b) => busy(b) - busy(a) || a.name.localeCompare(b.name));
    left += Math.max(0, sorted.length - PLACES_MAX);
    for (const gone of sorted.slice(PLACES_MAX)) places.delete(gone.key);
    columns.set(column, sorted.slice(0, PLACES_MAX));
  }
  const tall = (n: number) => n * PLACE_HEIGHT + Math.max(0, n - 1) * GAP;
  const height = Math.max(PLACE_HEIGHT, ...[...columns.values()].map((all) => tall(all.length)));
  for (const all of columns.values()) all.forEach((place, i) => { place.top = (height - tall(all.length)) / 2 + i * (PLACE_HEIGHT + GAP); });
  // Columns nobody is in leave no hole.
  const used = [...columns.keys()].sort((a, b) => a - b);
  for (const place of places.values()) place.column = used.indexOf(place.column);
  const drawn = ways.flatMap((way) => {
    const from = places.get(key(way.FromKind, way.From));
    const to = places.get(key(way.ToKind, way.To));
    return from && to ? [{ way, from, to }] : [];
  });
  return { places: [...places.values()].sort((a, b) => a.column - b.column || a.top - b.top), ways: drawn, height, columns: Math.max(1, used.length), left };
}

/** How wide a way is drawn: ten times as much is twice as wide, about. */
export const stroke = (count: number): number => (count > 0 ? 1.5 + Math.log10(count) * 2.5 : 0);
