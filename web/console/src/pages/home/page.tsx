// Home: the mail flow now, what needs attention, and the last week in pictures.
import { useMemo } from 'react';
import { makeStyles, mergeClasses, MessageBar, MessageBarBody, MessageBarTitle, tokens } from '@fluentui/react-components';
import { Link, useNavigate } from 'react-router';
import { usePrefetchQuery } from '@tanstack/react-query';
import { cmdletQuery, useCmdlet } from '@api/cmdlet';
import { useCan } from '@api/session';
import { numberText } from '@i18n/t';
import { Columns, type Part } from '@kit/charts/Columns';
import { readiness } from '@kit/charts/Figure';
import { Lines } from '@kit/charts/Lines';
import { Ranking } from '@kit/charts/Ranking';
import { timeScale } from '@kit/charts/scale';
import { ErrorBar } from '@kit/page/ErrorBar';
import { Page } from '@kit/page/Page';
import { useWho } from '@kit/page/who';
import { RefreshNote } from '@kit/page/RefreshNote';
import { SafeText } from '@kit/safe/SafeText';
import { useZone } from '@kit/shell/settings';
import { spoken } from '@kit/time/stops';
import { instantOf, localTimes, showClock, showDay, zoneName } from '@kit/time/zone';
import { useMayOpen } from '../mayOpen';
import { dayPath, hourPath, namePath, weekStart, type HourFigure } from './links';
import type { Attention, MailFlowStatus, Traffic } from './shapes';
import { t } from './text';

const REFRESH_SECONDS = 10;
const REPORT_SECONDS = 60;
const TOP = 8;
const STATUS = 'Get-MailFlowStatus';
const REPORT = 'Get-MailTrafficReport';
const TRACE = '/mail-flow/message-trace';

const PARTS: Part[] = (['Delivered', 'Pending', 'Quarantined', 'FilteredAsSpam', 'Failed'] as const).map((id) => ({
  id, name: t(id),
  colour: { Delivered: tokens.colorPaletteGreenBackground3, Pending: tokens.colorPaletteMarigoldBackground3, Quarantined: tokens.colorPalettePurpleBorderActive, FilteredAsSpam: tokens.colorPaletteSteelBorderActive, Failed: tokens.colorPaletteRedBackground3 }[id],
}));

const useStyles = makeStyles({
  cards: { display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(150px, 1fr))', gap: '12px' },
  card: { display: 'flex', flexDirection: 'column', padding: '14px 16px', borderRadius: tokens.borderRadiusLarge, border: `1px solid ${tokens.colorNeutralStroke2}`, backgroundColor: tokens.colorNeutralBackground1, color: 'inherit', textDecorationLine: 'none' },
  leads: { ':hover': { backgroundColor: tokens.colorNeutralBackground1Hover } },
  number: { fontSize: tokens.fontSizeHero800, lineHeight: tokens.lineHeightHero800, fontWeight: tokens.fontWeightSemibold, fontVariantNumeric: 'tabular-nums' },
  bad: { color: tokens.colorStatusDangerForeground1 },
  quiet: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  h2: { margin: '8px 0 0', fontSize: tokens.fontSizeBase500, lineHeight: tokens.lineHeightBase500, fontWeight: tokens.fontWeightSemibold },
  list: { display: 'flex', flexDirection: 'column', gap: '8px' },
  link: { color: tokens.colorBrandForegroundLink },
  pair: { display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 400px), 1fr))', gap: '16px', alignItems: 'start' },
});

export default function Home() {
  const styles = useStyles();
  const navigate = useNavigate();
  const can = useCan();
  const status = useCmdlet<typeof STATUS, MailFlowStatus>(STATUS, {}, { refreshSeconds: REFRESH_SECONDS });
  const flow = status.data?.rows[0];
  const reports = can(REPORT);
  return (
    <Page title={t('title')} lead={flow ? (flow.Place ? t('leadOwn', { place: flow.Place }) : t('leadAll')) : t('lead')} command={{ cmdlet: STATUS }} actions={[
      { id: 'trace', label: t('trace'), icon: 'trace', primary: true, needs: 'Get-MessageTrace', run: () => void navigate(TRACE) },
      { id: 'refresh', label: t('refresh'), icon: 'refresh', run: () => void status.refetch() },
    ]}>
      <ErrorBar title={t('failed')} error={status.error} onRetry={() => void status.refetch()} />
      {flow && (
        <>
          <RefreshNote at={status.dataUpdatedAt} />
          <Cards flow={flow} />
          <h2 className={styles.h2}>{t('attention')}</h2>
          <Attentions entries={flow.Attention} place={flow.Place} />
          <div className={styles.pair}>
            <Latency flow={flow} />
            {reports && <ByDay place={flow.Place} />}
          </div>
          {reports && <div className={styles.pair}><Top by="Sender" place={flow.Place} /><Top by="Recipient" place={flow.Place} /></div>}
        </>
      )}
      {reports && !flow && <ReportsAhead />}
    </Page>
  );
}

function Cards({ flow }: { flow: MailFlowStatus }) {
  const styles = useStyles();
  const mayOpen = useMayOpen();
  const hour = (name: string, of: HourFigure): [string, number, number, string] => [name, flow.LastHour[of], flow.LastDay[of], hourPath(of, flow.Place)];
  const cards: [name: string, value: number, day: number | null, to: string, bad?: boolean][] = [
    hour(t('in'), 'In'),
    hour(t('out'), 'Out'),
    hour(t('delivered'), 'Delivered'),
    [t('queued'), flow.Queued, null, '/mail-flow/queues?only=waiting'],
    [...hour(t('failedCount'), 'Failed'), flow.LastHour.Failed > 0],
    hour(t('quarantined'), 'Quarantined'),
  ];
  return (
    <div className={styles.cards}>
      {cards.map(([name, value, day, to, bad]) => {
        const figure = (
          <>
            <span>{name}</span>
            <span className={bad ? `${styles.number} ${styles.bad}` : styles.number}>{numberText(value)}</span>
            <span className={styles.quiet}>{day === null ? t('messagesNow') : `${t('hour')} · ${t('day', { n: day })}`}</span>
          </>
        );
        return mayOpen(to) ? <Link key={name} to={to} className={mergeClasses(styles.card, styles.leads)}>{figure}</Link> : <div key={name} className={styles.card}>{figure}</div>;
      })}
    </div>
  );
}

function whereTo(entry: Attention, place: string | null): string | null {
  if (entry.Kind === 'Queue') return `/mail-flow/queues?open=${encodeURIComponent(entry.Identity)}`;
  if (entry.Kind === 'Alert') return `/tracking/alerts?open=${encodeURIComponent(entry.Identity)}`;
  if (entry.Kind === 'TraceSource') return `/tracking/sources?open=${encodeURIComponent(entry.Identity)}`;
  return entry.Kind === 'Failures' ? hourPath('Failed', place) : null;
}

function Attentions({ entries, place }: { entries: Attention[]; place: string | null }) {
  const styles = useStyles();
  const zone = useZone();
  const mayOpen = useMayOpen();
  const whoCanAct = useWho();
  if (entries.length === 0) return <MessageBar intent="success"><MessageBarBody>{t('allWell')}</MessageBarBody></MessageBar>;
  return (
    <div className={styles.list}>
      {entries.map((entry) => {
        const to = whereTo(entry, place);
        const who = whoCanAct(entry.ActionNeededBy, entry.Remedy);
        return (
          <MessageBar key={`${entry.Kind} ${entry.Identity} ${entry.What}`} intent={entry.Severity === 'Error' ? 'error' : 'warning'} layout="multiline">
            <MessageBarBody>
              <MessageBarTitle>{t(entry.Kind as 'Alert')}: <SafeText text={entry.What} /></MessageBarTitle><br />
              {t('cause')}: <SafeText text={localTimes(entry.Cause, zone)} /><br />
              {who && <>{t('who')}: <SafeText text={who} /><br /></>}
              {t('remedy')}: <SafeText text={entry.Remedy} /> {to && mayOpen(to) && <Link className={styles.link} to={to}>{t('open')}</Link>}
            </MessageBarBody>
          </MessageBar>
        );
      })}
    </div>
  );
}

function Latency({ flow }: { flow: MailFlowStatus }) {
  const zone = useZone();
  const { P50Ms, P99Ms } = flow.Latency;
  return (
    <Lines
      title={P50Ms === null ? t('latencyNone') : t('latency', { p50: spoken(P50Ms), p99: spoken(P99Ms ?? P50Ms) })} lead={t('latencyLead')} head={t('time', { zone: zoneName(zone) })} show={spoken} scaleOf={timeScale}
      lines={[
        { id: 'P50Ms', name: t('median'), colour: tokens.colorBrandStroke1 },
        { id: 'P95Ms', name: t('p95'), colour: tokens.colorPaletteMarigoldForeground1, dashes: '6 3' },
        { id: 'P99Ms', name: t('p99'), colour: tokens.colorPaletteRedForeground1, dashes: '2 3' },
      ]}
      points={flow.LatencyPerFiveMinutes.map((bin) => ({ label: showClock(bin.Start, zone), values: { P50Ms: bin.P50Ms, P95Ms: bin.P95Ms, P99Ms: bin.P99Ms } }))}
    />
  );
}

const byDay = (zone: string) => ({ GroupBy: 'Day' as const, StartDate: weekStart(new Date(), zone), TimeZone: zone });
const top = (by: 'Sender' | 'Recipient') => ({ GroupBy: by, ResultSize: TOP });

/** The reports are on their way while the figures are. */
function ReportsAhead() {
  const zone = useZone();
  usePrefetchQuery(cmdletQuery(REPORT, byDay(zone)));
  usePrefetchQuery(cmdletQuery(REPORT, top('Sender')));
  usePrefetchQuery(cmdletQuery(REPORT, top('Recipient')));
  return null;
}

function ByDay({ place }: { place: string | null }) {
  const styles = useStyles();
  const zone = useZone();
  const navigate = useNavigate();
  const mayTrace = useMayOpen()(TRACE);
  const report = useCmdlet<typeof REPORT, Traffic>(REPORT, byDay(zone), { refreshSeconds: REPORT_SECONDS });
  const columns = useMemo(() => (report.data?.rows ?? []).map((row) => {
    const day = row.Value.slice(0, 10);
    return { label: showDay(instantOf(`${day}T00:00`, zone), zone), values: row as unknown as Record<string, number>, onOpen: mayTrace ? () => void navigate(dayPath(day, zone)) : undefined };
  }), [report.data, zone, navigate, mayTrace]);
  return (
    <div className={styles.list}>
      <ErrorBar title={t('reportFailed')} error={report.error} onRetry={() => void report.refetch()} />
      <Columns title={t('byDay')} lead={place ? t('withImports') : undefined} head={t('day_')} parts={PARTS.map((part) => ({ ...part, name: t(part.id as 'Failed') }))} columns={columns} ready={readiness(report)} />
    </div>
  );
}

function Top({ by, place }: { by: 'Sender' | 'Recipient'; place: string | null }) {
  const styles = useStyles();
  const mayTrace = useMayOpen()(TRACE);
  const report = useCmdlet<typeof REPORT, Traffic>(REPORT, top(by), { refreshSeconds: REPORT_SECONDS });
  return (
    <div className={styles.list}>
      <ErrorBar title={t('reportFailed')} error={report.error} onRetry={() => void report.refetch()} />
      <Ranking
        title={t(by === 'Sender' ? 'topSenders' : 'topRecipients')} lead={place ? `${t('withImports')} ${t('withRefused')}` : t('withRefused')} ready={readiness(report)} head={t(by === 'Sender' ? 'sender' : 'recipient')} count={t('recipients')}
        entries={(report.data?.rows ?? []).map((row) => ({ name: row.Value || '<>', value: row.Count, to: mayTrace ? namePath(by, row.Value) : undefined }))}
      />
    </div>
  );
}
