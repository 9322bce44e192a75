// The way of a message as a picture: from the sender through the server and groups to one end per recipient.
import { makeStyles, tokens } from '@fluentui/react-components';
import { Figure } from '@kit/charts/Figure';
import { cutEnd, cutMiddle, textWidth } from '@kit/charts/letters';
import { statusTone, statusWord } from '@kit/page/Status';
import { visible } from '@kit/safe/visible';
import { useZone } from '@kit/shell/settings';
import { showTime, zoneName } from '@kit/time/zone';
import { stations, type Station } from './route';
import { basis } from './Places';
import type { Hop, TraceTree } from './shapes';
import { t } from './text';

const ROOM = 764;
const WIDTH_MIN = 128;
const WIDTH_MAX = 210;
const HEIGHT = 46;
const GAP_X = 28;
const GAP_Y = 14;
const TITLE = 12.5;
const DETAIL = 11.5;
const INSET = 10;

const useStyles = makeStyles({
  scroll: { overflowX: 'auto', paddingBottom: '4px' },
  svg: { display: 'block', fontFamily: tokens.fontFamilyBase },
  line: { fill: 'none', stroke: tokens.colorNeutralStrokeAccessible, strokeWidth: '1.5px' },
  box: { fill: tokens.colorNeutralBackground2, stroke: tokens.colorNeutralStroke1, strokeWidth: '1px' },
  current: { strokeWidth: '2.5px', stroke: tokens.colorBrandStroke1 },
  good: { fill: tokens.colorStatusSuccessBackground1, stroke: tokens.colorStatusSuccessBorder1 },
  bad: { fill: tokens.colorStatusDangerBackground1, stroke: tokens.colorStatusDangerBorder1 },
  wait: { fill: tokens.colorStatusWarningBackground1, stroke: tokens.colorStatusWarningBorder1 },
  info: { fill: tokens.colorBrandBackground2, stroke: tokens.colorBrandStroke2 },
  title: { fill: tokens.colorNeutralForeground1, fontSize: `${TITLE}px`, fontWeight: 600 },
  detail: { fill: tokens.colorNeutralForeground2, fontSize: `${DETAIL}px` },
});

/** An address keeps its end, a sentence its beginning. */
const titleIn = (width: number) => (text: string) => cutMiddle(visible(text), width - 2 * INSET, (part) => textWidth(part, TITLE, 600));
const detailIn = (width: number) => (text: string) => cutEnd(visible(text), width - 2 * INSET, (part) => textWidth(part, DETAIL));

/** The status, and of an end what is known of it unless that says the same again. */
const saying = (s: Station) => (s.status ? `${statusWord(s.status)}${s.detail && s.kind === 'end' && !s.detail.startsWith(statusWord(s.status)) ? `, ${s.detail}` : ''}` : s.detail);

interface Props { tree: TraceTree; current: string; hops: Hop[]; server: string | null }

export function Route({ tree, current, hops, server }: Props) {
  const styles = useStyles();
  const zone = useZone();
  // The box is small: the first place has its time, the others what the join rests on; the table has it all.
  const say = (hop: Hop) => (hop.Basis ? basis(hop, false) : (showTime(hop.First, zone).split(', ').at(-1) ?? ''));
  const drawn = stations(tree, { hops, current, server: server ?? 'Postroom', say });
  const turned = document.documentElement.dir === 'rtl';
  const box = Math.max(WIDTH_MIN, Math.min(WIDTH_MAX, Math.floor((ROOM - (drawn.columns - 1) * GAP_X) / drawn.columns)));
  const width = drawn.columns * (box + GAP_X) - GAP_X + 4;
  const height = drawn.lines * (HEIGHT + GAP_Y) - GAP_Y + 4;
  const x = (s: Station) => (turned ? width - 2 - box - s.column * (box + GAP_X) : 2 + s.column * (box + GAP_X));
  const y = (s: Station) => 2 + s.line * (HEIGHT + GAP_Y);
  const byId = new Map(drawn.stations.map((s) => [s.id, s]));
  const [title, detail] = [titleIn(box), detailIn(box)];
  const tone = (s: Station) => {
    const of = s.status ? statusTone(s.status) : 'quiet';
    return of === 'quiet' ? undefined : styles[of];
  };
  const ends = drawn.stations.filter((s) => s.status);
  const way = hops.length > 0 ? `${t('routePlaces', { zone: zoneName(zone) })}: ${drawn.stations.filter((s) => s.kind === 'server').toReversed().map((s) => `${visible(s.title)} ${visible(s.detail)}`).join(' → ')}. ` : '';
  return (
    <Figure title={t('route')} table={{ heads: [t('recipient'), t('statusColumn'), t('detail')], rows: ends.map((s) => [visible(s.title), statusWord(s.status ?? ''), visible(s.whole)]) }}>
      <div className={styles.scroll} tabIndex={0} role="region" aria-label={t('route')}>
        <svg data-picture className={styles.svg} width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`${way}${t('routeList')}: ${ends.map((s) => `${visible(s.title)} ${statusWord(s.status ?? '')}`).join(', ')}`}>
          {drawn.stations.map((s) => {
            const from = s.parent ? byId.get(s.parent) : undefined;
            if (!from) return null;
            const [x1, x2] = turned ? [x(from), x(s) + box] : [x(from) + box, x(s)];
            const [y1, y2] = [y(from) + HEIGHT / 2, y(s) + HEIGHT / 2];
            const middle = (x1 + x2) / 2;
            return <path key={s.id} className={styles.line} d={`M${x1} ${y1} C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`} strokeDasharray={s.status === 'Pending' ? '4 4' : undefined} />;
          })}
          {drawn.stations.map((s) => (
            <g key={s.id} data-station={s.kind} transform={`translate(${x(s)} ${y(s)})`}>
              <title>{`${visible(s.title)} ${s.status ? statusWord(s.status) : ''} ${visible(s.whole)}`}</title>
              <rect width={box} height={HEIGHT} rx={6} className={[styles.box, tone(s), s.title === current ? styles.current : undefined].filter(Boolean).join(' ')} />
              <text x={turned ? box - INSET : INSET} y={19} textAnchor="start" className={styles.title}>{title(s.title)}</text>
              <text x={turned ? box - INSET : INSET} y={36} textAnchor="start" className={styles.detail}>{detail(saying(s))}</text>
            </g>
          ))}
        </svg>
      </div>
      {drawn.hidden > 0 && <span>{`+ ${drawn.hidden}`}</span>}
    </Figure>
  );
}
