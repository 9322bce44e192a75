// The rows of a search: page after page as they are needed, and then every change as it happens.
import { useCallback, useEffect, useMemo } from 'react';
import { infiniteQueryOptions, keepPreviousData, useInfiniteQuery, useQueryClient, type InfiniteData } from '@tanstack/react-query';
import { runCmdlet, type Answer, type ApiError } from '@api/client';
import { useZone } from '@kit/shell/settings';
import { splitNotes } from './answer';
import { isBehind, merge } from './changes';
import { partsOf, questions, type TraceSearch } from './query';
import { joined, moment, together, type Round } from './rounds';
import type { TraceRow } from './shapes';
import { useChanges } from './useChanges';

/** What is in sight and some more: a larger answer takes longer to make, to send and to read before its first row can be drawn. */
export const FIRST_PAGE = 100;
const NEXT_PAGE = 5_000;

/** A search that stays open takes no end, and nothing that is not a condition on rows. A search for words does not: it is three questions, and a browser keeps six connections open. */
const canStayOpen = (search: TraceSearch): boolean => !search.EndDate && !search.Words && !search.Query && !search.Paste && !search.Slowest;

/** How the answers of a search are known. */
export const resultsKey = (search: TraceSearch, zone: string) => ['Get-MessageTrace', 'results', search, zone];

/** An answer that was asked for elsewhere, as the results of its search: older than all that a stream tells. */
export const asResults = (answer: Answer<TraceRow>): InfiniteData<Round, null> => ({ pages: [{ asked: 0, answers: [answer] }], pageParams: [null] });

/** How a search is asked, page after page. */
const asking = (search: TraceSearch, zone: string) => {
  const asked = questions(search);
  const parts = partsOf(search);
  return infiniteQueryOptions<Round, ApiError, InfiniteData<Round, (string | null)[] | null>, ReturnType<typeof resultsKey>, (string | null)[] | null>({
    queryKey: resultsKey(search, zone),
    // Where nothing is found the answer is a text, with times in the chosen zone.
    queryFn: async ({ pageParam, signal }) => ({
      asked: moment(),
      answers: await Promise.all(asked.map((parameters, i) => (pageParam && !pageParam[i] ? null : runCmdlet<'Get-MessageTrace', TraceRow>('Get-MessageTrace', { ...parameters, ResultSize: pageParam ? NEXT_PAGE : FIRST_PAGE, Cursor: pageParam?.[i] ?? undefined, TimeZone: zone }, signal, parts[i] ? { 'X-Search-Part': parts[i] } : undefined)))),
    }),
    initialPageParam: null,
    getNextPageParam: ({ answers }) => (answers.some((answer) => answer?.next) ? answers.map((answer) => answer?.next ?? null) : null),
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
  // What changed goes with the question; who comes back to it sees what was read until it was asked for again.
  useEffect(() => () => void queries.invalidateQueries({ queryKey: key, exact: true, refetchType: 'none' }), [queries, key]);
  const refresh = useCallback(() => void queries.resetQueries({ queryKey: key }), [queries, key]);
  const pages = query.data?.pages;
  const { refetch, isPlaceholderData: stale } = query;
  const ready = query.isSuccess && !stale;
  const { changed, doubt, state } = useChanges(asked, live && canStayOpen(search) && ready, !stale);
  const behind = useMemo(() => (ready && pages && isBehind(pages, doubt) ? { pages, doubt } : null), [ready, pages, doubt]);
  useEffect(() => {
    // What is being read is waited for: told of misses again and again, it would never come to an end. Pages that come and are still behind are read again.
    if (behind) void refetch({ cancelRefetch: false });
  }, [behind, refetch]);
  const loaded = useMemo(() => together(pages ?? []), [pages]);
  const begun = pages?.[0]?.asked ?? 0;
  const rows = useMemo(() => merge(loaded, changed, begun), [loaded, changed, begun]);
  const answers = pages?.[0]?.answers;
  const first = useMemo(() => joined((answers ?? []).filter((answer) => answer !== null), loaded.twice), [answers, loaded]);
  const texts = useMemo(() => (answers ?? []).map((answer) => splitNotes(answer?.notes ?? []).text).filter((text) => text.length > 0), [answers]);
  const total = Math.max(rows.length, (first?.count ?? 0) + rows.length - loaded.rows.length);
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = query;
  // What is to be read again is read before there is more of it; where that failed the reader goes on with what is here.
  const waits = query.isFetching || (behind !== null && !query.isError);
  const more = useCallback(() => {
    if (hasNextPage && !waits) void fetchNextPage({ cancelRefetch: false });
  }, [fetchNextPage, hasNextPage, waits]);
  return { rows, total, first, texts, error: query.error, loading: query.isLoading || stale || isFetchingNextPage, stale, complete: ready && !hasNextPage, more, refresh, state, at: query.dataUpdatedAt, query };
}
