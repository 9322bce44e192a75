// The conditions of a search, read from the address and written to it.
import { useMemo } from 'react';
import { useSearchParams } from 'react-router';
import { fromAddress, toAddress, type Conditions, type SearchField } from './fields';

export function useConditions(fields: SearchField[]): [Conditions, (conditions: Conditions) => void] {
  const [search, setSearch] = useSearchParams();
  // The same conditions are the same object, whatever else changes in the address.
  const text = JSON.stringify(fromAddress(fields, search));
  const conditions = useMemo(() => JSON.parse(text) as Conditions, [text]);
  return [conditions, (next) => setSearch((before) => toAddress(fields, next, before))];
}
