// How much there was of what, when: a row for each name, a cell for each span, the darker the more.
import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { formatLocale, numberText } from '@i18n/t';
import { SafeText } from '@kit/safe/SafeText';
import { Figure } from './Figure';
import { labelEvery } from './scale';
import { useWidth } from './useWidth';

export interface HeatRow { name: string; values: number[] }
interface Props {
  title: string;
  lead?: string;
  /** What the rows are, in the head of the table. */
  head: string;
  /** What the columns are called, one for each value. */
  columns: string[];
  rows: HeatRow[];
}

const NAME_WIDTH = 160;
const SHADES = 5;
/** What has the last shade at least: one that waits is no fire. */
const TOP_LEAST = 20;

const useStyles = makeStyles({
  scroll: { overflowX: 'auto', scrollbarWidth: 'thin' },
  rows: { display: 'flex', flexDirection: 'column', rowGap: '3px', minWidth: '520px' },
  row: { display: 'grid', columnGap: '2px', alignItems: 'center' },
  name: { fontSize: tokens.fontSizeBase200, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap', paddingInlineEnd: '10px' },
  cell: { height: '26px', borderRadius: '3px', display: 'flex', alignItems: 'center', justifyContent: 'center', fontSize: tokens.fontSizeBase100, fontVariantNumeric: 'tabular-nums', overflow: 'hidden', backgroundColor: tokens.colorNeutralBackground3, color: tokens.colorNeutralForeground1, '@media (forced-colors: active)': { border: '1px solid CanvasText' } },
  shade1: { backgroundColor: tokens.colorPaletteMarigoldBackground1 },
  shade2: { backgroundColor: tokens.colorPaletteMarigoldBackground2 },
  shade3: { backgroundColor: tokens.colorPaletteDarkOrangeBackground2 },
  shade4: { backgroundColor: tokens.colorPaletteRedBackground2 },
  shade5: { backgroundColor: tokens.colorPaletteRedBackground3, color: tokens.colorNeutralForegroundOnBrand, fontWeight: tokens.fontWeightSemibold },
  label: { fontSize: tokens.fontSizeBase100, color: tokens.colorNeutralForeground3, whiteSpace: 'nowrap', overflow: 'visible', width: 0 },
});

/** 0 for nothing, else 1 to 5: the share of the greatest, so that one much fuller queue does not hide the others. */
export function shadeOf(value: number, greatest: number): number {
  if (value <= 0 || greatest <= 0) return 0;
  return Math.max(1, Math.min(SHADES, Math.ceil((Math.log1p(value) / Math.log1p(greatest)) * SHADES)));
}

export function HeatMap({ title, lead, head, columns, rows }: Props) {
  const styles = useStyles();
  const [ref, width] = useWidth<HTMLDivElement>();
  const template = { gridTemplateColumns: `${NAME_WIDTH}px repeat(${columns.length}, minmax(10px, 1fr))` };
  const greatest = Math.max(TOP_LEAST, ...rows.flatMap((row) => row.values));
  const every = labelEvery(columns.length, Math.max(520, width) - NAME_WIDTH);
  const shades = ['', styles.shade1, styles.shade2, styles.shade3, styles.shade4, styles.shade5];
  const said = (row: HeatRow) => `${row.name}: ${row.values.map((value, i) => (value > 0 ? `${columns[i]} ${numberText(value)}` : '')).filter(Boolean).join(', ') || '0'}`;
  return (
    <Figure title={title} lead={lead} empty={rows.length === 0} table={{ heads: [head, ...columns], rows: rows.map((row) => [row.name, ...row.values]) }}>
      <div ref={ref} className={styles.scroll} tabIndex={0} role="region" aria-label={title}>
        <div className={styles.rows}>
          {rows.map((row) => (
            <div key={row.name} role="img" aria-label={said(row)} className={styles.row} style={template}>
              <span className={styles.name}><SafeText text={row.name} /></span>
              {row.values.map((value, i) => <span key={columns[i]} className={mergeClasses(styles.cell, shades[shadeOf(value, greatest)])} title={`${columns[i]}: ${numberText(value)}`}>{value > 0 ? value.toLocaleString(formatLocale(), { notation: 'compact' }) : ''}</span>)}
            </div>
          ))}
          <div className={styles.row} style={template} aria-hidden>
            <span />
            {columns.map((column, i) => <span key={column} className={styles.label}>{i % every === 0 ? column : ''}</span>)}
          </div>
        </div>
      </div>
    </Figure>
  );
}
