// The rows of a search: page after page as they are needed, and then every change as it happens.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { infiniteQueryOptions, keepPreviousData, useInfiniteQuery, useQueryClient, type InfiniteData } from '@tanstack/react-query';
import { runCmdlet, type Answer, type ApiError } from '@api/client';
import { useZone } from '@kit/shell/settings';
import { splitNotes } from './answer';
import { questions, toSearch, type TraceParameters, type TraceSearch } from './query';
import { rowKey, type TraceRow } from './shapes';

/** What is in sight and some more: a larger answer takes longer to make, to send and to read before its first row can be drawn. */
export const FIRST_PAGE = 100;
const NEXT_PAGE = 5_000;
/** The stream begins with so many of the newest rows: what became of them meanwhile. */
const NEWEST = 100;
const RECONNECT_MS = 3_000;
/** The stream is opened when the rows have been there for so long: who types on has another question by then. */
const STAYS_MS = 300;
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

/** What changed, and the addresses of the streams that told it. */
export interface Changes { of: readonly string[]; rows: ReadonlyMap<string, TraceRow | null> }
type Told = [key: string, row: TraceRow | null];
const NO_CHANGE: Changes['rows'] = new Map();

/** Changes with further ones. Those of another question are gone: a stream may still tell some when the rows are already those of the next. */
export const told = (before: Changes, of: readonly string[], more: readonly Told[]): Changes => ({ of, rows: new Map([...(before.of === of ? before.rows : []), ...more]) });
/** What changed of the rows that are shown. */
export const changesOf = (changes: Changes, shown: readonly string[]): Changes['rows'] => (changes.of === shown ? changes.rows : NO_CHANGE);

/** The pages of each question; none for one that has no further. */
type Round = (Answer<TraceRow> | null)[];

/** What the answers say together of the first page. */
function joined(answers: Answer<TraceRow>[], twice: number): Answer<TraceRow> | undefined {
  const [first, ...others] = answers;
  if (!first || others.length === 0) return first;
  const once = <V>(lists: V[][]) => [...new Map(lists.flat().map((value) => [JSON.stringify(value), value])).values()];
  const count = answers.reduce<number | null>((sum, answer) => (sum === null || answer.count === null ? null : sum + answer.count), -twice);
  return { ...first, rows: [], count, gaps: once(answers.map((a) => a.gaps)), warnings: once(answers.map((a) => a.warnings)), notes: once(answers.map((a) => splitNotes(a.notes).said)) };
}

/** The rows of several questions in one order, newest first; a row that both found stands once. What is older than the last row of a question that has more is held back: its own next page may come before it. */
export function together(rounds: readonly Round[]): { rows: TraceRow[]; twice: number } {
  const lists = (rounds[0] ?? []).map((_, i) => rounds.flatMap((round) => round[i]?.rows ?? []));
  if (lists.length <= 1) return { rows: lists[0] ?? [], twice: 0 };
  const last = rounds.at(-1) ?? [];
  const held = lists.map((rows, i) => (last[i]?.next ? (rows.at(-1)?.Received ?? '') : '')).reduce((a, b) => (a > b ? a : b), '');
  const all = lists.flat();
  const byKey = new Map(all.map((row) => [rowKey(row), row]));
  const rows = [...byKey.values()].filter((row) => row.Received >= held);
  rows.sort((a, b) => (a.Received < b.Received ? 1 : a.Received > b.Received ? -1 : 0));
  return { rows, twice: all.length - byKey.size };
}

/** A search that stays open takes no end, and nothing that is not a condition on rows. */
const canStayOpen = (search: TraceSearch): boolean => !search.EndDate && !search.Query && !search.Paste && !search.Slowest;

/** How the answers of a search are known. */
export const resultsKey = (search: TraceSearch, zone: string) => ['Get-MessageTrace', 'results', search, zone];

/** How a search is asked, page after page. */
const asking = (search: TraceSearch, zone: string) => {
  const asked = questions(search);
  return infiniteQueryOptions<Round, ApiError, InfiniteData<Round, (string | null)[] | null>, ReturnType<typeof resultsKey>, (string | null)[] | null>({
    queryKey: resultsKey(search, zone),
    // Where nothing is found the answer is a text, with times in the chosen zone.
    queryFn: ({ pageParam, signal }) => Promise.all(asked.map((parameters, i) => (pageParam && !pageParam[i] ? null : runCmdlet<'Get-MessageTrace', TraceRow>('Get-MessageTrace', { ...parameters, ResultSize: pageParam ? NEXT_PAGE : FIRST_PAGE, Cursor: pageParam?.[i] ?? undefined, TimeZone: zone }, signal)))),
    initialPageParam: null,
    getNextPageParam: (last) => (last.some((answer) => answer?.next) ? last.map((answer) => answer?.next ?? null) : null),
    staleTime: Infinity,
    gcTime: 60_000,
  });
};

/** Asks at once, while the page still draws what was chosen. */
export function useAhead(): (search: TraceSearch) => void {
  const queries = useQueryClient();
  const zone = useZone();
  return (search) => void queries.prefetchInfiniteQuery(asking(search, zone));
}

export function useResults(search: TraceSearch, live: boolean) {
  const queries = useQueryClient();
  const zone = useZone();
  const asked = useMemo(() => questions(search), [search]);
  const key = useMemo(() => resultsKey(search, zone), [search, zone]);
  const query = useInfiniteQuery({
    ...asking(search, zone),
    // A pasted text that is not kept here asks nothing.
    enabled: search.Paste !== '',
    refetchOnWindowFocus: false,
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
  const counts = useMemo(() => pages?.[0]?.map((answer) => answer?.count ?? null) ?? [], [pages]);
  const { changed, state } = useChanges(asked, live && canStayOpen(search) && ready, !stale, counts, reread);
  const loaded = useMemo(() => together(pages ?? []), [pages]);
  const rows = useMemo(() => merge(loaded.rows, changed), [loaded, changed]);
  const first = useMemo(() => joined((pages?.[0] ?? []).filter((answer) => answer !== null), loaded.twice), [pages, loaded]);
  const texts = useMemo(() => (pages?.[0] ?? []).map((answer) => splitNotes(answer?.notes ?? []).text).filter((text) => text.length > 0), [pages]);
  const total = Math.max(rows.length, (first?.count ?? 0) + rows.length - loaded.rows.length);
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = query;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, hasNextPage, isFetchingNextPage]);
  return { rows, total, first, texts, error: query.error, loading: query.isLoading || stale || isFetchingNextPage, stale, complete: ready && !hasNextPage, more, refresh, state, at: query.dataUpdatedAt, query };
}

function useChanges(asked: TraceParameters[], on: boolean, fresh: boolean, counts: (number | null)[], refresh: () => void) {
  const [state, setState] = useState<LiveState>('off');
  const [attempt, setAttempt] = useState(0);
  const addresses = useMemo(() => asked.map((parameters) => `/api/v1/traces/stream?${toSearch({ ...parameters, ResultSize: NEWEST })}`), [asked]);
  const reload = useRef(refresh);
  const counted = useRef(counts);
  useEffect(() => {
    reload.current = refresh;
    counted.current = counts;
  }, [refresh, counts]);
  const [changes, setChanges] = useState<Changes>({ of: addresses, rows: NO_CHANGE });
  const [shown, setShown] = useState(addresses);
  // What changed belongs to the rows that are shown, and goes with them.
  if (fresh && shown !== addresses) setShown(addresses);
  useEffect(() => {
    if (!on) {
      setState('off');
      return undefined;
    }
    setState('connecting');
    let waiting: Told[] = [];
    let batch: ReturnType<typeof setTimeout> | undefined;
    let again: ReturnType<typeof setTimeout> | undefined;
    // Changes of one moment are shown together.
    const take = (key: string, row: TraceRow | null) => {
      waiting.push([key, row]);
      batch ??= setTimeout(() => {
        const taken = waiting;
        waiting = [];
        batch = undefined;
        setChanges((before) => told(before, addresses, taken));
      }, TOGETHER_MS);
    };
    let sources: EventSource[] = [];
    const ready = new Set<number>();
    const lost = () => {
      sources.forEach((source) => source.close());
      setState('lost');
      clearTimeout(again);
      again = setTimeout(() => setAttempt((n) => n + 1), RECONNECT_MS);
    };
    const listen = (source: EventSource, i: number) => {
      source.addEventListener('row', (event) => {
        const row = JSON.parse(event.data as string) as TraceRow;
        take(rowKey(row), row);
      });
      source.addEventListener('gone', (event) => {
        take(rowKey(JSON.parse(event.data as string) as TraceRow), null);
      });
      source.addEventListener('ready', (event) => {
        ready.add(i);
        if (ready.size === sources.length) setState('on');
        // Something happened between the page and the stream, or while the stream was lost.
        const { count: now } = JSON.parse(event.data as string) as { count: number | null };
        if (attempt > 0 || now !== counted.current[i]) reload.current();
      });
      source.addEventListener('missed', () => reload.current());
      source.addEventListener('end', lost);
      source.addEventListener('error', lost);
    };
    const opening = setTimeout(() => {
      sources = addresses.map((address) => new EventSource(address));
      sources.forEach(listen);
    }, STAYS_MS);
    return () => {
      clearTimeout(opening);
      sources.forEach((source) => source.close());
      clearTimeout(batch);
      clearTimeout(again);
    };
  }, [addresses, on, attempt]);
  return { changed: changesOf(changes, shown), state };
}
