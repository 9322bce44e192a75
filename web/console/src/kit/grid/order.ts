// The order of a list that goes on changing: what is new is put in its place, what was in order stays. Sorting 100,000 rows at every
// change would stop the page for a second each time.
import { useMemo, useRef } from 'react';
import { formatLocale } from '@i18n/t';
import { collationOf, suits, type Collation } from './collate';
import type { Column } from './column';
import { compareKeys, keyOf, type CellValue, type Key, type Sort } from './model';

interface Placed<R> extends Key { row: R; at: number; pass: number }
type Value<R> = (row: R) => CellValue;

/** More of it new than this share: sorted as a whole. */
const MOSTLY_NEW = 0.5;

/** Keeps the order by one column. Rows that stay are expected to stay in their order among each other. */
export class Order<R> {
  private readonly known = new Map<R, Placed<R>>();
  private collation: Collation | null = null;
  private placed: Placed<R>[] = [];
  private pass = 0;

  constructor(private readonly value: Value<R>, private readonly descending: boolean, private readonly locale: string) {}

  take(rows: readonly R[]): R[] {
    this.pass += 1;
    const collation = this.collationFor(rows);
    const fresh: Placed<R>[] = [];
    rows.forEach((row, at) => {
      let one = this.known.get(row);
      if (!one) {
        one = { ...keyOf(this.value(row), collation), row, at, pass: this.pass };
        this.known.set(row, one);
        fresh.push(one);
      }
      one.at = at;
      one.pass = this.pass;
    });
    const kept = this.placed.filter((one) => one.pass === this.pass || !this.known.delete(one.row));
    const compare = (a: Placed<R>, b: Placed<R>) => compareKeys(a, b, this.descending, collation) || a.at - b.at;
    this.placed = fresh.length > rows.length * MOSTLY_NEW ? [...kept, ...fresh].sort(compare) : merged(kept, fresh.sort(compare), compare);
    return this.placed.map((one) => one.row);
  }

  /** The one so far, unless what is new needs another: then all begins anew. */
  private collationFor(rows: readonly R[]): Collation {
    const texts = rows.flatMap((row) => (this.known.has(row) ? [] : String(this.value(row))));
    if (this.collation && suits(this.collation, texts)) return this.collation;
    this.known.clear();
    this.placed = [];
    this.collation = collationOf(this.locale, rows.map((row) => String(this.value(row))));
    return this.collation;
  }
}

type Compare<R> = (a: Placed<R>, b: Placed<R>) => number;

function merged<R>(kept: Placed<R>[], fresh: Placed<R>[], compare: Compare<R>): Placed<R>[] {
  if (fresh.length === 0) return kept;
  const all: Placed<R>[] = [];
  let from = 0;
  for (const one of fresh) {
    const to = placeOf(one, kept, from, compare);
    for (let i = from; i < to; i += 1) all.push(kept[i] as Placed<R>);
    all.push(one);
    from = to;
  }
  for (let i = from; i < kept.length; i += 1) all.push(kept[i] as Placed<R>);
  return all;
}

function placeOf<R>(one: Placed<R>, kept: Placed<R>[], from: number, compare: Compare<R>): number {
  let low = from;
  let high = kept.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(kept[middle] as Placed<R>, one) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The rows in the order chosen; as they came if none is. */
export function useOrdered<R>(rows: readonly R[], columns: Column<R>[], sort: Sort | null): readonly R[] {
  const column = sort ? columns.find((c) => c.id === sort.column) : undefined;
  const descending = sort?.descending ?? false;
  const value = column?.value;
  const order = useMemo(() => (value ? new Order<R>(value, descending, formatLocale()) : null), [value, descending]);
  const last = useRef<{ order: Order<R> | null; rows: readonly R[]; ordered: readonly R[] } | null>(null);
  // Not useMemo: the order remembers what it was given, and must not be given the same twice.
  if (last.current?.order !== order || last.current.rows !== rows) last.current = { order, rows, ordered: order ? order.take(rows) : rows };
  return last.current.ordered;
}
