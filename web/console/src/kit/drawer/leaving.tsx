// Back, Forward and a way to another page ask too, where something unsaved would be lost.
import { use, useEffect, useLayoutEffect, useMemo, useRef, type ReactNode } from 'react';
import { UNSAFE_NavigationContext as NavigationContext, useLocation, type Navigator, type To } from 'react-router';

/** What may hold something unsaved, and how it asks before it lets go. */
export interface Guard { isUnsaved: () => boolean; ask: (go: () => void) => void }

const guards: Guard[] = [];
let isFree = false;

/** What lies above the rest came last. */
const unsaved = (): Guard | undefined => guards.findLast((guard) => guard.isUnsaved());

export function useGuard(guard: Guard): void {
  const now = useRef(guard);
  useEffect(() => {
    now.current = guard;
  });
  useEffect(() => {
    const own: Guard = { isUnsaved: () => now.current.isUnsaved(), ask: (go) => now.current.ask(go) };
    guards.push(own);
    return () => void guards.splice(guards.indexOf(own), 1);
  }, []);
}

/** For a form whose button leads to what was asked for: nothing is lost on this way. */
export function freely(go: () => void): void {
  isFree = true;
  try {
    go();
  } finally {
    isFree = false;
  }
}

/** The place in the history, which the router counts in each entry. */
const place = (): number | null => (history.state as { idx?: number } | null)?.idx ?? null;
const pathOf = (to: To): string => (typeof to === 'string' ? new URL(to, location.href).pathname : (to.pathname ?? location.pathname));

/** Within the router, around all that is drawn. */
export function Leaving({ children }: { children: ReactNode }) {
  const around = use(NavigationContext);
  const at = useRef(place());
  const way = useRef<'free' | 'back' | null>(null);
  const here = useLocation();
  // eslint-disable-next-line react/exhaustive-deps, react/exhaustive-effect-dependencies
  useEffect(() => {
    at.current = place();
  }, [here]);
  // Before that of the router around, whose listener is told after this one.
  useLayoutEffect(() => {
    let wanted = 0;
    // The address has changed already and is put back until the question is answered.
    const pop = (event: PopStateEvent) => {
      const guard = unsaved();
      const [to, from] = [place(), at.current];
      if (way.current === 'back') {
        event.stopImmediatePropagation();
        way.current = null;
        guard?.ask(() => {
          way.current = 'free';
          history.go(wanted);
        });
      } else if (guard && way.current === null && to !== null && from !== null && to !== from) {
        event.stopImmediatePropagation();
        wanted = to - from;
        way.current = 'back';
        history.go(-wanted);
      } else {
        way.current = null;
        at.current = to;
      }
    };
    const unload = (event: BeforeUnloadEvent) => {
      if (unsaved()) event.preventDefault();
    };
    addEventListener('popstate', pop);
    addEventListener('beforeunload', unload);
    return () => {
      removeEventListener('popstate', pop);
      removeEventListener('beforeunload', unload);
    };
  }, []);
  const context = useMemo(() => {
    const { navigator } = around;
    // Within a page it is the page that decides: it asks before it closes what it shows.
    const asking = (go: Navigator['push']): Navigator['push'] => (to, state, options) => {
      const guard = isFree || pathOf(to) === location.pathname ? undefined : unsaved();
      const leave = () => {
        go.call(navigator, to, state, options);
        at.current = place();
      };
      if (guard) guard.ask(leave);
      else leave();
    };
    return { ...around, navigator: { ...navigator, push: asking(navigator.push), replace: asking(navigator.replace) } };
  }, [around]);
  return <NavigationContext value={context}>{children}</NavigationContext>;
}
