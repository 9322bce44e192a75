import { describe, expect, it } from 'vitest';
import { together } from './rounds';
import type { TraceRow } from './shapes';

const row = (id: string, Received: string) => ({ MessageTraceId: id, RecipientAddress: 'ann@contoso.example', Received }) as TraceRow;

describe('two questions', () => {
  const answer = (rows: TraceRow[], next: string | null = null) => ({ rows, next, count: rows.length, sources: [], gaps: [], warnings: [], notes: [] });
  it('are one list, newest first, and a row both found stands once', () => {
    const { rows, twice } = together([{ asked: 1, answers: [answer([row('3', '2026-01-03'), row('1', '2026-01-01')]), answer([row('2', '2026-01-02'), row('1', '2026-01-01')])] }]);
    expect([rows.map((r) => r.MessageTraceId), twice]).toEqual([['3', '2', '1'], 1]);
  });
  it('hold back what a further page may come before, and each row is as old as its page', () => {
    const first = { asked: 1, answers: [answer([row('5', '2026-01-05'), row('4', '2026-01-04')], 'c'), answer([row('2', '2026-01-02')])] };
    expect(together([first]).rows.map((r) => r.MessageTraceId)).toEqual(['5', '4']);
    const { rows, asked } = together([first, { asked: 7, answers: [answer([row('3', '2026-01-03')]), null] }]);
    expect([rows.map((r) => r.MessageTraceId), asked]).toEqual([['5', '4', '3', '2'], [1, 1, 7, 1]]);
  });
});
