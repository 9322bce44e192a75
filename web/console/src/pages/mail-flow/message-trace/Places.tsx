// The places a message passed, in their order: under which ids, when, and what it rests on that this is the same message.
import { makeStyles, tokens } from '@fluentui/react-components';
import { SafeText } from '@kit/safe/SafeText';
import { useZone } from '@kit/shell/settings';
import { showTime, zoneName } from '@kit/time/zone';
import type { Hop } from './shapes';
import { t } from './text';

const useStyles = makeStyles({
  scroll: { overflowX: 'auto' },
  table: { width: '100%', borderCollapse: 'collapse' },
  head: { textAlign: 'start', padding: '6px 8px', borderBottom: `1px solid ${tokens.colorNeutralStroke1}`, fontSize: tokens.fontSizeBase200 },
  cell: { padding: '8px', borderBottom: `1px solid ${tokens.colorNeutralStroke3}`, verticalAlign: 'top', overflowWrap: 'anywhere' },
  time: { whiteSpace: 'nowrap', fontVariantNumeric: 'tabular-nums' },
  ids: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200 },
});

/** `+0.150 s`: the clock there less the clock before. */
export const skew = (seconds: number): string => `${seconds < 0 ? '−' : '+'}${Math.abs(seconds).toFixed(3)} s`;

/** What a join rests on: `certain, clock +0.150 s`. */
export function basis(hop: Hop, whole = true): string {
  const said = hop.Basis === 'Certain' ? t('certain') : hop.Basis === 'Probable' ? t('probable') : '';
  return hop.SkewSeconds === null || !said ? said : `${said}, ${whole ? t('clock', { skew: skew(hop.SkewSeconds) }) : skew(hop.SkewSeconds)}`;
}

export function Places({ hops }: { hops: Hop[] }) {
  const styles = useStyles();
  const zone = useZone();
  const heads = [t('place'), t('idsThere'), t('firstThere', { zone: zoneName(zone) }), t('lastThere'), t('cameFrom')];
  return (
    <div className={styles.scroll} tabIndex={0} role="region" aria-label={t('hops')}>
      <table className={styles.table}>
        <thead><tr>{heads.map((head) => <th key={head} scope="col" className={styles.head}>{head}</th>)}</tr></thead>
        <tbody>
          {hops.map((hop) => (
            <tr key={`${hop.Place} ${hop.First}`}>
              <th scope="row" className={`${styles.cell} ${styles.time}`} style={{ textAlign: 'start' }}><SafeText text={hop.Place} /></th>
              <td className={`${styles.cell} ${styles.ids}`}><SafeText text={hop.QueueIds.join(', ')} /></td>
              <td className={`${styles.cell} ${styles.time}`}>{showTime(hop.First, zone, true)}</td>
              <td className={`${styles.cell} ${styles.time}`}>{showTime(hop.Last, zone, true)}</td>
              <td className={styles.cell}>{hop.From && <><SafeText text={hop.From} />{basis(hop) && `: ${basis(hop)}`}</>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
