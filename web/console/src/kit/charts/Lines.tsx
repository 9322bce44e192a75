// Lines over time, such as percentiles of latency; each told apart by its dashes and its name at the end, not by colour alone.
import { makeStyles, tokens } from '@fluentui/react-components';
import { Figure } from './Figure';
import { textWidth } from './letters';
import { labelEvery, niceScale } from './scale';
import { useWidth } from './useWidth';

export interface Line { id: string; name: string; colour: string; dashes?: string }
export interface Point { label: string; values: Record<string, number | null> }
interface Props { title: string; lead?: string; head: string; lines: Line[]; points: Point[]; show: (value: number) => string; scaleOf?: typeof niceScale }

const HEIGHT = 210;
const LEFT_LEAST = 40;
const RIGHT = 44;
const GAP = 8;
const LETTERS = 12;
const BOTTOM = 24;
const TOP = 10;

const useStyles = makeStyles({
  svg: { display: 'block', width: '100%', direction: 'ltr', fontFamily: tokens.fontFamilyBase },
  axis: { fill: tokens.colorNeutralForeground3, fontSize: `${LETTERS}px` },
  name: { fill: tokens.colorNeutralForeground1, fontSize: '12px', fontWeight: 600 },
  grid: { stroke: tokens.colorNeutralStroke2, strokeWidth: '1px' },
});

export function Lines({ title, lead, head, lines, points, show, scaleOf = niceScale }: Props) {
  const styles = useStyles();
  const [ref, width] = useWidth<HTMLDivElement>();
  const scale = scaleOf(Math.max(0, ...points.flatMap((p) => lines.map((l) => p.values[l.id] ?? 0))), 3);
  // What the marks are called stands beside them whole.
  const left = Math.max(LEFT_LEAST, Math.ceil(Math.max(...scale.marks.map((mark) => textWidth(show(mark), LETTERS)))) + GAP + 2);
  const room = width - left - RIGHT;
  const x = (i: number) => left + (points.length < 2 ? room / 2 : (room * i) / (points.length - 1));
  const y = (value: number) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / scale.top);
  const every = labelEvery(points.length, room);
  // Names at the ends keep apart.
  const ends = lines.map((line) => ({ line, at: y(points.at(-1)?.values[line.id] ?? 0) })).sort((a, b) => b.at - a.at);
  for (let i = 1; i < ends.length; i += 1) {
    const [below, above] = [ends[i - 1], ends[i]];
    if (below && above && below.at - above.at < 14) above.at = below.at - 14;
  }
  return (
    <Figure title={title} lead={lead} empty={points.length === 0} table={{ heads: [head, ...lines.map((l) => l.name)], rows: points.map((p) => [p.label, ...lines.map((l) => (p.values[l.id] == null ? '' : show(p.values[l.id] ?? 0)))]) }}>
      <div ref={ref}>
        <svg data-picture className={styles.svg} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={title}>
          {scale.marks.map((mark) => (
            <g key={mark}>
              <line className={styles.grid} x1={left} x2={width - RIGHT} y1={y(mark)} y2={y(mark)} />
              <text className={styles.axis} x={left - GAP} y={y(mark) + 4} textAnchor="end">{show(mark)}</text>
            </g>
          ))}
          {points.map((point, i) => i % every === 0 && <text key={point.label} className={styles.axis} x={x(i)} y={HEIGHT - 6} textAnchor="middle">{point.label}</text>)}
          {lines.map((line) => (
            <g key={line.id} stroke={line.colour} fill={line.colour}>
              <polyline fill="none" strokeWidth={2} strokeDasharray={line.dashes} strokeLinejoin="round" points={points.map((p, i) => `${x(i)},${y(p.values[line.id] ?? 0)}`).join(' ')} />
              {points.map((p, i) => <circle key={p.label} cx={x(i)} cy={y(p.values[line.id] ?? 0)} r={points.length > 30 ? 0 : 2.5}><title>{`${p.label}, ${line.name}: ${show(p.values[line.id] ?? 0)}`}</title></circle>)}
            </g>
          ))}
          {ends.map(({ line, at }) => <text key={line.id} className={styles.name} x={width - RIGHT + 8} y={at + 4}>{line.name}</text>)}
        </svg>
      </div>
    </Figure>
  );
}
