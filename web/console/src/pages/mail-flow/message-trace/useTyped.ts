// A box whose text is part of the address: asked for as it is typed, and changed by an address from elsewhere (Back, a link).
import { useEffect, useRef, useState } from 'react';

/** The first key of a burst asks at once; those after it when they have paused for so long. */
const SETTLE_MS = 35;

export function useTyped(asked: string, ask: (text: string) => void): [string, (text: string) => void] {
  const [text, setText] = useState(asked);
  // Asked for, and not in the address yet: the address must not undo what was typed since.
  const underway = useRef<string[]>([]);
  const latest = useRef(ask);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const typed = useRef(-Infinity);
  useEffect(() => {
    latest.current = ask;
  });
  useEffect(() => {
    const at = underway.current.lastIndexOf(asked);
    underway.current = underway.current.slice(at + 1);
    if (at >= 0) return;
    underway.current = [];
    clearTimeout(timer.current);
    setText(asked);
  }, [asked]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const type = (next: string) => {
    const now = performance.now();
    const first = now - typed.current > SETTLE_MS;
    typed.current = now;
    setText(next);
    clearTimeout(timer.current);
    const send = () => {
      if (next === (underway.current.at(-1) ?? asked)) return;
      underway.current.push(next);
      latest.current(next);
    };
    if (first) send();
    else timer.current = setTimeout(send, SETTLE_MS);
  };
  return [text, type];
}
