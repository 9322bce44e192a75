// Bars in order of their size; each leads to what it counts.
import { makeStyles, tokens } from '@fluentui/react-components';
import { Link } from 'react-router';
import { numberText } from '@i18n/t';
import { SafeText } from '@kit/safe/SafeText';
import { Figure, type Ready } from './Figure';

export interface Ranked { name: string; value: number; to?: string }

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0, display: 'flex', flexDirection: 'column', gap: '8px' },
  item: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr) auto', rowGap: '3px', columnGap: '8px', fontSize: tokens.fontSizeBase300 },
  name: { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' },
  link: { color: tokens.colorBrandForegroundLink, textDecorationLine: 'none', ':hover': { textDecorationLine: 'underline' } },
  value: { fontVariantNumeric: 'tabular-nums' },
  track: { gridColumn: '1 / -1', height: '6px', borderRadius: '3px', backgroundColor: tokens.colorNeutralBackground4 },
  bar: { height: '100%', borderRadius: '3px', minWidth: '3px', backgroundColor: tokens.colorBrandBackground, '@media (forced-colors: active)': { backgroundColor: 'Highlight' } },
});

export function Ranking({ title, lead, head, count, entries, ready }: { title: string; lead?: string; head: string; count: string; entries: Ranked[]; ready?: Ready }) {
  const styles = useStyles();
  const greatest = Math.max(1, ...entries.map((entry) => entry.value));
  return (
    <Figure title={title} lead={lead} ready={ready} empty={entries.length === 0} table={{ heads: [head, count], rows: entries.map((entry) => [entry.name, entry.value]) }}>
      <ol className={styles.list}>
        {entries.map((entry) => (
          <li key={entry.name} className={styles.item}>
            <span className={styles.name}>{entry.to ? <Link className={styles.link} to={entry.to}><SafeText text={entry.name} /></Link> : <SafeText text={entry.name} />}</span>
            <span className={styles.value}>{numberText(entry.value)}</span>
            <span className={styles.track} aria-hidden><span className={styles.bar} style={{ display: 'block', width: `${(entry.value / greatest) * 100}%` }} /></span>
          </li>
        ))}
      </ol>
    </Figure>
  );
}
