// A part whose code comes when it is needed. Once it is there it is drawn at once: React's own lazy parts first show that they are not, and keep
// showing it for 300 ms.
import { lazy, Suspense, useEffect, useState, type ComponentType, type ReactNode } from 'react';

/** `ahead`: what a module fetches more before it can be drawn as a whole. */
type Loader<P> = () => Promise<{ default: ComponentType<P>; ahead?: () => Promise<unknown> }>;
export interface Late<P> {
  (props: P): ReactNode;
  fetch: () => Promise<unknown>;
}

export function late<P extends object>(load: Loader<P>): Late<P> {
  let here: ComponentType<P> | undefined;
  const fetch = async () => {
    const loaded = await load();
    await loaded.ahead?.();
    here = loaded.default;
    return loaded;
  };
  const Waiting = lazy(fetch);
  function Part(props: P) {
    // Stays what it was at first, else the part would begin anew.
    const [View] = useState<ComponentType<P>>(() => here ?? (Waiting as ComponentType<P>));
    return <View {...props} />;
  }
  return Object.assign(Part, { fetch });
}

/** Drawn from when it is first wanted, and stays: a drawer gives the focus back as it closes. */
export function Kept({ from, children }: { from: boolean; children: ReactNode }) {
  const [ever, setEver] = useState(from);
  if (from && !ever) setEver(true);
  return ever || from ? <Suspense fallback={null}>{children}</Suspense> : null;
}

/** Fetches parts that will be opened soon, when there is nothing else to do. */
export function useSoon(...parts: Pick<Late<never>, 'fetch'>[]): void {
  useEffect(() => {
    const wait = globalThis.requestIdleCallback ?? setTimeout;
    // What does not come now is asked for again when it is opened, and says why then.
    const handle = wait(() => parts.forEach((part) => void part.fetch().catch(() => undefined)));
    return () => (globalThis.cancelIdleCallback ?? clearTimeout)(handle as number);
    // The parts of a page are always the same.
    // eslint-disable-next-line react/exhaustive-deps, react/exhaustive-effect-dependencies
  }, []);
}
