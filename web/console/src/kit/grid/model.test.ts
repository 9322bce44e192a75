import { describe, expect, it } from 'vitest';
import { extend, moveActive, nextSort, parseSort, sortText, toggle, type CellValue } from './model';
import { Order } from './order';
import { indexesOf } from './Rows';

const sortRows = <R>(rows: R[], value: (row: R) => CellValue, descending: boolean) => new Order<R>(value, descending, 'en').take(rows);

describe('the grid', () => {
  it('sorts numbers, times and words, empty ones last', () => {
    expect(sortRows([3, null, 10, 1], (v) => v, false)).toEqual([1, 3, 10, null]);
    expect(sortRows([3, null, 10, 1], (v) => v, true)).toEqual([10, 3, 1, null]);
    expect(sortRows(['b10', 'B9', 'a'], (v) => v, false)).toEqual(['a', 'B9', 'b10']);
    expect(sortRows(['2026-01-02T00:00:00.5Z', '2026-01-02T00:00:00.123456Z'], (v) => v, false)[0]).toContain('123456');
  });
  it('keeps equal rows in their order', () => {
    const rows = [{ k: 1, n: 'a' }, { k: 0, n: 'b' }, { k: 1, n: 'c' }];
    expect(sortRows(rows, (r) => r.k, true).map((r) => r.n)).toEqual(['a', 'c', 'b']);
  });
  it('sorts 100,000 rows', () => {
    const rows = Array.from({ length: 100_000 }, (_, i) => ({ s: `user${(i * 7919) % 100_000}@contoso.example` }));
    expect(sortRows(rows, (r) => r.s, false)[0]?.s).toBe('user0@contoso.example');
  }, 60_000);
  it('puts what is new in its place as if all were sorted anew', () => {
    const make = (n: number) => ({ s: `user${(n * 7919) % 50}`, n });
    const rows = Array.from({ length: 200 }, (_, i) => make(i));
    for (const descending of [false, true]) {
      const order = new Order<{ s: string; n: number }>((r) => r.s, descending, 'en');
      order.take(rows);
      const later = [make(900), make(901), ...rows.filter((r) => r.n % 7 !== 0), make(902)];
      expect(order.take(later)).toEqual(sortRows(later, (r) => r.s, descending));
      expect(order.take(rows)).toEqual(sortRows(rows, (r) => r.s, descending));
    }
  });
  it('goes on in another script', () => {
    const order = new Order<string>((s) => s, false, 'en');
    expect(order.take(['b', 'a'])).toEqual(['a', 'b']);
    expect(order.take(['b', 'a', 'é', 'f'])).toEqual(['a', 'b', 'é', 'f']);
  });
  it('changes what is in the page by whole steps, and keeps the active row there', () => {
    expect(indexesOf({ startIndex: 100, endIndex: 119, count: 1000 }, null)).toEqual(indexesOf({ startIndex: 101, endIndex: 120, count: 1000 }, null));
    expect(indexesOf({ startIndex: 100, endIndex: 119, count: 1000 }, 3)[0]).toBe(3);
    expect(indexesOf({ startIndex: 0, endIndex: 2, count: 3 }, 2)).toEqual([0, 1, 2]);
  });
  it('writes its order into the address and reads it', () => {
    expect(parseSort(sortText({ column: 'Received', descending: true }))).toEqual({ column: 'Received', descending: true });
    expect([parseSort('x'), parseSort(null), parseSort('a b:asc')]).toEqual([null, null, null]);
    expect(nextSort(nextSort(null, 'Size'), 'Size').descending).toBe(true);
  });
  it.each([['ArrowDown', 0, 1], ['ArrowUp', 0, 0], ['PageDown', 0, 10], ['End', 3, 99], ['Home', 50, 0], ['PageUp', 5, 0]])('%s from row %i leads to %i', (key, from, to) => expect(moveActive(key, from, 100, 10)).toBe(to));
  it('leaves other keys and an empty grid alone', () => expect([moveActive('a', 1, 5, 2), moveActive('End', 0, 0, 2)]).toEqual([null, null]));
  it('selects', () => {
    expect([...toggle(new Set(['a']), 'a')]).toEqual([]);
    expect([...extend(new Set(['z']), ['a', 'b', 'c', 'd'], 2, 1)]).toEqual(['z', 'b', 'c']);
  });
});
