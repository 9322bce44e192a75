// Reports made in the background: how far they are, and their files.
import { Button, Link, makeStyles, ProgressBar, Text, tokens } from '@fluentui/react-components';
import { useCmdlet } from '@api/cmdlet';
import { useCan } from '@api/session';
import { useAct } from '@kit/command/useAct';
import { ErrorBar } from '@kit/page/ErrorBar';
import { Status } from '@kit/page/Status';
import { SafeText } from '@kit/safe/SafeText';
import { useZone } from '@kit/shell/settings';
import { showTime, zoneName } from '@kit/time/zone';
import type { Report } from './shapes';
import { t } from './text';

const REFRESH_SECONDS = 2;

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0, display: 'flex', flexDirection: 'column' },
  row: { display: 'grid', gridTemplateColumns: 'minmax(0, 2fr) 140px minmax(0, 1fr) 96px', gap: '16px', alignItems: 'center', padding: '12px 4px', borderBottom: `1px solid ${tokens.colorNeutralStroke3}`, '@media (max-width: 640px)': { gridTemplateColumns: '1fr' } },
  act: { display: 'flex', justifyContent: 'flex-end' },
  quiet: { color: tokens.colorNeutralForeground3, display: 'block' },
});

export function Reports() {
  const styles = useStyles();
  const zone = useZone();
  const answer = useCmdlet<'Get-HistoricalSearch', Report>('Get-HistoricalSearch', {}, { refreshSeconds: REFRESH_SECONDS });
  const can = useCan();
  const { act, outcome } = useAct(['Get-HistoricalSearch'], t('stopFailed'));
  const rows = answer.data?.rows ?? [];
  return (
    <>
      <ErrorBar title={t('reportsFailed')} error={answer.error} onRetry={() => void answer.refetch()} />
      {outcome}
      {answer.data && rows.length === 0 && <Text>{t('noReports')}</Text>}
      <ul className={styles.list}>
        {rows.map((report) => (
          <li key={report.JobId} className={styles.row}>
            <div>
              <Text weight="semibold"><SafeText text={report.ReportTitle} /></Text>
              <Text size={200} className={styles.quiet}>{report.ReportType} · {t('submitted', { zone: zoneName(zone) })}: {showTime(report.SubmitDate, zone)} {report.SubmittedBy && t('by', { name: report.SubmittedBy })}</Text>
            </div>
            <Status status={report.Status} />
            <div>
              {report.Status === 'InProgress' || report.Status === 'NotStarted'
                ? <ProgressBar value={(report.Progress ?? 0) / 100} aria-label={`${t('progress')}: ${report.ReportTitle}`} />
                : <Text size={200}>{report.Error ?? t('lines', { n: report.Lines ?? report.Rows ?? 0 })}</Text>}
              {report.ExpiryDate && <Text size={200} className={styles.quiet}>{t('expires')} {showTime(report.ExpiryDate, zone)}</Text>}
            </div>
            {/* Also a report with nothing to press has this cell: the lines stay in line. */}
            <div className={styles.act}>
              {report.Status === 'Completed' && <Link href={`/api/v1/reports/${report.JobId}`} download={report.FileName ?? 'report.csv'}>{t('download')}</Link>}
              {can('Stop-HistoricalSearch') && (report.Status === 'InProgress' || report.Status === 'NotStarted') && <Button size="small" onClick={() => act(t('stopped', { title: report.ReportTitle ?? '' }), [{ cmdlet: 'Stop-HistoricalSearch', parameters: { JobId: report.JobId } }])}>{t('cancelReport')}</Button>}
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}
