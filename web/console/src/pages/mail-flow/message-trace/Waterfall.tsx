// Where the time went: one bar per part, one after another, as in a browser's list of requests. Waiting is hatched.
import { Badge, makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { Figure } from '@kit/charts/Figure';
import { SafeText } from '@kit/safe/SafeText';
import { spoken } from '@kit/time/stops';
import type { TimeBudget, TimePart } from './shapes';
import { t } from './text';

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0, display: 'flex', flexDirection: 'column', gap: '10px' },
  item: { display: 'grid', gridTemplateColumns: 'minmax(0, 42%) minmax(0, 1fr) 76px', gap: '12px', alignItems: 'center', '@media (max-width: 560px)': { gridTemplateColumns: 'minmax(0, 1fr) 70px' } },
  what: { overflowWrap: 'anywhere', '@media (max-width: 560px)': { gridColumn: '1 / -1' } },
  track: { position: 'relative', height: '18px', backgroundColor: tokens.colorNeutralBackground3, borderRadius: '3px' },
  bar: { position: 'absolute', top: 0, height: '100%', minWidth: '3px', borderRadius: '3px', backgroundColor: tokens.colorBrandBackground, '@media (forced-colors: active)': { backgroundColor: 'Highlight' } },
  wait: { backgroundImage: `repeating-linear-gradient(135deg, ${tokens.colorPaletteMarigoldBackground3} 0 5px, ${tokens.colorNeutralBackground1} 5px 9px)`, backgroundColor: 'transparent', boxShadow: `inset 0 0 0 1px ${tokens.colorPaletteMarigoldForeground1}` },
  ms: { textAlign: 'end', fontVariantNumeric: 'tabular-nums' },
  agents: { gridColumn: '1 / -1', color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
});

const took = (ms: number) => (ms === 0 ? '< 1 ms' : spoken(ms));
/** Of clocks that differ nothing was spent, not even less than that. */
const spent = (part: TimePart) => (part.Ms === 0 && part.What.startsWith('No time:') ? '–' : took(part.Ms));

export function Waterfall({ budget }: { budget: TimeBudget }) {
  const styles = useStyles();
  const total = Math.max(1, budget.Parts.reduce((sum, part) => sum + part.Ms, 0));
  const longest = budget.Parts.find((part) => part.IsSlowest)?.What ?? budget.Parts[0]?.What ?? '';
  const parts = budget.Parts.map((part, i) => ({ ...part, start: budget.Parts.slice(0, i).reduce((sum, earlier) => sum + earlier.Ms, 0) }));
  return (
    <Figure plain title={t(budget.IsFinal ? 'timeTitle' : 'timeOpen', { total: took(budget.TotalMs), part: longest })} table={{ heads: [t('part'), t('where'), t('took')], rows: budget.Parts.map((part) => [part.What, part.Hop ?? '', spent(part)]) }}>
      <ol className={styles.list}>
        {parts.map((part) => (
          <li key={`${part.start} ${part.What}`} className={styles.item}>
            <span className={styles.what}><SafeText text={part.What} /> {part.Hop && <>({part.Hop}) </>}{part.IsSlowest && parts.length > 1 && <Badge appearance="tint" color="warning">{t('slowest')}</Badge>}</span>
            <span className={styles.track} aria-hidden><span className={mergeClasses(styles.bar, part.What.startsWith('Waiting') && styles.wait)} style={{ insetInlineStart: `min(${(part.start / total) * 100}%, 100% - 3px)`, width: `${(part.Ms / total) * 100}%` }} /></span>
            <span className={styles.ms}>{spent(part)}</span>
            {part.Agents.length > 0 && <span className={styles.agents}>{part.Agents.map((agent) => `${agent.Agent} ${took(agent.Ms)}`).join(', ')}</span>}
          </li>
        ))}
      </ol>
    </Figure>
  );
}
