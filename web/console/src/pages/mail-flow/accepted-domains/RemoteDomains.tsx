// What may go to the domains of others.
import { useState, type ReactNode } from 'react';
import { useCmdlet } from '@api/cmdlet';
import { useTold } from '@kit/command/useTold';
import { ConfirmDialog, type Change } from '@kit/confirm/ConfirmDialog';
import { Grid, type Column } from '@kit/grid/Grid';
import { useUrl, useUrlSort } from '@kit/grid/useUrl';
import type { Action } from '@kit/page/CommandBar';
import { csv, download } from '@kit/page/download';
import { ErrorBar } from '@kit/page/ErrorBar';
import { Page } from '@kit/page/Page';
import { RefreshNote } from '@kit/page/RefreshNote';
import { SafeText } from '@kit/safe/SafeText';
import { yesNo } from './AcceptedDomains';
import { AddRemote, oofWord, RemoteDetails, REMOTE_READS } from './RemoteDetails';
import { isForAllOthers, type RemoteDomain } from './shapes';
import { t } from './text';

const domain = (d: RemoteDomain) => (isForAllOthers(d) ? t('all') : d.DomainName);

const makeColumns = (): Column<RemoteDomain>[] => [
  { id: 'DomainName', title: t('domain'), width: 180, grow: 2, value: domain, render: (d) => <SafeText text={domain(d)} /> },
  { id: 'AutoReplyEnabled', title: t('replies'), width: 150, value: (d) => yesNo(d.AutoReplyEnabled) },
  { id: 'AutoForwardEnabled', title: t('forwards'), width: 160, value: (d) => yesNo(d.AutoForwardEnabled) },
  { id: 'NDREnabled', title: t('ndr'), width: 170, value: (d) => yesNo(d.NDREnabled) },
  { id: 'AllowedOOFType', title: t('oof'), width: 200, grow: 1, value: (d) => oofWord(d.AllowedOOFType) },
  { id: 'Name', title: t('name'), width: 150, value: (d) => d.Name, render: (d) => <SafeText text={d.Name} /> },
  { id: 'DeliveryReportEnabled', title: t('delivery'), width: 150, value: (d) => yesNo(d.DeliveryReportEnabled), hidden: true },
  { id: 'Guid', title: t('guid'), width: 300, value: (d) => d.Guid, hidden: true },
];

export function RemoteDomains({ tabs }: { tabs: ReactNode }) {
  const [columns] = useState(makeColumns);
  const [open, setOpen] = useUrl('open');
  const [sort, setSort] = useUrlSort();
  const [selected, setSelected] = useState<Set<string>>(new Set());
  const [asking, setAsking] = useState<'add' | 'remove' | null>(null);
  const { told, tell } = useTold();
  const answer = useCmdlet<'Get-RemoteDomain', RemoteDomain>('Get-RemoteDomain');
  const rows = answer.data?.rows ?? [];
  const chosen = rows.filter((d) => selected.has(d.Guid));
  const finish = (said: string, changes?: Change[]) => {
    setAsking(null);
    setSelected(new Set());
    tell(said, changes);
  };
  const actions: Action[] = [
    { id: 'add', label: t('addRemote'), icon: 'add', needs: 'New-RemoteDomain', primary: true, run: () => setAsking('add') },
    { id: 'refresh', label: t('refresh'), icon: 'refresh', run: () => void answer.refetch() },
    // The server keeps the entry for all other domains.
    { id: 'remove', label: t('remove'), icon: 'remove', needs: 'Remove-RemoteDomain', disabled: chosen.length === 0 || chosen.some(isForAllOthers), run: () => setAsking('remove') },
    { id: 'export', label: t('export'), icon: 'download', run: () => download('remote-domains.csv', csv(columns.map((c) => c.title), rows.map((d) => columns.map((c) => c.value(d))))) },
  ];
  return (
    <Page title={t('title')} lead={t('lead')} actions={actions} command={{ cmdlet: 'Get-RemoteDomain' }} full>
      {tabs}
      <ErrorBar title={t('failed')} error={answer.error} onRetry={() => void answer.refetch()} />
      {told}
      <Grid
        label={t('remote')} columns={columns} rows={rows} rowKey={(d) => d.Guid} rowName={domain} remember="remote-domains" selected={selected} onSelect={setSelected} sort={sort} onSort={setSort}
        onOpen={(d) => setOpen(d.Guid, true)} openKey={open} loading={answer.isPending} empty={t('empty')} note={<RefreshNote n={answer.data?.count ?? undefined} at={answer.dataUpdatedAt} />}
      />
      <RemoteDetails domain={rows.find((d) => d.Guid === open) ?? null} onClose={() => setOpen(null)} />
      {asking === 'add' && <AddRemote onClose={() => setAsking(null)} onDone={(name) => finish(t('madeRemote', { name }))} />}
      {asking === 'remove' && (
        <ConfirmDialog
          title={t('removeTitle', { n: chosen.length })} text={t('removeRemoteText')} confirm={t('remove')} refreshes={REMOTE_READS} onClose={() => setAsking(null)} onDone={(changes) => finish(t('removed', { n: chosen.length }), changes)}
          ways={[{ id: 'do', label: '', changes: chosen.map((d) => ({ cmdlet: 'Remove-RemoteDomain' as const, parameters: { Identity: d.Guid } })) }]}
        />
      )}
    </Page>
  );
}
