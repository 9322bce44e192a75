// The hook itself against a server that answers and tells as the real one does: pages by a cursor, the newest rows told again when a stream opens.
import { act, useEffect } from 'react';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TraceSearch } from './query';
import type { TraceRow } from './shapes';
import { useResults } from './useResults';

vi.mock('@kit/shell/settings', () => ({ useZone: () => 'UTC' }));

const RETOLD = 100;
let stored: TraceRow[];
let asks: object[];
let parts: (string | null)[];
/** How long an answer takes. It says what was in the store when it was asked for, as the slowest does. */
let takes: number;
let streams: Stream[];

const row = (n: number, Status = 'Pending') => ({ MessageTraceId: String(n), RecipientAddress: 'ann@contoso.example', Received: `2026-01-01T00:${String(n).padStart(6, '0')}`, Status }) as TraceRow;
/** Rows of these numbers, newest first. */
const rowsTo = (n: number) => Array.from({ length: n }, (_, i) => row(n - i));
const become = (n: number, Status: string) => (stored = stored.map((one) => (one.MessageTraceId === String(n) ? row(n, Status) : one)));

class Stream {
  private readonly listeners = new Map<string, (event: { data: string }) => void>();
  isOpen = true;
  constructor(readonly address: string) {
    streams.push(this);
  }
  addEventListener(name: string, listener: (event: { data: string }) => void) {
    this.listeners.set(name, listener);
  }
  close() {
    this.isOpen = false;
  }
  tell(name: string, data: object = {}) {
    if (this.isOpen) this.listeners.get(name)?.({ data: JSON.stringify(data) });
  }
  ready() {
    stored.slice(0, RETOLD).forEach((row) => this.tell('row', row));
    this.tell('ready', { count: stored.length });
  }
}

async function answer(request: Request): Promise<Response> {
  const asked = (await request.json()) as { ResultSize: number; Cursor?: string };
  asks.push(asked);
  parts.push(request.headers.get('x-search-part'));
  const from = Number(asked.Cursor ?? 0);
  const to = from + asked.ResultSize;
  const body = { value: stored.slice(from, to), count: stored.length, next: to < stored.length ? String(to) : null };
  await new Promise((done, failed) => {
    setTimeout(done, takes);
    request.signal.addEventListener('abort', () => failed(new DOMException('', 'AbortError')));
  });
  return new Response(JSON.stringify(body), { headers: { 'content-type': 'application/json' } });
}

const wait = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));
const tell = async (event: string, data?: object) => {
  act(() => streams.at(-1)?.tell(event, data));
  await wait(150);
};

let found: ReturnType<typeof useResults>;
/** All pages are wanted, as by a list in another order than the server's. */
let all: boolean;
function Results({ search, live }: { search: TraceSearch; live: boolean }) {
  const results = useResults(search, live);
  const { more } = results;
  useEffect(() => {
    found = results;
  });
  useEffect(() => {
    if (all) more();
  }, [more]);
  return null;
}
let show: (search: TraceSearch, live: boolean) => Promise<void>;
let end: () => void;
const statusOf = (n: number) => found.rows.find((row) => row.MessageTraceId === String(n))?.Status;

const PENDING: TraceSearch = { Status: ['Pending'] };
const FAILED: TraceSearch = { Status: ['Failed'] };
/** The search with a stream that has told what there is. */
const open = async (search = PENDING) => {
  await show(search, true);
  await wait(400);
  act(() => streams.at(-1)?.ready());
  await wait(150);
};

beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  vi.stubGlobal('EventSource', Stream);
  vi.stubGlobal('fetch', answer);
  vi.useFakeTimers();
  [stored, asks, parts, takes, streams, all] = [rowsTo(3), [], [], 10, [], false];
  const queries = new QueryClient();
  const root = createRoot(document.createElement('div'));
  show = async (search, live) => {
    act(() => root.render(<QueryClientProvider client={queries}><Results search={search} live={live} /></QueryClientProvider>));
    await wait(50);
  };
  end = () => act(() => root.unmount());
});
afterEach(() => {
  end();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('what a stream told', () => {
  it('does not cover what was read after it: not live any more, and refreshed', async () => {
    await open();
    await tell('row', row(1, 'Expanded'));
    await tell('gone', row(2, 'Failed'));
    expect([statusOf(1), statusOf(2)]).toEqual(['Expanded', undefined]);
    await show(PENDING, false);
    become(1, 'Delivered');
    act(() => found.refresh());
    await wait(50);
    expect([statusOf(3), statusOf(2), statusOf(1)]).toEqual(['Pending', 'Pending', 'Delivered']);
  });

  it('does not cover what is read again because something was missed; what it tells meanwhile does', async () => {
    await open();
    await tell('row', row(1, 'Expanded'));
    become(1, 'Delivered');
    takes = 1_000;
    await tell('missed');
    await tell('row', row(3, 'Failed'));
    await wait(1_000);
    expect([statusOf(3), statusOf(1)]).toEqual(['Failed', 'Delivered']);
    expect(asks).toHaveLength(2);
  });

  it('stays when a further page is read, and does not cover the rows of that page', async () => {
    stored = rowsTo(300);
    await open();
    become(50, 'Delivered');
    await tell('row', row(50, 'Expanded'));
    await tell('row', row(299, 'Expanded'));
    act(() => found.more());
    await wait(50);
    expect(found.rows).toHaveLength(300);
    expect([statusOf(299), statusOf(50)]).toEqual(['Expanded', 'Delivered']);
  });

  it('does not stay as new when it is no longer found', async () => {
    await open();
    await tell('row', row(4));
    expect(statusOf(4)).toBe('Pending');
    await show(PENDING, false);
    await open();
    expect(found.rows.map((r) => r.MessageTraceId)).toEqual(['3', '2', '1']);
  });
});

describe('what went by unseen', () => {
  it('is read when the stream was lost: rows it does not tell again too', async () => {
    stored = rowsTo(150);
    await open();
    act(() => found.more());
    await wait(50);
    await tell('row', row(5, 'Expanded'));
    await tell('error');
    expect(found.state).toBe('lost');
    become(5, 'Delivered');
    become(6, 'Failed');
    await wait(3_000);
    act(() => streams.at(-1)?.ready());
    await wait(200);
    expect([found.state, statusOf(5), statusOf(6), found.rows.length]).toEqual(['on', 'Delivered', 'Failed', 150]);
  });

  it('is read when one row went and another came before the stream was open', async () => {
    await show(PENDING, true);
    stored = [row(4), row(3), row(1)];
    await wait(400);
    act(() => streams.at(-1)?.ready());
    await wait(200);
    expect(found.rows.map((r) => r.MessageTraceId)).toEqual(['4', '3', '1']);
  });

  it('is read when more was read by then than the stream tells again', async () => {
    stored = rowsTo(150);
    await show(PENDING, true);
    act(() => found.more());
    await wait(50);
    become(5, 'Delivered');
    await wait(300);
    act(() => streams.at(-1)?.ready());
    await wait(200);
    expect(statusOf(5)).toBe('Delivered');
  });

  it('is nothing when the stream tells all rows again: they are asked for once', async () => {
    stored = rowsTo(150);
    await open();
    become(149, 'Delivered');
    await tell('row', row(149, 'Delivered'));
    expect([asks.length, statusOf(149)]).toEqual([1, 'Delivered']);
  });

  it('is read to its end, however often something is missed meanwhile', async () => {
    await open();
    takes = 1_000;
    await tell('missed');
    become(1, 'Delivered');
    for (let i = 0; i < 5; i += 1) await tell('missed');
    await wait(1_000);
    expect(asks).toHaveLength(3);
    await wait(1_000);
    expect([asks.length, statusOf(1)]).toEqual([3, 'Delivered']);
  });

  it('is read before further pages are', async () => {
    stored = rowsTo(150);
    await open();
    takes = 1_000;
    all = true;
    await tell('missed');
    await wait(1_000);
    expect([asks.length, found.rows.length]).toEqual([3, 100]);
    await wait(1_000);
    expect([asks.length, found.rows.length]).toEqual([3, 150]);
  });
});

describe('a question that was asked before', () => {
  it('shows what was read, and asks again, live or not', async () => {
    await open();
    await tell('row', row(1, 'Expanded'));
    await show(PENDING, false);
    await show(FAILED, false);
    become(1, 'Delivered');
    takes = 1_000;
    await show(PENDING, false);
    expect([found.stale, statusOf(1)]).toEqual([false, 'Pending']);
    await wait(1_000);
    expect(statusOf(1)).toBe('Delivered');
    expect(asks).toHaveLength(3);
  });

  it('does not keep a row that is gone where another came, though the stream counts as many', async () => {
    await open();
    await open(FAILED);
    stored = [row(4), row(3), row(1)];
    await open();
    expect(found.rows.map((r) => r.MessageTraceId)).toEqual(['4', '3', '1']);
  });
});

describe('a search that is several questions', () => {
  it('says so with each, so that it is kept as itself', async () => {
    await show({ Address: ['kim@contoso.example'] }, false);
    await show(PENDING, false);
    expect(parts).toEqual(['Address RecipientAddress', 'Address SenderAddress', null]);
  });
  it('stays open for somebody’s mail, and not for words', async () => {
    await show({ Words: 'kim' }, true);
    await wait(400);
    expect([asks.length, streams.length]).toEqual([3, 0]);
    await show({ Address: ['kim@contoso.example'] }, true);
    await wait(400);
    expect(streams).toHaveLength(2);
  });
});
