// Columns that are stacked of parts, such as what became of the mail of each day. Each column may lead somewhere.
import { useId } from 'react';
import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { formatLocale, numberText } from '@i18n/t';
import { useSettings } from '@kit/shell/settings';
import { Figure, type Ready } from './Figure';
import { Patterns, patternFill } from './patterns';
import { labelEvery, niceScale } from './scale';
import { useWidth } from './useWidth';

export interface Part { id: string; name: string; colour: string }
export interface ColumnData { label: string; values: Record<string, number>; onOpen?: () => void }
interface Props { title: string; lead?: string; head: string; parts: Part[]; columns: ColumnData[]; ready?: Ready }

const HEIGHT = 210;
const LEFT = 44;
const BOTTOM = 24;
const TOP = 8;
const WIDEST = 56;

const useStyles = makeStyles({
  svg: { display: 'block', width: '100%', direction: 'ltr', fontFamily: tokens.fontFamilyBase },
  axis: { fill: tokens.colorNeutralForeground3, fontSize: '12px' },
  grid: { stroke: tokens.colorNeutralStroke2, strokeWidth: '1px' },
  column: { cursor: 'pointer', ':focus-visible rect': { stroke: tokens.colorStrokeFocus2, strokeWidth: '2px' }, outlineStyle: 'none' },
  part: { stroke: tokens.colorNeutralBackground1, strokeWidth: '1px' },
  // Parts that only their patterns tell apart have outlines too.
  outlined: { stroke: 'currentColor', strokeWidth: '1.5px' },
  few: { color: tokens.colorNeutralForeground1, '@media (forced-colors: active)': { color: 'CanvasText' } },
  legend: { display: 'flex', flexWrap: 'wrap', gap: '4px 16px', listStyleType: 'none', margin: 0, padding: 0, fontSize: tokens.fontSizeBase200 },
  entry: { display: 'inline-flex', alignItems: 'center', gap: '6px' },
  swatch: { flexShrink: 0 },
});

export function Columns({ title, lead, head, parts, columns, ready }: Props) {
  const styles = useStyles();
  const [ref, width] = useWidth<HTMLDivElement>();
  const used = parts.filter((part) => columns.some((column) => (column.values[part.id] ?? 0) > 0));
  const sum = (column: ColumnData) => parts.reduce((all, part) => all + (column.values[part.id] ?? 0), 0);
  const id = useId();
  const { fewColours } = useSettings();
  const fill = (part: Part) => (fewColours ? patternFill(id, parts.indexOf(part)) : part.colour);
  const box = fewColours ? mergeClasses(styles.part, styles.outlined) : styles.part;
  const scale = niceScale(Math.max(0, ...columns.map(sum)));
  const room = width - LEFT;
  const step = room / Math.max(1, columns.length);
  const thick = Math.min(WIDEST, step * 0.7);
  const y = (value: number) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / scale.top);
  const every = labelEvery(columns.length, room);
  const said = (column: ColumnData) => `${column.label}: ${used.map((part) => `${part.name} ${numberText(column.values[part.id] ?? 0)}`).join(', ')}`;
  return (
    <Figure title={title} lead={lead} ready={ready} empty={columns.every((column) => sum(column) === 0)} table={{ heads: [head, ...parts.map((p) => p.name)], rows: columns.map((c) => [c.label, ...parts.map((p) => c.values[p.id] ?? 0)]) }}>
      <div ref={ref} className={fewColours ? styles.few : undefined}>
        <svg data-picture className={styles.svg} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} role="group" aria-label={title}>
          {fewColours && <Patterns id={id} />}
          {scale.marks.map((mark) => (
            <g key={mark}>
              <line className={styles.grid} x1={LEFT} x2={width} y1={y(mark)} y2={y(mark)} />
              <text className={styles.axis} x={LEFT - 8} y={y(mark) + 4} textAnchor="end">{mark.toLocaleString(formatLocale(), { notation: 'compact' })}</text>
            </g>
          ))}
          {columns.map((column, i) => {
            const x = LEFT + step * i + (step - thick) / 2;
            let from = 0;
            const bars = used.map((part) => {
              const value = column.values[part.id] ?? 0;
              const bar = <rect key={part.id} data-part={part.id} className={box} x={x} width={thick} y={y(from + value)} height={Math.max(0, y(from) - y(from + value))} fill={fill(part)} />;
              from += value;
              return bar;
            });
            return (
              <g
                key={column.label} className={column.onOpen ? styles.column : undefined} role={column.onOpen ? 'link' : 'img'} aria-label={said(column)} tabIndex={column.onOpen ? 0 : undefined} onClick={column.onOpen}
                onKeyDown={(event) => { if (event.key === 'Enter') column.onOpen?.(); }}
              >
                <title>{said(column)}</title>
                <rect x={LEFT + step * i} width={step} y={TOP} height={HEIGHT - TOP - BOTTOM} fill="transparent" />
                {bars}
                {i % every === 0 && <text className={styles.axis} x={x + thick / 2} y={HEIGHT - 6} textAnchor="middle">{column.label}</text>}
              </g>
            );
          })}
        </svg>
      </div>
      <ul className={fewColours ? mergeClasses(styles.legend, styles.few) : styles.legend}>{used.map((part) => <li key={part.id} className={styles.entry}><svg className={styles.swatch} width={14} height={14} aria-hidden><rect className={fewColours ? styles.outlined : undefined} x={1} y={1} width={12} height={12} rx={fewColours ? 0 : 3} fill={fill(part)} /></svg>{part.name}</li>)}</ul>
    </Figure>
  );
}
