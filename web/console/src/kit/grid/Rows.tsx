// The rows in sight and a few beyond. Scrolling draws this part anew and nothing around it.
import { memo, useCallback, useEffect, useLayoutEffect, useState, type MouseEvent, type ReactNode, type RefObject } from 'react';
import { useVirtualizer, type Range } from '@tanstack/react-virtual';
import type { Column } from './column';
import { Row } from './Row';
import { HEAD, ROW, useGridStyles } from './styles';
import { Unfolded } from './Unfolded';

/** Rows come and go so many at a time, and so many more than are seen are there. */
const STEP = 4;
const BEYOND = 6;
const NEAR_END_ROWS = 60;

interface Props<R> {
  id: string;
  scroll: RefObject<HTMLDivElement | null>;
  /** Brings a row into sight; filled in here, called by the keyboard. */
  reach: RefObject<(index: number) => void>;
  rows: readonly R[];
  columns: Column<R>[];
  template: string;
  rowKey: (row: R) => string;
  rowName: (row: R) => string;
  opens: boolean;
  openKey: string | null | undefined;
  detail?: (row: R) => ReactNode;
  selected: ReadonlySet<string> | undefined;
  /** The row the keyboard is at, if it is in the list; it is always in the page, so that it can be told of. */
  active: number | null;
  onNearEnd?: () => void;
  onClick: (event: MouseEvent, row: unknown, index: number) => void;
  onToggle: (row: unknown, index: number) => void;
}

/** Which rows are in the page: whole steps, so that most frames of scrolling change nothing. */
export function indexesOf(range: Pick<Range, 'startIndex' | 'endIndex' | 'count'>, active: number | null): number[] {
  const from = Math.max(0, Math.floor((range.startIndex - BEYOND) / STEP) * STEP);
  const to = Math.min(range.count, Math.ceil((range.endIndex + 1 + BEYOND) / STEP) * STEP);
  const inside = Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
  if (active === null || active >= range.count || (active >= from && active < to)) return inside;
  return active < from ? [active, ...inside] : [...inside, active];
}

function RowsOf<R>({ id, scroll, reach, rows, columns, template, rowKey, rowName, opens, openKey, detail, selected, active, onNearEnd, onClick, onToggle }: Props<R>) {
  const styles = useGridStyles();
  const [unfolded, setUnfolded] = useState(0);
  const openAt = detail && openKey ? rows.findIndex((row) => rowKey(row) === openKey) : -1;
  const virtual = useVirtualizer({
    count: rows.length, getScrollElement: () => scroll.current, estimateSize: (index) => ROW + (index === openAt ? unfolded : 0), scrollPaddingStart: HEAD,
    rangeExtractor: useCallback((range: Range) => indexesOf(range, active), [active]),
  });
  useEffect(() => virtual.measure(), [virtual, openAt, unfolded]);
  useLayoutEffect(() => {
    reach.current = (index) => virtual.scrollToIndex(index, { align: 'auto' });
  }, [reach, virtual]);
  const items = virtual.getVirtualItems();
  const lastSeen = virtual.range?.endIndex ?? 0;
  useEffect(() => {
    if (onNearEnd && rows.length > 0 && lastSeen >= rows.length - NEAR_END_ROWS) onNearEnd();
  }, [lastSeen, rows.length, onNearEnd]);
  const openRow = rows[openAt];
  return (
    <div role="presentation" className={styles.rows} style={{ height: virtual.getTotalSize() }}>
      {items.map((item) => {
        const row = rows[item.index];
        if (row === undefined) return null;
        const key = rowKey(row);
        return (
          <Row
            key={key} id={`${id}-${item.index}`} row={row} index={item.index} start={item.start} columns={columns as Column<unknown>[]} template={template} styles={styles} name={rowName as (row: unknown) => string} opens={opens}
            selected={selected?.has(key)} open={openKey === key} active={item.index === active} onClick={onClick} onToggle={onToggle}
          />
        );
      })}
      {detail && openRow !== undefined && items.filter((item) => item.index === openAt).map((item) => (
        <Unfolded key={openKey} top={item.start + ROW} columns={columns.length + (selected ? 1 : 0)} name={rowName(openRow)} onHeight={setUnfolded}>{detail(openRow)}</Unfolded>
      ))}
    </div>
  );
}

export const Rows = memo(RowsOf) as typeof RowsOf;
