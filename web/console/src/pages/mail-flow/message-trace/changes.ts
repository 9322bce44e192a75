// What streams tell of a search, and whether the pages read before are still to be believed.
import type { Loaded, Round } from './rounds';
import { rowKey, type TraceRow } from './shapes';

/** What a row has become, none if it is gone, and the moment it was told. */
export interface Change { row: TraceRow | null; told: number }
export type Changed = ReadonlyMap<string, Change>;
/** What changed, and the addresses of the streams that told it. */
export interface Changes { of: readonly string[]; rows: Changed }
export const NO_CHANGE: Changed = new Map();

/** Changes with further ones. Those of another question are gone: a stream may still tell some when the rows are already those of the next. */
export const told = (before: Changes, of: readonly string[], more: readonly [key: string, change: Change][]): Changes => ({ of, rows: new Map([...(before.of === of ? before.rows : []), ...more]) });
/** What changed of the rows that are shown. */
export const changesOf = (changes: Changes, shown: readonly string[]): Changed => (changes.of === shown ? changes.rows : NO_CHANGE);

const places = new WeakMap<Loaded, Map<string, number>>();

/** Where each row is: found once for the rows that were read, not at every change of one of them. */
function placesOf(loaded: Loaded): Map<string, number> {
  let found = places.get(loaded);
  if (!found) places.set(loaded, (found = new Map(loaded.rows.map((row, i) => [rowKey(row), i]))));
  return found;
}

/** Rows with their changes: known ones in their place, new ones first. What was told before a row was asked for is older than the row; what was told before `begun`, the asking for the first page, and is not in the pages is not new. */
export function merge(loaded: Loaded, changed: Changed, begun: number): readonly TraceRow[] {
  if (changed.size === 0) return loaded.rows;
  const at = placesOf(loaded);
  const now: (TraceRow | null)[] = [...loaded.rows];
  const fresh: TraceRow[] = [];
  let gone = false;
  for (const [key, { row, told }] of changed) {
    const place = at.get(key);
    if (told < (place === undefined ? begun : (loaded.asked[place] ?? begun))) continue;
    if (place !== undefined) {
      now[place] = row;
      gone ||= row === null;
    } else if (row) fresh.push(row);
  }
  fresh.sort((a, b) => (a.Received < b.Received ? 1 : a.Received > b.Received ? -1 : 0));
  const kept = gone ? now.filter((row) => row !== null) : (now as TraceRow[]);
  return fresh.length > 0 ? [...fresh, ...kept] : kept;
}

/** Why pages may not be what is in the store: something happened up to the moment `at` that no stream told. */
export interface Doubt {
  at: number;
  /** Pages asked for before it are in doubt whatever the stream told again. */
  whole: number;
  /** The rows the stream told again when it was opened, and how many it counted for each question. */
  again: ReadonlySet<string>;
  counts: readonly (number | null)[];
}

export const NO_DOUBT: Doubt = { at: 0, whole: 0, again: new Set(), counts: [] };

/** Whether a page must be read again. One that was asked for before the stream was open holds if the stream counts as many rows and has told each of its rows again. */
export function isBehind(rounds: readonly Round[], doubt: Doubt): boolean {
  const old = rounds.filter(({ asked }) => asked < doubt.at);
  if (old.some(({ asked }) => asked < doubt.whole)) return true;
  if (old[0] && old[0] === rounds[0] && old[0].answers.some((answer, i) => answer && answer.count !== doubt.counts[i])) return true;
  return old.some(({ answers }) => answers.some((answer) => answer?.rows.some((row) => !doubt.again.has(rowKey(row)))));
}
