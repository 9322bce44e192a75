// The address is the state: what is open, chosen and sorted can be sent to a colleague.
import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router';
import { parseSort, sortText, type Sort } from './model';

type Values = Record<string, string | null>;

/** Several values in one step. An empty value leaves the address. `keep` puts the step into the history, so that Back undoes it. */
export function useSetUrl(): (values: Values, keep?: boolean) => void {
  const [, setSearch] = useSearchParams();
  return useCallback(
    (values, keep = false) => {
      // The address as it is by now: what the last drawing knew would undo a step taken since.
      const next = new URLSearchParams(location.search);
      for (const [name, value] of Object.entries(values)) {
        if (value) next.set(name, value);
        else next.delete(name);
      }
      setSearch(next, { replace: !keep });
    },
    [setSearch],
  );
}

/** One value in the address. */
export function useUrl(name: string): [string | null, (value: string | null, keep?: boolean) => void] {
  const [search] = useSearchParams();
  const setUrl = useSetUrl();
  const set = useCallback((value: string | null, keep = false) => setUrl({ [name]: value }, keep), [name, setUrl]);
  return [search.get(name), set];
}

export function useUrlSort(): [Sort | null, (sort: Sort) => void] {
  const [text, set] = useUrl('sort');
  const sort = useMemo(() => parseSort(text), [text]);
  return [sort, useCallback((next: Sort) => set(sortText(next)), [set])];
}
