// A list of any length: only the rows in sight are in the page, and the keyboard reaches them all.
//
// One stop for Tab: arrows, Page, Home and End move the active row, Enter opens it, Space selects it, Shift extends.
import { memo, useCallback, useEffect, useId, useMemo, useRef, useState, type KeyboardEvent, type MouseEvent, type ReactNode } from 'react';
import { makeStyles, mergeClasses, Spinner, tokens } from '@fluentui/react-components';
import { useVirtualizer } from '@tanstack/react-virtual';
import { defineText, formatLocale } from '@i18n/t';
import { Icon } from '@kit/icons';
import { visible } from '@kit/safe/visible';
import { ColumnChooser } from './ColumnChooser';
import { extend, moveActive, nextSort, sortRows, toggle, type CellValue, type Sort } from './model';
import { Unfolded } from './Unfolded';

const t = defineText('grid', { select: 'Select {row}', selectAll: 'Select all rows', selectColumn: 'Selection', empty: 'Nothing found.', loading: 'Loading', sortBy: 'Sort by {column}' });

export interface Column<R> {
  id: string;
  title: string;
  /** Least width in pixels. */
  width: number;
  /** Share of the room that is left; none if not given. */
  grow?: number;
  value: (row: R) => CellValue;
  /** What is shown; the value as it is if not given. */
  render?: (row: R) => ReactNode;
  end?: boolean;
  /** In the column chooser, but not shown until chosen. */
  hidden?: boolean;
}

interface Props<R> {
  label: string;
  columns: Column<R>[];
  rows: readonly R[];
  rowKey: (row: R) => string;
  /** What a screen reader is told when a row is selected. */
  rowName: (row: R) => string;
  onOpen?: (row: R) => void;
  /** The row whose details are open. */
  openKey?: string | null;
  /** What the open row unfolds into, in place. */
  detail?: (row: R) => ReactNode;
  selected?: ReadonlySet<string>;
  onSelect?: (selected: Set<string>) => void;
  sort: Sort | null;
  onSort: (sort: Sort) => void;
  /** How many rows there are in all, if some are not here yet. */
  total?: number;
  onNearEnd?: () => void;
  loading?: boolean;
  empty?: ReactNode;
  /** What stands above the list, such as how many rows there are. */
  note?: ReactNode;
  /** Where the chosen columns are remembered. */
  remember: string;
}

const ROW = 36;
const NEAR_END_ROWS = 60;
const SELECT_WIDTH = 40;

const useStyles = makeStyles({
  root: { position: 'relative', display: 'flex', flexDirection: 'column', minHeight: '200px', flexGrow: 1, minWidth: 0 },
  scroll: { flexGrow: 1, flexBasis: 0, minHeight: '160px', overflow: 'auto', outlineStyle: 'none', position: 'relative', contain: 'strict', containerType: 'inline-size', ':focus-visible': { boxShadow: `inset 0 0 0 2px ${tokens.colorStrokeFocus2}` } },
  inner: { position: 'relative', minWidth: '100%' },
  head: { position: 'sticky', top: 0, zIndex: 1, display: 'grid', height: '40px', backgroundColor: tokens.colorNeutralBackground1, borderBottom: `1px solid ${tokens.colorNeutralStroke1}`, alignItems: 'stretch' },
  headCell: { display: 'flex', alignItems: 'center', minWidth: 0, fontWeight: tokens.fontWeightSemibold, fontSize: tokens.fontSizeBase200 },
  headButton: { display: 'flex', alignItems: 'center', gap: '4px', width: '100%', height: '100%', minWidth: 0, padding: '0 8px', border: 'none', background: 'none', color: 'inherit', font: 'inherit', cursor: 'pointer', textAlign: 'start', ':hover': { backgroundColor: tokens.colorNeutralBackground1Hover }, ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: '-2px' } },
  headText: { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' },
  row: { position: 'absolute', insetInlineStart: 0, top: 0, width: '100%', display: 'grid', height: `${ROW}px`, alignItems: 'center', borderBottom: `1px solid ${tokens.colorNeutralStroke3}`, cursor: 'default', fontSize: tokens.fontSizeBase300, ':hover': { backgroundColor: tokens.colorNeutralBackground1Hover } },
  opens: { cursor: 'pointer' },
  selected: { backgroundColor: tokens.colorNeutralBackground1Selected },
  open: { backgroundColor: tokens.colorBrandBackground2, boxShadow: `inset 3px 0 0 ${tokens.colorBrandStroke1}`, ':hover': { backgroundColor: tokens.colorBrandBackground2Hover } },
  active: { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: '-2px' },
  cell: { padding: '0 8px', overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap', minWidth: 0 },
  end: { textAlign: 'end', justifyContent: 'flex-end', fontVariantNumeric: 'tabular-nums' },
  check: { display: 'flex', alignItems: 'center', justifyContent: 'center', height: '100%' },
  box: { width: '16px', height: '16px', margin: 0, accentColor: tokens.colorBrandBackground, cursor: 'pointer' },
  note: { padding: '32px 16px', textAlign: 'center', color: tokens.colorNeutralForeground3 },
  above: { display: 'flex', alignItems: 'center', gap: '8px', minHeight: '32px', flexShrink: 0 },
  aboveNote: { flexGrow: 1, minWidth: 0 },
});

const shownText = (value: CellValue): string => (value == null ? '' : typeof value === 'number' ? value.toLocaleString(formatLocale()) : String(value));

/** The columns a person chose, remembered in this browser. */
function useColumns<R>(columns: Column<R>[], remember: string) {
  const key = `postroom.columns.${remember}`;
  const [chosen, setChosen] = useState<string[]>(() => {
    const kept = localStorage.getItem(key);
    return kept ? kept.split(',') : columns.filter((c) => !c.hidden).map((c) => c.id);
  });
  const choose = (ids: string[]) => {
    localStorage.setItem(key, ids.join(','));
    setChosen(ids);
  };
  const shown = useMemo(() => columns.filter((c) => chosen.includes(c.id)), [columns, chosen]);
  return { shown, chosen, choose };
}

export function Grid<R>(props: Props<R>) {
  const { rows, rowKey, selected, onSelect, onOpen, sort, total, onNearEnd } = props;
  const styles = useStyles();
  const id = useId();
  const scroll = useRef<HTMLDivElement>(null);
  const anchor = useRef(0);
  const [active, setActive] = useState(0);
  const [focused, setFocused] = useState(false);
  const { shown, chosen, choose } = useColumns(props.columns, props.remember);
  const column = sort ? props.columns.find((c) => c.id === sort.column) : undefined;
  const ordered = useMemo(() => (column && sort ? sortRows(rows, column.value, sort.descending, formatLocale()) : [...rows]), [rows, column, sort]);
  const [unfolded, setUnfolded] = useState(0);
  const openAt = props.detail && props.openKey ? ordered.findIndex((row) => rowKey(row) === props.openKey) : -1;
  const virtual = useVirtualizer({ count: ordered.length, getScrollElement: () => scroll.current, estimateSize: (index) => ROW + (index === openAt ? unfolded : 0), overscan: 10, scrollMargin: 0 });
  useEffect(() => virtual.measure(), [virtual, openAt, unfolded]);
  const openRow = ordered[openAt];
  const items = virtual.getVirtualItems();
  const lastSeen = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (onNearEnd && ordered.length > 0 && lastSeen >= ordered.length - NEAR_END_ROWS) onNearEnd();
  }, [lastSeen, ordered.length, onNearEnd]);

  const at = Math.min(active, Math.max(0, ordered.length - 1));
  const template = [...(onSelect ? [`${SELECT_WIDTH}px`] : []), ...shown.map((c) => (c.grow ? `minmax(${c.width}px, ${c.grow}fr)` : `${c.width}px`))].join(' ');
  const least = shown.reduce((sum, c) => sum + c.width, onSelect ? SELECT_WIDTH : 0);
  const go = (to: number) => {
    setActive(to);
    virtual.scrollToIndex(to, { align: 'auto' });
  };
  const keys = () => ordered.map(rowKey);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== scroll.current) return;
    const row = ordered[at];
    const page = Math.max(1, Math.floor((scroll.current?.clientHeight ?? ROW) / ROW) - 2);
    const to = moveActive(event.key, at, ordered.length, page);
    if (to !== null) {
      if (event.shiftKey && onSelect && selected) onSelect(extend(selected, keys(), anchor.current, to));
      else anchor.current = to;
      go(to);
    } else if (event.key === 'Enter' && row && onOpen) onOpen(row);
    else if (event.key === ' ' && row && onSelect && selected) onSelect(toggle(selected, rowKey(row)));
    else if (event.key === 'a' && (event.ctrlKey || event.metaKey) && onSelect) onSelect(new Set(keys()));
    else return;
    event.preventDefault();
  };

  const onRowClick = (event: MouseEvent, row: R, index: number) => {
    setActive(index);
    if (onSelect && selected && event.shiftKey) onSelect(extend(selected, keys(), anchor.current, index));
    else if (onSelect && selected && (event.ctrlKey || event.metaKey)) onSelect(toggle(selected, rowKey(row)));
    else onOpen?.(row);
    anchor.current = index;
  };
  const onRowToggle = (row: R, index: number) => {
    anchor.current = index;
    if (onSelect && selected) onSelect(toggle(selected, rowKey(row)));
  };
  // Rows are drawn again only when something about them changes: what they call stays the same.
  const latest = useRef({ onRowClick, onRowToggle });
  useEffect(() => {
    latest.current = { onRowClick, onRowToggle };
  });
  const rowClick = useCallback((event: MouseEvent, row: unknown, index: number) => latest.current.onRowClick(event, row as R, index), []);
  const rowToggle = useCallback((row: unknown, index: number) => latest.current.onRowToggle(row as R, index), []);

  return (
    <div className={styles.root}>
      <div className={styles.above}>
        <div className={styles.aboveNote}>{props.note}</div>
        {props.loading && <Spinner size="tiny" aria-label={t('loading')} />}
        <ColumnChooser columns={props.columns} chosen={chosen} onChoose={choose} />
      </div>
      <div
        ref={scroll} className={styles.scroll} role="grid" tabIndex={0} aria-label={props.label} aria-rowcount={(total ?? ordered.length) + 1} aria-colcount={shown.length + (onSelect ? 1 : 0)}
        aria-multiselectable={onSelect ? true : undefined} aria-activedescendant={ordered.length > 0 && items.some((i) => i.index === at) ? `${id}-${at}` : undefined}
        aria-busy={props.loading} onKeyDown={onKeyDown} onFocus={(e) => setFocused(e.target === scroll.current)} onBlur={() => setFocused(false)}
      >
        <div className={styles.inner} style={{ minWidth: least, height: 40 + virtual.getTotalSize() }} role="presentation">
          <div role="row" aria-rowindex={1} className={styles.head} style={{ gridTemplateColumns: template }}>
            {onSelect && selected && (
              <div role="columnheader" aria-label={t('selectColumn')} className={styles.check}>
                <input
                  type="checkbox" className={styles.box} aria-label={t('selectAll')} checked={ordered.length > 0 && selected.size >= ordered.length}
                  ref={(box) => { if (box) box.indeterminate = selected.size > 0 && selected.size < ordered.length; }}
                  onChange={(e) => onSelect(e.target.checked ? new Set(keys()) : new Set())}
                />
              </div>
            )}
            {shown.map((c) => {
              const sorted = sort?.column === c.id;
              return (
                <div key={c.id} role="columnheader" className={styles.headCell} aria-sort={sorted ? (sort.descending ? 'descending' : 'ascending') : 'none'}>
                  <button type="button" className={mergeClasses(styles.headButton, c.end && styles.end)} title={t('sortBy', { column: c.title })} onClick={() => props.onSort(nextSort(sort, c.id))}>
                    <span className={styles.headText}>{c.title}</span>
                    {sorted && <Icon name={sort.descending ? 'down' : 'up'} size={14} />}
                  </button>
                </div>
              );
            })}
          </div>
          {items.map((item) => {
            const row = ordered[item.index];
            if (row === undefined) return null;
            const key = rowKey(row);
            return (
              <GridRow
                key={key} id={`${id}-${item.index}`} row={row} index={item.index} start={item.start} columns={shown as Column<unknown>[]} template={template} name={props.rowName as (row: unknown) => string} opens={Boolean(onOpen)}
                selected={onSelect ? (selected?.has(key) ?? false) : undefined} open={props.openKey === key} active={focused && item.index === at} onClick={rowClick} onToggle={rowToggle}
              />
            );
          })}
          {props.detail && openRow !== undefined && items.filter((item) => item.index === openAt).map((item) => (
            <Unfolded key={props.openKey} top={item.start + 40 + ROW} columns={shown.length + (onSelect ? 1 : 0)} name={props.rowName(openRow)} onHeight={setUnfolded}>{props.detail?.(openRow)}</Unfolded>
          ))}
        </div>
      </div>
      {ordered.length === 0 && !props.loading && <div className={styles.note} role="status">{props.empty ?? t('empty')}</div>}
    </div>
  );
}

interface RowProps {
  id: string;
  row: unknown;
  index: number;
  start: number;
  columns: Column<unknown>[];
  template: string;
  name: (row: unknown) => string;
  opens: boolean;
  selected: boolean | undefined;
  open: boolean;
  active: boolean;
  onClick: (event: MouseEvent, row: unknown, index: number) => void;
  onToggle: (row: unknown, index: number) => void;
}

const sameRow = (a: RowProps, b: RowProps) => (Object.keys(a) as (keyof RowProps)[]).every((key) => key === 'name' || a[key] === b[key]);

const GridRow = memo(function GridRow({ id, row, index, start, columns, template, name, opens, selected, open, active, onClick, onToggle }: RowProps) {
  const styles = useStyles();
  return (
    // The keyboard is handled by the grid, whose active descendant a row is.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
    <div
      id={id} role="row" aria-rowindex={index + 2} aria-selected={selected} className={mergeClasses(styles.row, opens && styles.opens, selected && styles.selected, open && styles.open, active && styles.active)}
      style={{ gridTemplateColumns: template, transform: `translateY(${start + 40}px)` }} onClick={(event) => onClick(event, row, index)}
    >
      {selected !== undefined && (
        <div role="gridcell" className={styles.check}>
          <input type="checkbox" tabIndex={-1} className={styles.box} checked={selected} aria-label={t('select', { row: visible(name(row)) })} onClick={(event) => event.stopPropagation()} onChange={() => onToggle(row, index)} />
        </div>
      )}
      {columns.map((c) => <div key={c.id} role="gridcell" className={mergeClasses(styles.cell, c.end && styles.end)}>{c.render ? c.render(row) : shownText(c.value(row))}</div>)}
    </div>
  );
}, sameRow);
