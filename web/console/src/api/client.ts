// Talks to the server: every cmdlet by its name, with the types the server itself describes.
import createClient from 'openapi-fetch';
import type { paths } from './schema';

type CmdletPath = Extract<keyof paths, `/api/v1/cmdlets/${string}`>;
export type CmdletName = CmdletPath extends `/api/v1/cmdlets/${infer N}` ? N : never;
type Operation<N extends CmdletName> = paths[`/api/v1/cmdlets/${N}`] extends { post: infer O } ? O : never;
/** What may be given to a cmdlet. */
export type Parameters<N extends CmdletName> =
  Operation<N> extends { requestBody?: { content: { 'application/json': infer P } } } ? P : Record<string, unknown>;
type Body<N extends CmdletName> =
  Operation<N> extends { responses: { 200: { content: { 'application/json': infer B } } } } ? B : never;
/** One object a cmdlet puts out. */
export type Row<N extends CmdletName> = Body<N> extends { value?: infer V } ? (NonNullable<V> extends (infer R)[] ? NonNullable<R> : NonNullable<V>) : unknown;
type Filled<T> = T extends (infer E)[] ? NonNullable<E>[] : T;
/** A row with all its columns, as a list gives it; only those named here may be null. */
export type Sent<N extends CmdletName, Null extends keyof Row<N> = never> = { [K in keyof Row<N>]-?: Filled<NonNullable<Row<N>[K]>> | (K extends Null ? null : never) };

export interface Source { Name: string; Type: string; Place?: string; State: string; LastRecord: string | null; LagSeconds: number | null }
/** A cmdlet's answer: its objects, how many there are in all, who was asked, and what could be missing. */
export interface Answer<R> {
  rows: R[];
  count: number | null;
  sources: Source[];
  gaps: unknown[];
  next: string | null;
  warnings: string[];
  notes: string[];
}

/** What the server said against it, and the HTTP status. */
export class ApiError extends Error {
  constructor(readonly status: number, readonly code: string, message: string) {
    super(message);
    this.name = 'ApiError';
  }
}

// Asked for at the time of the call, so that a test can put its own in place.
const client = createClient<paths>({
  baseUrl: '',
  headers: { 'X-Requested-With': 'postroom-console' },
  fetch: (request) => globalThis.fetch(request),
});

/** Where signing in starts; the page asked for comes back afterwards. */
export function signInAddress(): string {
  return `/sign-in?return=${encodeURIComponent(location.pathname + location.search)}`;
}

/** What the server said against it. */
export function failure(status: number, body: unknown): ApiError {
  const said = (body as { error?: { code?: string; message?: string } } | undefined)?.error;
  return new ApiError(status, said?.code ?? `HTTP ${status}`, said?.message ?? '');
}

/** Runs a cmdlet. A session that has ended leads to signing in and back. */
export async function runCmdlet<N extends CmdletName, R = Row<N>>(name: N, parameters: Parameters<N>, signal?: AbortSignal, headers?: Record<string, string>): Promise<Answer<R>> {
  // The paths differ only in the name, which the types above have checked.
  const post = client.POST as unknown as (path: string, init: object) => Promise<{ data?: unknown; error?: unknown; response: Response }>;
  let result;
  try {
    result = await post(`/api/v1/cmdlets/${name}`, { body: withoutEmpty(parameters as object), signal, headers });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, 'Unreachable', '');
  }
  if (result.response.status === 401) location.assign(signInAddress());
  if (!result.response.ok) throw failure(result.response.status, result.error);
  return readAnswer<R>(result.data);
}

/** A cmdlet's answer out of its body. */
export function readAnswer<R>(given: unknown): Answer<R> {
  const body = given as { value?: R[] | R; count?: number | null } & Partial<Answer<R>>;
  const value = body.value;
  return {
    rows: Array.isArray(value) ? value : value == null ? [] : [value],
    count: body.count ?? null,
    sources: body.sources ?? [],
    gaps: body.gaps ?? [],
    next: body.next ?? null,
    warnings: body.warnings ?? [],
    notes: body.notes ?? [],
  };
}

/** A resource outside the cmdlets, as JSON. Asked for plainly, so that index.html can have it fetched before there is a script. */
export async function getJson(path: string): Promise<unknown> {
  const answer = await fetch(path);
  if (answer.status === 401) location.assign(signInAddress());
  const body: unknown = await answer.json().catch(() => undefined);
  if (!answer.ok) throw failure(answer.status, body);
  return body;
}

/** Says that a value is to be taken away, where one left empty would only not be given: `$null` in the shell, null in JSON. */
export const CLEARED = { toJSON: () => null };

/** Parameters without those that were left empty in a form. */
export function withoutEmpty<T extends object>(parameters: T): T {
  const kept = Object.entries(parameters).filter(([, v]) => v !== undefined && v !== null && v !== '' && !(Array.isArray(v) && v.length === 0));
  return Object.fromEntries(kept) as T;
}
