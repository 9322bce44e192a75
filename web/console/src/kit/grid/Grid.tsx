// A list of any length: only the rows in sight are in the page, and the keyboard reaches them all.
//
// One stop for Tab: arrows, Page, Home and End move the active row, Enter opens it, Space selects it, Shift extends.
import { useCallback, useEffect, useId, useMemo, useRef, useState, type KeyboardEvent, type MouseEvent, type ReactNode } from 'react';
import { mergeClasses, Spinner } from '@fluentui/react-components';
import { defineText } from '@i18n/t';
import { Icon } from '@kit/icons';
import { type Column } from './column';
import { ColumnChooser } from './ColumnChooser';
import { extend, moveActive, nextSort, toggle, type Sort } from './model';
import { useOrdered } from './order';
import { columnsIn, useRoom } from './room';
import { Rows } from './Rows';
import { ROW, useGridStyles } from './styles';

export type { Column } from './column';

const t = defineText('grid', { selectAll: 'Select all rows', selectColumn: 'Selection', empty: 'Nothing found.', loading: 'Loading', sortBy: 'Sort by {column}' });

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
  /** The rows are in the order of `sort` already. */
  inOrder?: boolean;
  /** How many rows there are in all, if some are not here yet. */
  total?: number;
  onNearEnd?: () => void;
  loading?: boolean;
  /** The rows are those of the last question; they are dimmed until the answer to this one takes their place. */
  stale?: boolean;
  empty?: ReactNode;
  /** What stands above the list, such as how many rows there are. */
  note?: ReactNode;
  /** Where the chosen columns are remembered. */
  remember: string;
}

/** The columns a person chose, remembered in this browser. */
function useColumns<R>(columns: Column<R>[], remember: string) {
  const key = `postroom.columns.${remember}`;
  const [chosen, setChosen] = useState<string[]>(() => {
    const kept = localStorage.getItem(key);
    return kept ? kept.split(',') : columns.filter((c) => !c.hidden).map((c) => c.id);
  });
  const choose = useCallback((ids: string[]) => {
    localStorage.setItem(key, ids.join(','));
    setChosen(ids);
  }, [key]);
  const shown = useMemo(() => columns.filter((c) => chosen.includes(c.id)), [columns, chosen]);
  return { shown, chosen, choose };
}

export function Grid<R>(props: Props<R>) {
  const { rows, rowKey, selected, onSelect, onOpen, sort, total } = props;
  const styles = useGridStyles();
  const id = useId();
  const scroll = useRef<HTMLDivElement>(null);
  const anchor = useRef(0);
  const [active, setActive] = useState(0);
  const [focused, setFocused] = useState(false);
  const { shown, chosen, choose } = useColumns(props.columns, props.remember);
  const sorted = useOrdered(rows, props.columns, props.inOrder ? null : sort);
  const ordered = props.inOrder ? rows : sorted;
  const reach = useRef<(index: number) => void>(() => undefined);
  const at = Math.min(active, Math.max(0, ordered.length - 1));
  const { template, least } = columnsIn(shown, Boolean(onSelect), useRoom(scroll));
  const go = (to: number) => {
    setActive(to);
    reach.current(to);
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
        {props.loading && <Spinner size="tiny" className={styles.spinner} aria-label={t('loading')} />}
        <ColumnChooser columns={props.columns} chosen={chosen} onChoose={choose} />
      </div>
      <div
        ref={scroll} className={mergeClasses(styles.scroll, ordered.length === 0 && !props.loading && styles.bare)} role="grid" tabIndex={0} aria-label={props.label} aria-rowcount={(total ?? ordered.length) + 1} aria-colcount={shown.length + (onSelect ? 1 : 0)}
        aria-multiselectable={onSelect ? true : undefined} aria-activedescendant={ordered.length > 0 && focused ? `${id}-${at}` : undefined}
        aria-busy={props.loading} onKeyDown={onKeyDown} onFocus={(e) => setFocused(e.target === scroll.current)} onBlur={() => setFocused(false)}
      >
        <div className={mergeClasses(styles.inner, props.stale && styles.stale)} style={{ minWidth: least }} role="presentation">
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
              const isSorted = sort?.column === c.id;
              return (
                <div key={c.id} role="columnheader" className={styles.headCell} aria-sort={isSorted ? (sort.descending ? 'descending' : 'ascending') : 'none'}>
                  <button type="button" className={mergeClasses(styles.headButton, c.end && styles.end)} title={t('sortBy', { column: c.title })} onClick={() => props.onSort(nextSort(sort, c.id))}>
                    <span className={styles.headText}>{c.title}</span>
                    {isSorted && <Icon name={sort.descending ? 'down' : 'up'} size={14} />}
                  </button>
                </div>
              );
            })}
          </div>
          <Rows
            id={id} scroll={scroll} reach={reach} rows={ordered} columns={shown} template={template} rowKey={rowKey} rowName={props.rowName} opens={Boolean(onOpen)} openKey={props.openKey} detail={props.detail}
            selected={onSelect ? selected : undefined} active={focused && ordered.length > 0 ? at : null} onNearEnd={props.onNearEnd} onClick={rowClick} onToggle={rowToggle}
          />
        </div>
      </div>
      {ordered.length === 0 && !props.loading && <div className={styles.note} role="status">{props.empty ?? t('empty')}</div>}
    </div>
  );
}
