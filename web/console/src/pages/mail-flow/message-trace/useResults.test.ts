import { describe, expect, it } from 'vitest';
import { merge } from './useResults';
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
