import { describe, expect, it } from 'vitest';
import { changesOf, merge, together, told } from './useResults';
import type { TraceRow } from './shapes';

const row = (id: string, Received: string, Status = 'Pending') => ({ MessageTraceId: id, RecipientAddress: 'ann@contoso.example', Received, Status }) as TraceRow;
const key = (id: string) => `${id}~ann@contoso.example`;

describe('a live search', () => {
  const rows = [row('2', '2026-01-02'), row('1', '2026-01-01')];
  it('changes a row in its place, takes one away, and puts new ones first, newest at the top', () => {
    const changed = new Map([[key('1'), row('1', '2026-01-01', 'Delivered')], [key('2'), null], [key('3'), row('3', '2026-01-03')], [key('4'), row('4', '2026-01-04')]]);
    expect(merge(rows, changed).map((r) => `${r.MessageTraceId} ${r.Status}`)).toEqual(['4 Pending', '3 Pending', '1 Delivered']);
  });
  it('shows a row once that came by both ways', () => expect(merge(rows, new Map([[key('2'), row('2', '2026-01-02', 'Failed')]])).map((r) => r.Status)).toEqual(['Failed', 'Pending']));
});

describe('what a stream tells', () => {
  const all = ['/stream?Last=1'];
  const failed = ['/stream?Status=Failed'];
  it('is not merged into the rows of the next question, however late it comes', () => {
    const before = told({ of: all, rows: new Map() }, all, [[key('1'), row('1', '2026-01-01', 'Delivered')]]);
    expect(changesOf(before, all).size).toBe(1);
    expect(changesOf(before, failed).size).toBe(0);
    const late = told({ of: failed, rows: new Map() }, all, [[key('2'), row('2', '2026-01-02', 'Delivered')]]);
    expect(changesOf(late, failed).size).toBe(0);
    expect([...changesOf(told(late, failed, [[key('3'), null]]), failed).keys()]).toEqual([key('3')]);
  });
});

describe('two questions', () => {
  const answer = (rows: TraceRow[], next: string | null = null) => ({ rows, next, count: rows.length, sources: [], gaps: [], warnings: [], notes: [] });
  it('are one list, newest first, and a row both found stands once', () => {
    const { rows, twice } = together([[answer([row('3', '2026-01-03'), row('1', '2026-01-01')]), answer([row('2', '2026-01-02'), row('1', '2026-01-01')])]]);
    expect([rows.map((r) => r.MessageTraceId), twice]).toEqual([['3', '2', '1'], 1]);
  });
  it('hold back what a further page may come before', () => {
    const first = [answer([row('5', '2026-01-05'), row('4', '2026-01-04')], 'c'), answer([row('2', '2026-01-02')])];
    expect(together([first]).rows.map((r) => r.MessageTraceId)).toEqual(['5', '4']);
    expect(together([first, [answer([row('3', '2026-01-03')]), null]]).rows.map((r) => r.MessageTraceId)).toEqual(['5', '4', '3', '2']);
  });
});
