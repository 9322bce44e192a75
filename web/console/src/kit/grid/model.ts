// What a grid decides without a screen: order, selection, where the keyboard goes.
import type { Collation } from './collate';

export interface Sort { column: string; descending: boolean }
export type CellValue = string | number | boolean | null | undefined;

/** What a value is ordered by: found once for each and not at each of the many comparisons. */
export interface Key { value: CellValue; kind: 'empty' | 'number' | 'time' | 'text'; key: string }

export function keyOf(value: CellValue, collation: Collation): Key {
  const kind = kindOf(value);
  return { value, kind, key: kind === 'text' || kind === 'number' ? collation.key(String(value)) : String(value) };
}

/** Empty ones are last either way. */
export function compareKeys(a: Key, b: Key, descending: boolean, collation: Collation): number {
  if (a.kind === 'empty' || b.kind === 'empty') return Number(a.kind === 'empty') - Number(b.kind === 'empty');
  const order = a.kind !== b.kind || a.kind === 'text' ? collation.compare(a.key, b.key) : a.kind === 'number' ? Number(a.value) - Number(b.value) : compare(a.key, b.key);
  return descending ? -order : order;
}

const kindOf = (key: CellValue) => (key === null || key === undefined || key === '' ? 'empty' : typeof key === 'number' ? 'number' : typeof key === 'string' && /^\d{4}-\d\d-\d\dT/.test(key) ? 'time' : 'text');
const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** `Received:desc` as it stands in the address. */
export function parseSort(text: string | null): Sort | null {
  const m = text ? /^(\w+):(asc|desc)$/.exec(text) : null;
  return m ? { column: m[1] ?? '', descending: m[2] === 'desc' } : null;
}
export const sortText = (sort: Sort): string => `${sort.column}:${sort.descending ? 'desc' : 'asc'}`;

/** A click on a head: first upwards, then downwards. */
export const nextSort = (sort: Sort | null, column: string): Sort => ({ column, descending: sort?.column === column ? !sort.descending : false });

/** Where a key leads from a row; null if the key is not one that moves. */
export function moveActive(key: string, active: number, count: number, page: number): number | null {
  const last = count - 1;
  const to = { ArrowDown: active + 1, ArrowUp: active - 1, PageDown: active + page, PageUp: active - page, Home: 0, End: last }[key];
  return to === undefined || count === 0 ? null : Math.max(0, Math.min(last, to));
}

export function toggle(selected: ReadonlySet<string>, key: string): Set<string> {
  const next = new Set(selected);
  if (!next.delete(key)) next.add(key);
  return next;
}

/** All from one row to another, beside what was chosen before. */
export function extend(selected: ReadonlySet<string>, keys: readonly string[], from: number, to: number): Set<string> {
  return new Set([...selected, ...keys.slice(Math.min(from, to), Math.max(from, to) + 1)]);
}
