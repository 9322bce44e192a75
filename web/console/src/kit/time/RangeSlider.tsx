// A slider with two thumbs that stop at times worth stopping at; the far past is at the start.
import { useId } from 'react';
import { makeStyles, mergeClasses, Text, tokens } from '@fluentui/react-components';
import { defineText } from '@i18n/t';
import { moveThumb, STOPS, type StopRange } from './stops';

const t = defineText('range-slider', {
  from: 'From', to: 'To', now: 'now', hours: { one: '{n} hour ago', other: '{n} hours ago' }, days: { one: '{n} day ago', other: '{n} days ago' }, range: 'From {from} to {to}',
});

export function stopName(stop: number): string {
  const hours = STOPS[stop] ?? 0;
  if (hours === 0) return t('now');
  return hours < 48 ? t('hours', { n: hours }) : t('days', { n: hours / 24 });
}

const LAST = STOPS.length - 1;
const THUMB = {
  pointerEvents: 'auto' as const, appearance: 'none' as const, width: '20px', height: '20px', boxSizing: 'border-box' as const, borderRadius: '50%', border: `4px solid ${tokens.colorNeutralBackground1}`,
  boxShadow: `0 0 0 1px ${tokens.colorNeutralStroke1}`, backgroundColor: tokens.colorCompoundBrandBackground, cursor: 'pointer',
};

const useStyles = makeStyles({
  root: { display: 'flex', flexDirection: 'column', gap: '2px' },
  track: { position: 'relative', height: '32px' },
  rail: { position: 'absolute', insetInline: '10px', top: '14px', height: '4px', borderRadius: '2px', backgroundColor: tokens.colorNeutralStroke1 },
  chosen: { position: 'absolute', top: 0, height: '100%', borderRadius: '2px', backgroundColor: tokens.colorCompoundBrandBackground, '@media (forced-colors: active)': { backgroundColor: 'Highlight' } },
  tick: { position: 'absolute', top: '-3px', width: '1px', height: '10px', backgroundColor: tokens.colorNeutralStroke1 },
  input: {
    position: 'absolute', inset: 0, width: '100%', height: '32px', margin: 0, appearance: 'none', backgroundColor: 'transparent', pointerEvents: 'none', outlineStyle: 'none',
    '::-webkit-slider-thumb': THUMB, '::-moz-range-thumb': THUMB,
    ':focus-visible::-webkit-slider-thumb': { boxShadow: `0 0 0 3px ${tokens.colorStrokeFocus2}` }, ':focus-visible::-moz-range-thumb': { boxShadow: `0 0 0 3px ${tokens.colorStrokeFocus2}` },
  },
  over: { zIndex: 1 },
  ends: { display: 'flex', justifyContent: 'space-between', color: tokens.colorNeutralForeground3 },
});

export function RangeSlider({ value, onChange, label }: { value: StopRange; onChange: (value: StopRange) => void; label: string }) {
  const styles = useStyles();
  const id = useId();
  // The inputs count from the far past, so that the start of the line is the past.
  const percent = (stop: number) => ((LAST - stop) / LAST) * 100;
  const thumb = (which: 'from' | 'to') => (
    <input
      type="range" min={0} max={LAST} step={1} value={LAST - value[which]} className={mergeClasses(styles.input, which === 'from' && styles.over)} aria-label={`${label}: ${t(which)}`} aria-valuetext={stopName(value[which])}
      onChange={(e) => onChange(moveThumb(value, which, LAST - Number(e.target.value)))}
    />
  );
  return (
    <div className={styles.root} role="group" aria-labelledby={id}>
      <Text id={id} weight="semibold">{t('range', { from: stopName(value.from), to: stopName(value.to) })}</Text>
      <div className={styles.track}>
        <div className={styles.rail}>
          {STOPS.map((hours, stop) => <div key={hours} className={styles.tick} style={{ insetInlineStart: `${percent(stop)}%` }} />)}
          <div className={styles.chosen} style={{ insetInlineStart: `${percent(value.from)}%`, insetInlineEnd: `${100 - percent(value.to)}%` }} />
        </div>
        {thumb('from')}
        {thumb('to')}
      </div>
      <div className={styles.ends}><Text size={200}>{stopName(LAST)}</Text><Text size={200}>{stopName(0)}</Text></div>
    </div>
  );
}
