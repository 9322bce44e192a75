// Who is signed in, and what that person may do. What is not allowed is not shown; the server refuses it all the same.
import { queryOptions, useQuery } from '@tanstack/react-query';
import { createContext, use, type ReactNode } from 'react';
import { ApiError, getJson, type CmdletName } from './client';
import type { paths } from './schema';

export interface Session {
  name: string;
  roleGroups: string[];
  /** Cmdlets this person may run. */
  cmdlets: ReadonlySet<string>;
  /** The server's. */
  zone: string;
  version: string;
}

const Context = createContext<Session | null>(null);

type Said = paths['/api/v1/session']['get']['responses'][200]['content']['application/json'];

const readSession = (said: Said): Session => ({ name: said.name, roleGroups: said.roleGroups, cmdlets: new Set(said.cmdlets), zone: said.timeZone, version: said.version });

export const sessionQuery = queryOptions<Session, ApiError>({
  queryKey: ['session'],
  queryFn: async () => readSession((await getJson('/api/v1/session')) as Said),
  staleTime: Infinity,
  retry: false,
});

export const useLoadedSession = () => useQuery(sessionQuery);

export function SessionProvider({ session, children }: { session: Session; children: ReactNode }) {
  return <Context value={session}>{children}</Context>;
}

export function useSession(): Session {
  const session = use(Context);
  if (!session) throw new Error('useSession outside SessionProvider');
  return session;
}

export const allows = (session: Session, cmdlet: CmdletName): boolean => session.cmdlets.has(cmdlet);

/** `can('Retry-Queue')`: whether the person signed in may run the cmdlet. */
export function useCan(): (cmdlet: CmdletName) => boolean {
  const session = useSession();
  return (cmdlet) => allows(session, cmdlet);
}
