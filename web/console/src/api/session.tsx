// Who is signed in, and what that person may do. What is not allowed is not shown; the server refuses it all the same.
import { useQuery } from '@tanstack/react-query';
import { createContext, use, type ReactNode } from 'react';
import { ApiError, getJson, type CmdletName } from './client';

export interface Session {
  name: string;
  roleGroups: string[];
  /** Cmdlets this person may run; null if the server does not say, and then it decides at each call. */
  cmdlets: ReadonlySet<string> | null;
  zone: string | null;
  version: string | null;
}

const Context = createContext<Session | null>(null);

const strings = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

export function readSession(body: unknown): Session {
  const said = (body ?? {}) as Record<string, unknown>;
  const server = (said.server ?? {}) as Record<string, unknown>;
  return {
    name: text(said.name) ?? '',
    roleGroups: strings(said.roleGroups),
    cmdlets: Array.isArray(said.cmdlets) ? new Set(strings(said.cmdlets)) : null,
    zone: text(server.timeZone),
    version: text(server.version),
  };
}

export function useLoadedSession() {
  return useQuery<Session, ApiError>({
    queryKey: ['session'],
    queryFn: async () => readSession(await getJson('/api/v1/session')),
    staleTime: Infinity,
    retry: false,
  });
}

export function SessionProvider({ session, children }: { session: Session; children: ReactNode }) {
  return <Context value={session}>{children}</Context>;
}

export function useSession(): Session {
  const session = use(Context);
  if (!session) throw new Error('useSession outside SessionProvider');
  return session;
}

export const allows = (session: Session, cmdlet: CmdletName): boolean => session.cmdlets === null || session.cmdlets.has(cmdlet);

/** `can('Retry-Queue')`: whether the person signed in may run the cmdlet. */
export function useCan(): (cmdlet: CmdletName) => boolean {
  const session = useSession();
  return (cmdlet) => allows(session, cmdlet);
}
