// What the page of the address needs is fetched before anything is drawn: its code, who is signed in, and what it reads first.
import type { QueryClient } from '@tanstack/react-query';
import { cmdletQuery } from '@api/cmdlet';
import { allows, sessionQuery } from '@api/session';
import { read } from './pages/entry';
import { allPages } from './pages/registry';

export async function fetchAhead(queries: QueryClient): Promise<void> {
  const path = location.pathname.replace(/^\/admin\/?/, '');
  const page = allPages.find((one) => one.path !== '' && (path === one.path || path.startsWith(`${one.path}/`))) ?? allPages.find((one) => one.path === '');
  // Where it cannot be had, opening the page says so.
  const view = page?.view.fetch().catch(() => undefined);
  await queries.prefetchQuery(sessionQuery);
  const session = queries.getQueryData(sessionQuery.queryKey);
  if (!session || !page?.needs.every((cmdlet) => allows(session, cmdlet))) return;
  const reads = typeof page.reads === 'function' ? page.reads(new URLSearchParams(location.search)) : (page.reads ?? []).map((cmdlet) => read(cmdlet));
  for (const { cmdlet, parameters } of reads) void queries.prefetchQuery(cmdletQuery(cmdlet, parameters));
  await view;
}
