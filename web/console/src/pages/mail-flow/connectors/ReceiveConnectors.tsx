// The ways in.
import { useState, type ReactNode } from 'react';
import { useCmdlet } from '@api/cmdlet';
import { useAct } from '@kit/command/useAct';
import { ConfirmDialog, type Change } from '@kit/confirm/ConfirmDialog';
import { bytes, shortSize } from '@kit/forms/sizeText';
import { Grid, type Column } from '@kit/grid/Grid';
import { useSetUrl, useUrl, useUrlSort } from '@kit/grid/useUrl';
import type { Action } from '@kit/page/CommandBar';
import { csv, download } from '@kit/page/download';
import { ErrorBar } from '@kit/page/ErrorBar';
import { Page } from '@kit/page/Page';
import { RefreshNote } from '@kit/page/RefreshNote';
import { SafeText } from '@kit/safe/SafeText';
import { ReceiveDetails } from './ReceiveDetails';
import { ReceiveWizard, RECEIVE_READS } from './ReceiveWizard';
import { OnOff } from './SendConnectors';
import { isForAll, type ReceiveConnector } from './shapes';
import { r, t } from './text';

const ranges = (c: ReceiveConnector) => (isForAll(c.RemoteIPRanges) ? r('everybody') : c.RemoteIPRanges.join(', '));
type Group = Parameters<typeof r>[0];
const groups = (c: ReceiveConnector) => c.PermissionGroups.map((group) => r(group as Group)).join('; ');

const makeColumns = (): Column<ReceiveConnector>[] => [
  { id: 'Name', title: t('name'), width: 200, grow: 2, value: (c) => c.Name, render: (c) => <SafeText text={c.Name} /> },
  { id: 'Enabled', title: t('state'), width: 84, value: (c) => (c.Enabled ? t('on') : t('off')), render: (c) => <OnOff on={c.Enabled} /> },
  { id: 'Bindings', title: r('bindings'), width: 180, grow: 1, value: (c) => c.Bindings.join(', ') },
  { id: 'RemoteIPRanges', title: r('ranges'), width: 160, grow: 1, value: ranges },
  { id: 'PermissionGroups', title: r('who'), width: 240, grow: 3, value: groups },
  { id: 'MaxMessageSize', title: t('size'), width: 140, end: true, value: (c) => bytes(c.MaxMessageSize) ?? Infinity, render: (c) => shortSize(c.MaxMessageSize) },
  { id: 'AuthMechanism', title: r('auth'), width: 240, value: (c) => c.AuthMechanism.join(', '), hidden: true },
  { id: 'TransportRole', title: r('role'), width: 170, value: (c) => c.TransportRole, hidden: true },
  { id: 'Comment', title: t('comment'), width: 200, value: (c) => c.Comment, render: (c) => <SafeText text={c.Comment} />, hidden: true },
  { id: 'Guid', title: t('guid'), width: 300, value: (c) => c.Guid, hidden: true },
];

type Asking = 'add' | 'disable' | 'remove';

export function ReceiveConnectors({ tabs }: { tabs: ReactNode }) {
  const [columns] = useState(makeColumns);
  const [open, setOpen] = useUrl('open');
  const setUrl = useSetUrl();
  const [sort, setSort] = useUrlSort();
  const [selected, setSelected] = useState<Set<string>>(new Set());
  const [asking, setAsking] = useState<Asking | null>(null);
  const answer = useCmdlet<'Get-ReceiveConnector', ReceiveConnector>('Get-ReceiveConnector');
  const { act, say, busy, outcome } = useAct(RECEIVE_READS, t('actFailed'));
  const rows = answer.data?.rows ?? [];
  const chosen = rows.filter((c) => selected.has(c.Guid));
  const none = chosen.length === 0;
  const enable = () => act(t('enabled', { n: chosen.length }), chosen.map((c) => ({ cmdlet: 'Set-ReceiveConnector', parameters: { Identity: c.Guid, Enabled: true } })));
  const finish = (said: string, changes: Change[]) => {
    setAsking(null);
    setSelected(new Set());
    say(said, changes);
  };
  const actions: Action[] = [
    { id: 'add', label: t('add'), icon: 'add', needs: 'New-ReceiveConnector', primary: true, run: () => setAsking('add') },
    { id: 'refresh', label: t('refresh'), icon: 'refresh', run: () => void answer.refetch() },
    { id: 'enable', label: t('enable'), icon: 'play', needs: 'Set-ReceiveConnector', disabled: none || busy, run: enable },
    { id: 'disable', label: t('disable'), icon: 'pause', needs: 'Set-ReceiveConnector', disabled: none, run: () => setAsking('disable') },
    { id: 'remove', label: t('remove'), icon: 'remove', needs: 'Remove-ReceiveConnector', disabled: none, run: () => setAsking('remove') },
    { id: 'export', label: t('export'), icon: 'download', run: () => download('receive-connectors.csv', csv(columns.map((c) => c.title), rows.map((row) => columns.map((c) => c.value(row))))) },
  ];
  return (
    <Page title={t('title')} lead={t('lead')} actions={actions} command={{ cmdlet: 'Get-ReceiveConnector' }} full>
      {tabs}
      <ErrorBar title={t('failedReceive')} error={answer.error} onRetry={() => void answer.refetch()} />
      {outcome}
      <Grid
        label={t('receive')} columns={columns} rows={rows} rowKey={(c) => c.Guid} rowName={(c) => c.Name} remember="receive-connectors" selected={selected} onSelect={setSelected} sort={sort} onSort={setSort}
        onOpen={(c) => setOpen(c.Guid, true)} openKey={open} loading={answer.isPending} empty={t('emptyReceive')} note={<RefreshNote n={answer.data?.count ?? undefined} at={answer.dataUpdatedAt} />}
      />
      <ReceiveDetails connector={rows.find((c) => c.Guid === open) ?? null} onClose={() => setUrl({ open: null, tab: null })} />
      {asking === 'add' && <ReceiveWizard onClose={() => setAsking(null)} onDone={(name) => { setAsking(null); say(t('madeReceive', { name })); }} />}
      {asking === 'disable' && (
        <ConfirmDialog
          title={t('disableTitle', { n: chosen.length })} text={t('disableReceiveText')} confirm={t('disable')} refreshes={RECEIVE_READS} onClose={() => setAsking(null)} onDone={(changes) => finish(t('disabled', { n: chosen.length }), changes)}
          ways={[{ id: 'do', label: '', changes: chosen.map((c) => ({ cmdlet: 'Set-ReceiveConnector' as const, parameters: { Identity: c.Guid, Enabled: false } })) }]}
        />
      )}
      {asking === 'remove' && (
        <ConfirmDialog
          title={t('removeTitle', { n: chosen.length })} text={t('removeReceiveText')} confirm={t('remove')} refreshes={RECEIVE_READS} onClose={() => setAsking(null)} onDone={(changes) => finish(t('removed', { n: chosen.length }), changes)}
          ways={[{ id: 'do', label: '', changes: chosen.map((c) => ({ cmdlet: 'Remove-ReceiveConnector' as const, parameters: { Identity: c.Guid } })) }]}
        />
      )}
    </Page>
  );
}
