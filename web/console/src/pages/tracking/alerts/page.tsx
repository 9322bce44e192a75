// Tracking › Alerts: saved searches that tell when they find too much.
import { Suspense, useMemo, useState } from 'react';
import { Text } from '@fluentui/react-components';
import type { CmdletName } from '@api/client';
import { useCmdlet } from '@api/cmdlet';
import { useAct } from '@kit/command/useAct';
import { ConfirmDialog } from '@kit/confirm/ConfirmDialog';
import { Grid, type Column } from '@kit/grid/Grid';
import { useSetUrl, useUrl, useUrlSort } from '@kit/grid/useUrl';
import type { Action } from '@kit/page/CommandBar';
import { csv, download } from '@kit/page/download';
import { ErrorBar } from '@kit/page/ErrorBar';
import { late, useSoon } from '@kit/page/late';
import { Page } from '@kit/page/Page';
import { RefreshNote } from '@kit/page/RefreshNote';
import { SafeText } from '@kit/safe/SafeText';
import { useZone } from '@kit/shell/settings';
import { showTime, zoneName } from '@kit/time/zone';
import { AlertDetails } from './AlertDetails';
import { AlertState } from './AlertState';
import { stateOf, type Alert } from './shapes';
import { t } from './text';

const AddAlert = late(async () => ({ default: (await import('./AddAlert')).AddAlert }));
const READS: CmdletName[] = ['Get-MessageTraceAlert'];
const REFRESH_SECONDS = 15;

function useColumns(): Column<Alert>[] {
  const zone = useZone();
  return useMemo(() => [
    { id: 'Name', title: t('name'), width: 180, grow: 2, value: (a) => a.Name, render: (a) => <SafeText text={a.Name} /> },
    { id: 'State', title: t('state'), width: 130, value: (a) => t(stateOf(a)), render: (a) => <AlertState alert={a} /> },
    { id: 'RaisedSince', title: t('raisedSince', { zone: zoneName(zone) }), width: 210, value: (a) => a.RaisedSince, render: (a) => showTime(a.RaisedSince, zone) },
    { id: 'Query', title: t('query'), width: 180, grow: 2, value: (a) => a.Query, render: (a) => <SafeText text={a.Query} /> },
    { id: 'Threshold', title: t('threshold'), width: 110, end: true, value: (a) => a.Threshold },
    { id: 'Notify', title: t('notify'), width: 200, grow: 2, value: (a) => (a.Notify ?? []).join(', '), render: (a) => <SafeText text={(a.Notify ?? []).join(', ')} /> },
    { id: 'WebhookUrl', title: t('webhook'), width: 220, value: (a) => a.WebhookUrl, hidden: true },
  ], [zone]);
}

export default function Alerts() {
  useSoon(AddAlert);
  const columns = useColumns();
  const [open, setOpen] = useUrl('open');
  const [only, setOnly] = useUrl('only');
  const [making, setMaking] = useUrl('new');
  const setUrl = useSetUrl();
  const [sort, setSort] = useUrlSort();
  const [selected, setSelected] = useState<Set<string>>(new Set());
  const [removing, setRemoving] = useState(false);
  const answer = useCmdlet<'Get-MessageTraceAlert', Alert>('Get-MessageTraceAlert', {}, { refreshSeconds: REFRESH_SECONDS });
  const { act, say, outcome } = useAct(READS, t('changeFailed'));
  const all = answer.data?.rows ?? [];
  const rows = only ? all.filter((alert) => stateOf(alert) === 'raised') : all;
  const chosen = rows.filter((alert) => selected.has(alert.Guid));
  const enable = (Enabled: boolean) => act(t(Enabled ? 'nowEnabled' : 'nowDisabled', { n: chosen.length }), chosen.map((alert) => ({ cmdlet: 'Set-MessageTraceAlert', parameters: { Identity: alert.Guid, Enabled } })));
  const actions: Action[] = [
    { id: 'add', label: t('add'), icon: 'add', primary: true, needs: 'New-MessageTraceAlert', run: () => setMaking('alert', true) },
    { id: 'refresh', label: t('refresh'), icon: 'refresh', run: () => void answer.refetch() },
    { id: 'enable', label: t('enable'), icon: 'play', needs: 'Set-MessageTraceAlert', disabled: !chosen.some((a) => !a.Enabled), run: () => enable(true) },
    { id: 'disable', label: t('disable'), icon: 'pause', needs: 'Set-MessageTraceAlert', disabled: !chosen.some((a) => a.Enabled), run: () => enable(false) },
    { id: 'remove', label: t('remove'), icon: 'remove', needs: 'Remove-MessageTraceAlert', disabled: chosen.length === 0, run: () => setRemoving(true) },
    { id: 'only', label: t('onlyRaised'), icon: 'filter', pressed: Boolean(only), run: () => setOnly(only ? null : 'raised') },
    { id: 'export', label: t('export'), icon: 'download', disabled: rows.length === 0, run: () => download('alerts.csv', csv(columns.map((c) => c.title), rows.map((row) => columns.map((c) => c.value(row))))) },
  ];
  return (
    <Page title={t('title')} lead={t('lead')} actions={actions} command={{ cmdlet: 'Get-MessageTraceAlert' }} full>
      <ErrorBar title={t('failed')} error={answer.error} onRetry={() => void answer.refetch()} />
      {outcome}
      <Grid
        label={t('title')} columns={columns} rows={rows} rowKey={(a) => a.Guid} rowName={(a) => a.Name} remember="alerts" selected={selected} onSelect={setSelected} sort={sort} onSort={setSort} onOpen={(a) => setOpen(a.Guid, true)} openKey={open} loading={answer.isPending}
        empty={<><Text weight="semibold" block>{t('empty')}</Text><Text block>{t('emptyHint')}</Text></>} note={<RefreshNote n={answer.data ? rows.length : undefined} at={answer.dataUpdatedAt} />}
      />
      <AlertDetails alert={all.find((a) => a.Guid === open) ?? null} onClose={() => setUrl({ open: null, tab: null })} />
      <Suspense fallback={null}>{making === 'alert' && <AddAlert onClose={() => setMaking(null)} onDone={(said) => { setMaking(null); say(said); }} />}</Suspense>
      {removing && (
        <ConfirmDialog title={t('removeTitle', { n: chosen.length })} text={t('removeText')} confirm={t('remove')} refreshes={READS} onClose={() => setRemoving(false)} onDone={(changes) => { setRemoving(false); setSelected(new Set()); say(t('removed', { n: chosen.length }), changes); }}
          ways={[{ id: 'remove', label: t('remove'), changes: chosen.map((a) => ({ cmdlet: 'Remove-MessageTraceAlert' as const, parameters: { Identity: a.Guid } })) }]} />
      )}
    </Page>
  );
}
