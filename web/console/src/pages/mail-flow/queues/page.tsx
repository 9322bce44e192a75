// Mail flow › Queues: what waits, why, and what can be done.
import { useMemo, useState } from 'react';
import { useCmdlet } from '@api/cmdlet';
import type { CmdletName } from '@api/client';
import { useAct } from '@kit/command/useAct';
import { Grid, type Column } from '@kit/grid/Grid';
import { useSetUrl, useUrl, useUrlSort } from '@kit/grid/useUrl';
import { ConfirmDialog, type Way } from '@kit/confirm/ConfirmDialog';
import type { Action } from '@kit/page/CommandBar';
import { csv, download } from '@kit/page/download';
import { ErrorBar } from '@kit/page/ErrorBar';
import { Page } from '@kit/page/Page';
import { RefreshNote } from '@kit/page/RefreshNote';
import { Status } from '@kit/page/Status';
import { SafeText } from '@kit/safe/SafeText';
import { useZone } from '@kit/shell/settings';
import { showTime, zoneName } from '@kit/time/zone';
import { Heat } from './Heat';
import { QueueDetails } from './QueueDetails';
import { QueueGone } from './QueueGone';
import { queueName, type Queue } from './shapes';
import { t } from './text';

const REFRESH_SECONDS = 5;
const READS: CmdletName[] = ['Get-Queue', 'Get-Message'];

function useColumns(zone: string): Column<Queue>[] {
  return useMemo(() => {
    const at = zoneName(zone);
    const time = (id: string, title: string, value: (q: Queue) => string | null, hidden = false): Column<Queue> => ({ id, title, width: 176, value, render: (q) => showTime(value(q), zone), hidden });
    const rate = (id: 'IncomingRate' | 'OutgoingRate' | 'Velocity', title: string): Column<Queue> => ({ id, title, width: 80, end: true, value: (q) => q[id], render: (q) => q[id].toFixed(2) });
    return [
      { id: 'NextHopDomain', title: t('nextHop'), width: 180, grow: 2, value: (q) => q.NextHopDomain, render: (q) => <SafeText text={q.NextHopDomain} /> },
      { id: 'Connector', title: t('connector'), width: 130, grow: 1, value: (q) => q.NextHopConnectorName, render: (q) => <SafeText text={q.NextHopConnectorName} /> },
      { id: 'Status', title: t('status'), width: 116, value: (q) => q.Status, render: (q) => <Status status={q.Status} /> },
      { id: 'MessageCount', title: t('messages'), width: 88, end: true, value: (q) => q.MessageCount },
      { id: 'DeferredMessageCount', title: t('deferred'), width: 90, end: true, value: (q) => q.DeferredMessageCount, hidden: true },
      rate('Velocity', t('velocity')),
      rate('IncomingRate', t('incoming')),
      rate('OutgoingRate', t('outgoing')),
      { id: 'RetryCount', title: t('retries'), width: 76, end: true, value: (q) => q.RetryCount },
      { id: 'LastError', title: t('lastError'), width: 220, grow: 3, value: (q) => q.LastError, render: (q) => <SafeText text={q.LastError} /> },
      time('NextRetryTime', t('nextRetry', { zone: at }), (q) => q.NextRetryTime),
      time('LastRetryTime', t('lastRetry', { zone: at }), (q) => q.LastRetryTime, true),
      { id: 'DeliveryType', title: t('deliveryType'), width: 190, value: (q) => q.DeliveryType, hidden: true },
      { id: 'NextHopCategory', title: t('category'), width: 110, value: (q) => q.NextHopCategory, hidden: true },
      { id: 'Identity', title: t('identity'), width: 150, value: (q) => q.Identity, hidden: true },
    ];
  }, [zone]);
}

/** Without NDR stands first: reports about bulk go to addresses that were forged. */
function removeWays(filters: string[]): Way[] {
  const changes = (WithNDR: boolean) => filters.map((Filter) => ({ cmdlet: 'Remove-Message' as const, parameters: { Filter, WithNDR } }));
  return [
    { id: 'without', label: t('without'), hint: t('withoutHint'), changes: changes(false) },
    { id: 'with', label: t('with'), hint: t('withHint'), changes: changes(true) },
  ];
}

export default function Queues() {
  const zone = useZone();
  const columns = useColumns(zone);
  const [only, setOnly] = useUrl('only');
  const [heat, setHeat] = useUrl('heat');
  const [open, setOpen] = useUrl('open');
  const setUrl = useSetUrl();
  const [sort, setSort] = useUrlSort();
  const [selected, setSelected] = useState<Set<string>>(new Set());
  const [asking, setAsking] = useState<'remove' | 'suspend' | null>(null);
  const parameters = only ? { Filter: 'MessageCount -gt 0' } : {};
  const answer = useCmdlet<'Get-Queue', Queue>('Get-Queue', parameters, { refreshSeconds: REFRESH_SECONDS });
  const { act, say, busy, outcome } = useAct(READS, t('actFailed'));
  const rows = answer.data?.rows ?? [];
  const chosen = rows.filter((q) => selected.has(q.Identity));
  const shown = rows.find((q) => q.Identity === open);
  const forChosen = (said: 'doneRetry' | 'doneResume', cmdlet: CmdletName) => act(t(said, { n: chosen.length }), chosen.map((q) => ({ cmdlet, parameters: { Identity: q.Identity } })));
  const waiting = chosen.reduce((sum, q) => sum + q.MessageCount, 0);
  const none = chosen.length === 0;
  const actions: Action[] = [
    { id: 'refresh', label: t('refresh'), icon: 'refresh', run: () => void answer.refetch() },
    { id: 'retry', label: t('retry'), icon: 'play', needs: 'Retry-Queue', disabled: none || busy, run: () => forChosen('doneRetry', 'Retry-Queue') },
    { id: 'suspend', label: t('suspend'), icon: 'pause', needs: 'Suspend-Queue', disabled: none, run: () => setAsking('suspend') },
    { id: 'resume', label: t('resume'), icon: 'play', needs: 'Resume-Queue', disabled: none || busy, run: () => forChosen('doneResume', 'Resume-Queue') },
    { id: 'remove', label: t('removeMail'), icon: 'remove', needs: 'Remove-Message', disabled: waiting === 0, run: () => setAsking('remove') },
    { id: 'only', label: t('hideEmpty'), icon: 'filter', pressed: Boolean(only), run: () => setOnly(only ? null : 'waiting') },
    { id: 'heat', label: t('heatShort'), icon: 'clock', needs: 'Get-QueueHistory', pressed: Boolean(heat), run: () => setHeat(heat ? null : 'day') },
    { id: 'export', label: t('export'), icon: 'download', run: () => download('queues.csv', csv(columns.map((c) => c.title), rows.map((q) => columns.map((c) => c.value(q))))) },
  ];
  return (
    <Page title={t('title')} lead={t('lead')} actions={actions} command={{ cmdlet: 'Get-Queue', parameters }} full>
      <ErrorBar title={t('failed')} error={answer.error} onRetry={() => void answer.refetch()} />
      {outcome}
      {open && !shown && answer.isSuccess && !answer.isPlaceholderData && <QueueGone identity={open} onClose={() => setUrl({ open: null, tab: null })} />}
      {heat && <Heat />}
      <Grid
        label={t('title')} columns={columns} rows={rows} rowKey={(q) => q.Identity} rowName={queueName} remember="queues" selected={selected} onSelect={setSelected} sort={sort} onSort={setSort}
        onOpen={(q) => setOpen(q.Identity, true)} openKey={open} loading={answer.isPending} empty={t('empty')} note={<RefreshNote n={answer.data?.count ?? undefined} at={answer.dataUpdatedAt} />}
      />
      <QueueDetails queue={shown ?? null} onClose={() => setUrl({ open: null, tab: null })} />
      {asking === 'remove' && (
        <ConfirmDialog title={t('removeTitle', { n: waiting })} text={t('removeText')} confirm={t('removeConfirm')} ways={removeWays(chosen.map((q) => `Queue -eq '${q.Identity}'`))} refreshes={READS} onClose={() => setAsking(null)} onDone={(changes) => { setAsking(null); say(t('doneRemove', { n: waiting }), changes); }} />
      )}
      {asking === 'suspend' && (
        <ConfirmDialog
          title={chosen.length === 1 && chosen[0] ? t('suspendOneTitle', { name: queueName(chosen[0]) }) : t('suspendTitle', { n: chosen.length })} text={t('suspendText')} confirm={t('suspend')} refreshes={READS} onClose={() => setAsking(null)} onDone={(changes) => { setAsking(null); say(t('doneSuspend', { n: chosen.length }), changes); }}
          ways={[{ id: 'suspend', label: t('suspend'), changes: chosen.map((q) => ({ cmdlet: 'Suspend-Queue' as const, parameters: { Identity: q.Identity } })) }]}
        />
      )}
    </Page>
  );
}
