// How long each queue was over the last day, counted from the trace.
import { useMemo } from 'react';
import { useCmdlet } from '@api/cmdlet';
import { HeatMap } from '@kit/charts/HeatMap';
import { ErrorBar } from '@kit/page/ErrorBar';
import { useZone } from '@kit/shell/settings';
import { showClock, zoneName } from '@kit/time/zone';
import { heatRows, type QueueHistory } from './shapes';
import { t } from './text';

const REFRESH_SECONDS = 60;

export function Heat() {
  const zone = useZone();
  const answer = useCmdlet<'Get-QueueHistory', QueueHistory>('Get-QueueHistory', {}, { refreshSeconds: REFRESH_SECONDS });
  const { starts, rows } = useMemo(() => heatRows(answer.data?.rows ?? []), [answer.data]);
  const columns = starts.map((start) => showClock(start, zone));
  return (
    <>
      <ErrorBar title={t('heatFailed')} error={answer.error} />
      {answer.data && <HeatMap title={rows.some((row) => row.values.some((n) => n > 0)) ? t('heat') : t('heatNone')} lead={t('heatLead', { zone: zoneName(zone) })} head={t('nextHop')} columns={columns} rows={rows} />}
    </>
  );
}
