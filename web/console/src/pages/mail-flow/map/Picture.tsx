// The map itself: places as boxes that can be read and followed, the ways between them as lines behind.
import { makeStyles, mergeClasses, Text, tokens } from '@fluentui/react-components';
import { Link } from 'react-router';
import { useCan } from '@api/session';
import { direction } from '@i18n/t';
import { useWidth } from '@kit/charts/useWidth';
import { SafeText } from '@kit/safe/SafeText';
import { logPath, tracePath, type Span } from './links';
import { PLACE_HEIGHT, stroke, type Drawn, type Layout, type Place } from './shapes';
import { t } from './text';

/** Narrower columns would cut every name: the picture scrolls sideways then. */
const COLUMN_MIN = 190;
const BOX_SHARE = 0.72;

const useStyles = makeStyles({
  scroll: { overflowX: 'auto', scrollbarWidth: 'thin', paddingBottom: '4px' },
  canvas: { position: 'relative', padding: 0, margin: 0, listStyleType: 'none' },
  svg: { position: 'absolute', inset: 0, overflow: 'visible' },
  carried: { fill: 'none', stroke: tokens.colorBrandStroke2, strokeLinecap: 'round', '@media (forced-colors: active)': { stroke: 'CanvasText' } },
  bad: { fill: 'none', stroke: tokens.colorStatusDangerBorderActive, strokeDasharray: '5 4', '@media (forced-colors: active)': { stroke: 'CanvasText' } },
  waits: { fill: 'none', stroke: tokens.colorPaletteMarigoldBorderActive, strokeDasharray: '2 4', '@media (forced-colors: active)': { stroke: 'CanvasText' } },
  place: { position: 'absolute', boxSizing: 'border-box', height: `${PLACE_HEIGHT}px`, padding: '7px 12px', display: 'flex', flexDirection: 'column', justifyContent: 'center', borderRadius: tokens.borderRadiusLarge, border: `1px solid ${tokens.colorNeutralStroke1}`, backgroundColor: tokens.colorNeutralBackground1, color: tokens.colorNeutralForeground1, textDecorationLine: 'none', minWidth: 0 },
  link: { ':hover': { backgroundColor: tokens.colorNeutralBackground1Hover, border: `1px solid ${tokens.colorBrandStroke1}` } },
  server: { backgroundColor: tokens.colorBrandBackground2, border: `1px solid ${tokens.colorBrandStroke1}` },
  ends: { border: `1px solid ${tokens.colorStatusDangerBorder1}` },
  name: { fontWeight: tokens.fontWeightSemibold, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' },
  line: { fontSize: tokens.fontSizeBase200, lineHeight: tokens.lineHeightBase200, color: tokens.colorNeutralForeground2, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap', fontVariantNumeric: 'tabular-nums' },
  red: { color: tokens.colorPaletteRedForeground1, fontWeight: tokens.fontWeightSemibold },
  legend: { display: 'flex', gap: '4px 18px', flexWrap: 'wrap', listStyleType: 'none', margin: 0, padding: 0, fontSize: tokens.fontSizeBase200 },
  entry: { display: 'inline-flex', gap: '6px', alignItems: 'center' },
  counts: { color: tokens.colorNeutralForeground3, margin: '8px 0 0', maxWidth: '80ch' },
});

export function Picture({ map, span }: { map: Layout; span: Span }) {
  const styles = useStyles();
  const can = useCan();
  const [ref, width] = useWidth<HTMLDivElement>(1000);
  const canvas = Math.max(width, map.columns * COLUMN_MIN);
  // The last column ends at the edge.
  const box = Math.min(260, (canvas / map.columns) * BOX_SHARE);
  const step = map.columns > 1 ? (canvas - box) / (map.columns - 1) : 0;
  const turned = direction() === 'rtl';
  const x = (place: Place, end: 'start' | 'end') => {
    const at = place.column * step + (end === 'end' ? box : 0);
    return turned ? canvas - at : at;
  };
  return (
    <div ref={ref}>
      <div className={styles.scroll} tabIndex={0} role="region" aria-label={t('places')}>
        <ul className={styles.canvas} style={{ width: canvas, height: map.height }}>
          <li aria-hidden role="presentation">
            <svg className={styles.svg} width={canvas} height={map.height} focusable="false">
              {map.ways.map((drawn) => <Line key={`${drawn.from.key} ${drawn.to.key}`} drawn={drawn} from={x(drawn.from, 'end')} to={x(drawn.to, 'start')} />)}
            </svg>
          </li>
          {map.places.map((place) => <li key={place.key}><Box place={place} width={box} start={place.column * step} span={span} /></li>)}
        </ul>
      </div>
      <ul className={styles.legend} aria-hidden>
        {([['carried', t('carried')], ['bad', t('refused')], ['waits', t('waits')]] as const).map(([look, name]) => <li key={look} className={styles.entry}><svg width={28} height={8}><path className={styles[look]} d="M1 4H27" strokeWidth={look === 'carried' ? 4 : 2} /></svg>{name}</li>)}
      </ul>
      <Text as="p" block size={200} className={styles.counts}>{t(can('Get-MessageTrackingLog') ? 'countsLog' : 'countsTrace')} {t('countsEnds')}</Text>
    </div>
  );
}

function Line({ drawn, from, to }: { drawn: Drawn; from: number; to: number }) {
  const styles = useStyles();
  const middle = (from + to) / 2;
  const path = (offset: number) => {
    const [y1, y2] = [drawn.from.top + PLACE_HEIGHT / 2 + offset, drawn.to.top + PLACE_HEIGHT / 2 + offset];
    return `M${from} ${y1} C${middle} ${y1} ${middle} ${y2} ${to} ${y2}`;
  };
  const { Messages, Failed, Deferred } = drawn.way;
  const apart = stroke(Messages) / 2 + 4;
  return (
    <>
      {Messages > 0 && <path className={styles.carried} d={path(0)} strokeWidth={stroke(Messages)} />}
      {Failed > 0 && <path className={styles.bad} d={path(Messages > 0 ? apart : 0)} strokeWidth={Math.min(4, stroke(Failed))} />}
      {Deferred > 0 && <path className={styles.waits} d={path(Messages > 0 || Failed > 0 ? -apart : 0)} strokeWidth={2} />}
    </>
  );
}

function useTarget(place: Place, span: Span): string | null {
  const can = useCan();
  if (can('Get-MessageTrackingLog')) return logPath(place, span);
  return can('Get-MessageTrace') ? tracePath(place, span) : null;
}

/** What is nothing is not said, unless everything is. */
function Counts({ place }: { place: Place }) {
  const styles = useStyles();
  const { messages, failed, deferred } = place;
  return (
    <span className={styles.line}>
      {(messages > 0 || failed + deferred === 0) && t('counted', { n: messages })}{messages > 0 && failed > 0 && ' · '}
      {failed > 0 && <span className={styles.red}>{t(place.kind === 'Dropped' ? 'droppedShort' : 'failedShort', { n: failed })}</span>}{messages + failed > 0 && deferred > 0 && ' · '}
      {deferred > 0 && t('deferredShort', { n: deferred })}
    </span>
  );
}

function Box({ place, width, start, span }: { place: Place; width: number; start: number; span: Span }) {
  const styles = useStyles();
  const to = useTarget(place, span);
  const look = mergeClasses(styles.place, to !== null && styles.link, place.kind === 'Server' && styles.server, (place.kind === 'NotDelivered' || place.kind === 'Dropped') && styles.ends);
  const place_ = { insetInlineStart: start, top: place.top, width };
  const inside = (
    <>
      <span className={styles.name}><SafeText text={place.name} /></span>
      <span className={styles.line}>{t(place.kind)}</span>
      <Counts place={place} />
    </>
  );
  return to ? <Link className={look} style={place_} to={to}>{inside}</Link> : <div className={look} style={place_}>{inside}</div>;
}
