// The address is the state: what is open, chosen and sorted can be sent to a colleague.
import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router';
import { parseSort, sortText, type Sort } from './model';

/** One value in the address. An empty value leaves it. `keep` puts the step into the history, so that Back undoes it. */
export function useUrl(name: string): [string | null, (value: string | null, keep?: boolean) => void] {
  const [search, setSearch] = useSearchParams();
  const set = useCallback(
    (value: string | null, keep = false) =>
      setSearch((before) => {
        const next = new URLSearchParams(before);
        if (value) next.set(name, value);
        else next.delete(name);
        return next;
      }, { replace: !keep }),
    [name, setSearch],
  );
  return [search.get(name), set];
}

/** Several values in one step: of two steps at once, the second would undo the first. */
export function useSetUrl(): (values: Record<string, string | null>, keep?: boolean) => void {
  const [, setSearch] = useSearchParams();
  return useCallback(
    (values, keep = false) =>
      setSearch((before) => {
        const next = new URLSearchParams(before);
        for (const [name, value] of Object.entries(values)) {
          if (value) next.set(name, value);
          else next.delete(name);
        }
        return next;
      }, { replace: !keep }),
    [setSearch],
  );
}

export function useUrlSort(): [Sort | null, (sort: Sort) => void] {
  const [text, set] = useUrl('sort');
  const sort = useMemo(() => parseSort(text), [text]);
  return [sort, useCallback((next: Sort) => set(sortText(next)), [set])];
}
