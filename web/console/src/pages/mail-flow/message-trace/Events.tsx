// What happened, step by step, with the time since the first.
import { useState } from 'react';
import { makeStyles, Switch, Text, tokens } from '@fluentui/react-components';
import { Link } from 'react-router';
import { useCan } from '@api/session';
import { SafeText } from '@kit/safe/SafeText';
import { useZone } from '@kit/shell/settings';
import { spoken } from '@kit/time/stops';
import { localTimes, showTime, zoneName } from '@kit/time/zone';
import { fields, sessionOf } from './record';
import type { TraceEvent } from './shapes';
import { t } from './text';

const useStyles = makeStyles({
  table: { width: '100%', borderCollapse: 'collapse' },
  head: { textAlign: 'start', padding: '6px 8px', borderBottom: `1px solid ${tokens.colorNeutralStroke1}`, fontSize: tokens.fontSizeBase200, whiteSpace: 'nowrap' },
  cell: { padding: '8px', borderBottom: `1px solid ${tokens.colorNeutralStroke3}`, verticalAlign: 'top', overflowWrap: 'anywhere' },
  time: { whiteSpace: 'nowrap', fontVariantNumeric: 'tabular-nums' },
  event: { whiteSpace: 'nowrap', overflowWrap: 'normal' },
  link: { display: 'block', color: tokens.colorBrandForegroundLink },
  quiet: { color: tokens.colorNeutralForeground3 },
  scroll: { overflowX: 'auto' },
});

export function Events({ events }: { events: TraceEvent[] }) {
  const styles = useStyles();
  const zone = useZone();
  const can = useCan();
  const [newest, setNewest] = useState(false);
  const start = events[0] ? Date.parse(events[0].Date) : 0;
  const shown = newest ? events.toReversed() : events;
  return (
    <>
      <Switch label={t('newestFirst')} checked={newest} onChange={(_, data) => setNewest(data.checked)} />
      <div className={styles.scroll} tabIndex={0} role="region" aria-label={t('events')}>
        <table className={styles.table}>
          <thead><tr>{[t('date', { zone: zoneName(zone) }), t('offset'), t('at'), t('event'), t('eventDetail')].map((head) => <th key={head} scope="col" className={styles.head}>{head}</th>)}</tr></thead>
          <tbody>
            {shown.map((event) => {
              const data = fields(event.Data);
              const source = data.find((f) => f.name === 'Source')?.value;
              const session = source === 'SMTP' && can('Get-ProtocolLog') ? sessionOf(data) : null;
              return (
                <tr key={`${event.Date} ${event.Event} ${event.Detail} ${event.Place}`}>
                  <td className={`${styles.cell} ${styles.time}`}>{showTime(event.Date, zone, true)}</td>
                  <td className={`${styles.cell} ${styles.time} ${styles.quiet}`}>{`+${spoken(Date.parse(event.Date) - start)}`}</td>
                  <td className={`${styles.cell} ${styles.event}`}><SafeText text={event.Place} /></td>
                  <td className={`${styles.cell} ${styles.event}`}><Text weight="semibold">{event.Event}</Text>{source && <Text size={200} block className={styles.quiet}>{source}</Text>}</td>
                  <td className={styles.cell}><SafeText text={localTimes(event.Detail, zone)} />{event.Action && <Text size={200} block className={styles.quiet}>{t('action')}: <SafeText text={event.Action} /></Text>}{session && <Link className={styles.link} to={`/mail-flow/protocol-logs?SessionId=${session}`}>{t('protocol')}</Link>}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </>
  );
}
