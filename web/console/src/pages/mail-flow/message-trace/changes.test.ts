import { describe, expect, it } from 'vitest';
import { changesOf, merge, told, type Change } from './changes';
import type { TraceRow } from './shapes';

const row = (id: string, Received: string, Status = 'Pending') => ({ MessageTraceId: id, RecipientAddress: 'ann@contoso.example', Received, Status }) as TraceRow;
const key = (id: string) => `${id}~ann@contoso.example`;
const change = (id: string, row: TraceRow | null, told = 9): [string, Change] => [key(id), { row, told }];

describe('a live search', () => {
  const loaded = { rows: [row('2', '2026-01-02'), row('1', '2026-01-01')], asked: [1, 1], twice: 0 };
  it('changes a row in its place, takes one away, and puts new ones first, newest at the top', () => {
    const changed = new Map([change('1', row('1', '2026-01-01', 'Delivered')), change('2', null), change('3', row('3', '2026-01-03')), change('4', row('4', '2026-01-04'))]);
    expect(merge(loaded, changed, 1).map((r) => `${r.MessageTraceId} ${r.Status}`)).toEqual(['4 Pending', '3 Pending', '1 Delivered']);
  });
  it('shows a row once that came by both ways', () => expect(merge(loaded, new Map([change('2', row('2', '2026-01-02', 'Failed'))]), 1).map((r) => r.Status)).toEqual(['Failed', 'Pending']));
});

describe('what a stream tells', () => {
  const all = ['/stream?Last=1'];
  const failed = ['/stream?Status=Failed'];
  it('is not merged into the rows of the next question, however late it comes', () => {
    const before = told({ of: all, rows: new Map() }, all, [change('1', row('1', '2026-01-01', 'Delivered'))]);
    expect(changesOf(before, all).size).toBe(1);
    expect(changesOf(before, failed).size).toBe(0);
    const late = told({ of: failed, rows: new Map() }, all, [change('2', row('2', '2026-01-02', 'Delivered'))]);
    expect(changesOf(late, failed).size).toBe(0);
    expect([...changesOf(told(late, failed, [change('3', null)]), failed).keys()]).toEqual([key('3')]);
  });
});
