// The rows of a search: page after page as they are needed, and then every change as it happens.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { keepPreviousData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { runCmdlet, type Answer, type ApiError } from '@api/client';
import { toSearch, type TraceParameters } from './query';
import { rowKey, type TraceRow } from './shapes';

const FIRST_PAGE = 500;
const NEXT_PAGE = 5_000;
/** The stream begins with so many of the newest rows: what became of them meanwhile. */
const NEWEST = 100;
const RECONNECT_MS = 3_000;
/** However many changes there are, the list is drawn anew at most ten times a second. */
const TOGETHER_MS = 100;

export type LiveState = 'connecting' | 'on' | 'lost' | 'off';

const places = new WeakMap<readonly TraceRow[], Map<string, number>>();

/** Where each row is: found once for the rows that were read, not at every change of one of them. */
function placesOf(rows: readonly TraceRow[]): Map<string, number> {
  let found = places.get(rows);
  if (!found) places.set(rows, (found = new Map(rows.map((row, i) => [rowKey(row), i]))));
  return found;
}

/** Rows with their changes: known ones in their place, new ones first. */
export function merge(rows: readonly TraceRow[], changed: ReadonlyMap<string, TraceRow | null>): readonly TraceRow[] {
  if (changed.size === 0) return rows;
  const at = placesOf(rows);
  const now: (TraceRow | null)[] = [...rows];
  const fresh: TraceRow[] = [];
  let gone = false;
  for (const [key, row] of changed) {
    const place = at.get(key);
    if (place !== undefined) {
      now[place] = row;
      gone ||= row === null;
    } else if (row) fresh.push(row);
  }
  fresh.sort((a, b) => (a.Received < b.Received ? 1 : a.Received > b.Received ? -1 : 0));
  const kept = gone ? now.filter((row) => row !== null) : (now as TraceRow[]);
  return fresh.length > 0 ? [...fresh, ...kept] : kept;
}

export function useResults(parameters: TraceParameters, live: boolean) {
  const queries = useQueryClient();
  const key = useMemo(() => ['Get-MessageTrace', 'results', parameters], [parameters]);
  const query = useInfiniteQuery<Answer<TraceRow>, ApiError, { pages: Answer<TraceRow>[] }, typeof key, string | null>({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => runCmdlet<'Get-MessageTrace', TraceRow>('Get-MessageTrace', { ...parameters, ResultSize: pageParam ? NEXT_PAGE : FIRST_PAGE, Cursor: pageParam ?? undefined }, signal),
    initialPageParam: null,
    getNextPageParam: (last) => last.next,
    refetchOnWindowFocus: false,
    staleTime: Infinity,
    gcTime: 60_000,
    // The rows of the last search stay until those of this one are there.
    placeholderData: keepPreviousData,
    // Comparing 100,000 rows with those before takes longer than drawing those in sight.
    structuralSharing: false,
  });
  const refresh = useCallback(() => void queries.resetQueries({ queryKey: key }), [queries, key]);
  const pages = query.data?.pages;
  const { refetch, isPlaceholderData: stale } = query;
  const ready = query.isSuccess && !stale;
  const reread = useCallback(() => void refetch(), [refetch]);
  const { changed, state } = useChanges(parameters, live && ready, !stale, pages?.[0]?.count ?? null, reread);
  const loaded = useMemo(() => pages?.flatMap((page) => page.rows) ?? [], [pages]);
  const rows = useMemo(() => merge(loaded, changed), [loaded, changed]);
  const first = pages?.[0];
  const total = Math.max(rows.length, (first?.count ?? 0) + rows.length - loaded.length);
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = query;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, hasNextPage, isFetchingNextPage]);
  return { rows, total, first, error: query.error, loading: query.isPending || stale || isFetchingNextPage, stale, complete: ready && !hasNextPage, more, refresh, state, at: query.dataUpdatedAt, query };
}

function useChanges(parameters: TraceParameters, on: boolean, fresh: boolean, count: number | null, refresh: () => void) {
  const [changed, setChanged] = useState<ReadonlyMap<string, TraceRow | null>>(new Map());
  const [state, setState] = useState<LiveState>('off');
  const [attempt, setAttempt] = useState(0);
  const address = useMemo(() => `/api/v1/traces/stream?${toSearch({ ...parameters, ResultSize: NEWEST })}`, [parameters]);
  const reload = useRef(refresh);
  const counted = useRef(count);
  useEffect(() => {
    reload.current = refresh;
    counted.current = count;
  }, [refresh, count]);
  const [shown, setShown] = useState(address);
  // What changed belongs to the rows that are shown, and goes with them.
  if (fresh && shown !== address) {
    setShown(address);
    setChanged(new Map());
  }
  useEffect(() => {
    if (!on) {
      setState('off');
      return undefined;
    }
    setState('connecting');
    const source = new EventSource(address);
    let waiting: [string, TraceRow | null][] = [];
    let batch: ReturnType<typeof setTimeout> | undefined;
    let again: ReturnType<typeof setTimeout> | undefined;
    // Changes of one moment are shown together.
    const take = (key: string, row: TraceRow | null) => {
      waiting.push([key, row]);
      batch ??= setTimeout(() => {
        const taken = waiting;
        waiting = [];
        batch = undefined;
        setChanged((before) => new Map([...before, ...taken]));
      }, TOGETHER_MS);
    };
    const lost = () => {
      source.close();
      setState('lost');
      again = setTimeout(() => setAttempt((n) => n + 1), RECONNECT_MS);
    };
    source.addEventListener('row', (event) => {
      const row = JSON.parse(event.data as string) as TraceRow;
      take(rowKey(row), row);
    });
    source.addEventListener('gone', (event) => {
      take(rowKey(JSON.parse(event.data as string) as TraceRow), null);
    });
    source.addEventListener('ready', (event) => {
      setState('on');
      // Something happened between the page and the stream, or while the stream was lost.
      const { count: now } = JSON.parse(event.data as string) as { count: number | null };
      if (attempt > 0 || now !== counted.current) reload.current();
    });
    source.addEventListener('missed', () => reload.current());
    source.addEventListener('end', lost);
    source.addEventListener('error', lost);
    return () => {
      source.close();
      clearTimeout(batch);
      clearTimeout(again);
    };
  }, [address, on, attempt]);
  return { changed, state };
}
