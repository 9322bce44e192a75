// Cmdlets as React sees them: one hook that reads, one that changes.
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { runCmdlet, type Answer, type ApiError, type CmdletName, type Parameters, type Row } from './client';

/** `lookUp`: each call is recorded as a look into somebody's mail, so coming back to the window makes none. */
interface Options { enabled?: boolean; refreshSeconds?: number; lookUp?: boolean }

/** How the answer of a reading cmdlet is known, and got. */
export const cmdletQuery = <N extends CmdletName, R = Row<N>>(name: N, parameters: Parameters<N> = {} as Parameters<N>) =>
  queryOptions<Answer<R>, ApiError>({ queryKey: [name, parameters], queryFn: ({ signal }) => runCmdlet<N, R>(name, parameters, signal) });

/** The answer of a reading cmdlet, kept while the page is open and asked for again every `refreshSeconds`. */
export function useCmdlet<N extends CmdletName, R = Row<N>>(name: N, parameters: Parameters<N> = {} as Parameters<N>, options: Options = {}) {
  return useQuery<Answer<R>, ApiError>({
    ...cmdletQuery<N, R>(name, parameters),
    enabled: options.enabled ?? true,
    refetchInterval: options.refreshSeconds ? options.refreshSeconds * 1000 : false,
    ...(options.lookUp ? { refetchOnWindowFocus: false } : {}),
    placeholderData: (before: Answer<R> | undefined) => before,
  });
}

/** A changing cmdlet. When it is done, the answers of the cmdlets in `refreshes` are asked for again. */
export function useChange<N extends CmdletName, R = Row<N>>(name: N, refreshes: CmdletName[] = []) {
  const queries = useQueryClient();
  return useMutation<Answer<R>, ApiError, Parameters<N>>({
    mutationFn: (parameters) => runCmdlet<N, R>(name, parameters),
    onSuccess: () => Promise.all(refreshes.map((read) => queries.invalidateQueries({ queryKey: [read] }))),
  });
}
