// One row of a list: plain elements with classes, drawn again only when something about it changed. Hundreds come into sight in a second of scrolling.
import { memo, type MouseEvent } from 'react';
import { mergeClasses } from '@fluentui/react-components';
import { defineText } from '@i18n/t';
import { visible } from '@kit/safe/visible';
import { shownText, type Column } from './column';
import type { useGridStyles } from './styles';

const t = defineText('grid-row', { select: 'Select {row}' });

interface Props {
  id: string;
  row: unknown;
  index: number;
  start: number;
  columns: Column<unknown>[];
  template: string;
  styles: ReturnType<typeof useGridStyles>;
  name: (row: unknown) => string;
  opens: boolean;
  selected: boolean | undefined;
  open: boolean;
  active: boolean;
  onClick: (event: MouseEvent, row: unknown, index: number) => void;
  onToggle: (row: unknown, index: number) => void;
}

const COMPARED = ['id', 'row', 'index', 'start', 'columns', 'template', 'styles', 'opens', 'selected', 'open', 'active', 'onClick', 'onToggle'] as const satisfies (keyof Props)[];
const same = (a: Props, b: Props) => COMPARED.every((key) => a[key] === b[key]);

export const Row = memo(function Row({ id, row, index, start, columns, template, styles, name, opens, selected, open, active, onClick, onToggle }: Props) {
  const special = selected || open || active;
  const plain = opens ? styles.rowOpens : styles.row;
  const end = mergeClasses(styles.cell, styles.end);
  return (
    // The keyboard is handled by the grid, whose active descendant a row is.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
    <div
      id={id} role="row" aria-rowindex={index + 2} aria-selected={selected} className={special ? mergeClasses(plain, selected && styles.selected, open && styles.open, active && styles.active) : plain}
      style={{ gridTemplateColumns: template, top: start }} onClick={(event) => onClick(event, row, index)}
    >
      {selected !== undefined && (
        <div role="gridcell" className={styles.check}>
          <input type="checkbox" tabIndex={-1} className={styles.box} checked={selected} aria-label={t('select', { row: visible(name(row)) })} onClick={(event) => event.stopPropagation()} onChange={() => onToggle(row, index)} />
        </div>
      )}
      {columns.map((c) => <div key={c.id} role="gridcell" className={c.end ? end : styles.cell}>{c.render ? c.render(row) : shownText(c.value(row))}</div>)}
    </div>
  );
}, same);
