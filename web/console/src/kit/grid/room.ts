// How wide the columns of a list are in the room there is.
import { useEffect, useLayoutEffect, useState, type RefObject } from 'react';
import { SELECT_WIDTH } from './styles';

interface Wide { width: number; grow?: number }
/** What a column that grows may give up, if all columns are in sight then: what stands in it is cut with a mark, a column out of sight is not seen. */
const LEAST_SHARE = 0.72;

export function columnsIn(columns: readonly Wide[], selects: boolean, room: number): { template: string; least: number } {
  const select = selects ? SELECT_WIDTH : 0;
  const sum = (widths: number[]) => widths.reduce((all, width) => all + width, select);
  const usual = columns.map((column) => column.width);
  const close = columns.map((column) => (column.grow ? Math.round(column.width * LEAST_SHARE) : column.width));
  const widths = sum(usual) > room && sum(close) <= room ? close : usual;
  const tracks = columns.map((column, i) => (column.grow ? `minmax(${widths[i]}px, ${column.grow}fr)` : `${widths[i]}px`));
  return { template: [...(selects ? [`${select}px`] : []), ...tracks].join(' '), least: sum(widths) };
}

/** The width of what scrolls, known before it is first seen. */
export function useRoom(scroll: RefObject<HTMLElement | null>): number {
  const [room, setRoom] = useState(0);
  useLayoutEffect(() => setRoom(scroll.current?.clientWidth ?? 0), [scroll]);
  useEffect(() => {
    const element = scroll.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => setRoom(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, [scroll]);
  return room;
}
