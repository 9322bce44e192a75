// For tests only: a page or a part of one in a document, before a server that answers what it is told to.
import { act, useEffect, type ReactNode } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { MemoryRouter, useLocation } from 'react-router';
import { vi } from 'vitest';
import { SessionProvider } from '@api/session';
import { SettingsProvider } from '@kit/shell/settings';

/** What a cmdlet answers: the body, or when it will; a cmdlet that is not named answers nothing. */
export type Answers = Record<string, (parameters: Record<string, unknown>) => unknown>;

const roots: Root[] = [];
let at = '';

function Where() {
  const { pathname, search } = useLocation();
  useEffect(() => {
    at = pathname + search;
  }, [pathname, search]);
  return null;
}

/** The address as the page left it. */
export const address = (): string => at;

async function answer(request: Request, answers: Answers): Promise<Response> {
  const name = /cmdlets\/([\w-]+)/.exec(request.url)?.[1] ?? '';
  const body = await answers[name]?.((await request.json()) as Record<string, unknown>);
  const failed = body instanceof Error;
  return Response.json(failed ? { error: { code: 'X', message: body.message } } : (body ?? { value: [] }), { status: failed ? 400 : 200 });
}

export async function mount(node: ReactNode, { path = '/', may = [] as string[], answers = {} as Answers } = {}) {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  vi.stubGlobal('fetch', (request: Request) => answer(request, answers));
  // Nothing moves: an animation that a page ends by going away would be an error of its own.
  Object.defineProperty(Element.prototype, 'animate', { value: undefined, configurable: true, writable: true });
  const place = document.createElement('div');
  document.body.replaceChildren(place);
  const root = createRoot(place);
  roots.push(root);
  const session = { name: 'admin', roleGroups: [], cmdlets: new Set([...Object.keys(answers), ...may]), zone: 'Etc/UTC', version: '' };
  await act(async () =>
    root.render(
      <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
        <MemoryRouter initialEntries={[path]}><SessionProvider session={session}><SettingsProvider zone="Etc/UTC">{node}<Where /></SettingsProvider></SessionProvider></MemoryRouter>
      </QueryClientProvider>,
    ));
  await settled();
}

/** What was under way is done. */
export const settled = () => act(async () => void (await new Promise((done) => { setTimeout(done, 30); })));

export function unmountAll() {
  for (const root of roots.splice(0)) act(() => root.unmount());
  localStorage.clear();
  vi.unstubAllGlobals();
}

export const words = (): string => document.body.textContent ?? '';

export function button(name: string): HTMLElement {
  const found = [...document.querySelectorAll<HTMLElement>('button, [role=button]')].find((b) => b.textContent === name || b.getAttribute('aria-label') === name);
  if (!found) throw new Error(`no button ${name}`);
  return found;
}

export async function press(name: string) {
  await act(async () => button(name).click());
  await settled();
}

/** The box with this name. */
export function box(name: string): HTMLInputElement {
  const found = document.querySelector<HTMLInputElement>(`input[aria-label="${name}"]`);
  if (!found) throw new Error(`no box ${name}`);
  return found;
}

export async function type(name: string, text: string) {
  const input = box(name);
  await act(async () => {
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(input, text);
    input.dispatchEvent(new Event('input', { bubbles: true }));
  });
  await settled();
}
