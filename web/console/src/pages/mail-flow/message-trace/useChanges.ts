// The streams of a search: every change as it happens, and what went by unseen.
import { useEffect, useMemo, useRef, useState } from 'react';
import { changesOf, NO_CHANGE, NO_DOUBT, told, type Change, type Changed, type Changes, type Doubt } from './changes';
import { toSearch, type TraceParameters } from './query';
import { moment } from './rounds';
import { rowKey, type TraceRow } from './shapes';

/** The stream begins with so many of the newest rows: what became of them meanwhile. */
const NEWEST = 100;
const RECONNECT_MS = 3_000;
/** The stream is opened when the rows have been there for so long: who types on has another question by then. */
const STAYS_MS = 300;
/** However many changes there are, the list is drawn anew at most ten times a second. */
const TOGETHER_MS = 100;

export type LiveState = 'connecting' | 'on' | 'lost' | 'off';

/** What changed of the rows that are shown: those of this question if they are `fresh`, else still those of the last. */
export function useChanges(asked: TraceParameters[], on: boolean, fresh: boolean): { changed: Changed; doubt: Doubt; state: LiveState } {
  const [state, setState] = useState<LiveState>('off');
  const addresses = useMemo(() => asked.map((parameters) => `/api/v1/traces/stream?${toSearch({ ...parameters, ResultSize: NEWEST })}`), [asked]);
  const [changes, setChanges] = useState<Changes>({ of: addresses, rows: NO_CHANGE });
  const [doubt, setDoubt] = useState({ of: addresses, ...NO_DOUBT });
  const [shown, setShown] = useState(addresses);
  const heard = useRef({ of: addresses, at: 0 });
  // What changed belongs to the rows that are shown, and goes with them.
  if (fresh && shown !== addresses) setShown(addresses);
  useEffect(() => {
    if (!on) {
      setState('off');
      return undefined;
    }
    setState('connecting');
    let waiting: [string, Change][] = [];
    let batch: ReturnType<typeof setTimeout> | undefined;
    // Changes of one moment are shown together.
    const take = (key: string, row: TraceRow | null) => {
      const change = { row, told: moment() };
      heard.current = { of: addresses, at: change.told };
      waiting.push([key, change]);
      batch ??= setTimeout(() => {
        const taken = waiting;
        waiting = [];
        batch = undefined;
        setChanges((before) => told(before, addresses, taken));
      }, TOGETHER_MS);
    };
    let sources: EventSource[] = [];
    const close = () => sources.forEach((source) => source.close());
    const open = () => {
      setState('connecting');
      // What an earlier stream told of these rows may have changed again before this one is open.
      const earlier = heard.current.of === addresses ? heard.current.at : 0;
      const again = new Set<string>();
      const counts = new Map<number, number | null>();
      sources = addresses.map((address) => new EventSource(address));
      sources.forEach((source, i) => {
        source.addEventListener('row', (event) => {
          const row = JSON.parse(event.data as string) as TraceRow;
          if (counts.size < sources.length) again.add(rowKey(row));
          take(rowKey(row), row);
        });
        source.addEventListener('gone', (event) => {
          take(rowKey(JSON.parse(event.data as string) as TraceRow), null);
        });
        source.addEventListener('ready', (event) => {
          counts.set(i, (JSON.parse(event.data as string) as { count: number | null }).count);
          if (counts.size < sources.length) return;
          setState('on');
          const opened = { of: addresses, at: moment(), again, counts: sources.map((_, i) => counts.get(i) ?? null) };
          // Of several streams the first may have missed something by now.
          setDoubt((before) => ({ ...opened, whole: Math.max(earlier, before.of === addresses ? before.whole : 0) }));
        });
        source.addEventListener('missed', () => {
          const at = moment();
          setDoubt({ ...NO_DOUBT, of: addresses, at, whole: at });
        });
        source.addEventListener('end', lost);
        source.addEventListener('error', lost);
      });
    };
    let opening = setTimeout(open, STAYS_MS);
    const lost = () => {
      close();
      setState('lost');
      clearTimeout(opening);
      opening = setTimeout(open, RECONNECT_MS);
    };
    return () => {
      clearTimeout(opening);
      close();
      clearTimeout(batch);
    };
  }, [addresses, on]);
  return { changed: changesOf(changes, shown), doubt: doubt.of === shown ? doubt : NO_DOUBT, state };
}
