// The domains this organization takes mail for.
import { useState, type ReactNode } from 'react';
import { Badge } from '@fluentui/react-components';
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
import { AcceptedDetails, ACCEPTED_READS } from './AcceptedDetails';
import { AddAccepted } from './AddAccepted';
import type { AcceptedDomain } from './shapes';
import { t } from './text';

export const yesNo = (yes: boolean): string => (yes ? t('yes') : t('no'));
type Type = 'Authoritative' | 'InternalRelay' | 'ExternalRelay';

const makeColumns = (): Column<AcceptedDomain>[] => [
  { id: 'DomainName', title: t('domain'), width: 200, grow: 3, value: (d) => d.DomainName, render: (d) => <SafeText text={d.DomainName} /> },
  { id: 'DomainType', title: t('type'), width: 150, grow: 1, value: (d) => t(d.DomainType as Type) },
  { id: 'Default', title: t('isDefault'), width: 110, value: (d) => yesNo(d.Default), render: (d) => (d.Default ? <Badge appearance="tint">{t('isDefault')}</Badge> : '') },
  { id: 'MatchSubDomains', title: t('subdomains'), width: 150, value: (d) => yesNo(d.MatchSubDomains || d.DomainName.startsWith('*.')) },
  { id: 'AddressBookEnabled', title: t('lookup'), width: 240, value: (d) => yesNo(d.AddressBookEnabled) },
  { id: 'Name', title: t('name'), width: 180, grow: 1, value: (d) => d.Name, render: (d) => <SafeText text={d.Name} />, hidden: true },
  { id: 'Guid', title: t('guid'), width: 300, value: (d) => d.Guid, hidden: true },
];

type Asking = 'add' | 'default' | 'remove';

export function AcceptedDomains({ tabs }: { tabs: ReactNode }) {
  const [columns] = useState(makeColumns);
  const [open, setOpen] = useUrl('open');
  const [sort, setSort] = useUrlSort();
  const [selected, setSelected] = useState<Set<string>>(new Set());
  const [asking, setAsking] = useState<Asking | null>(null);
  const { told, tell } = useTold();
  const answer = useCmdlet<'Get-AcceptedDomain', AcceptedDomain>('Get-AcceptedDomain');
  const rows = answer.data?.rows ?? [];
  const chosen = rows.filter((d) => selected.has(d.Guid));
  const only = chosen.length === 1 ? chosen[0] : undefined;
  const finish = (said: string, changes?: Change[]) => {
    setAsking(null);
    setSelected(new Set());
    tell(said, changes);
  };
  const actions: Action[] = [
    { id: 'add', label: t('addAccepted'), icon: 'add', needs: 'New-AcceptedDomain', primary: true, run: () => setAsking('add') },
    { id: 'refresh', label: t('refresh'), icon: 'refresh', run: () => void answer.refetch() },
    { id: 'default', label: t('makeDefault'), icon: 'check', needs: 'Set-AcceptedDomain', disabled: !only || only.Default, run: () => setAsking('default') },
    // The server keeps the default domain.
    { id: 'remove', label: t('remove'), icon: 'remove', needs: 'Remove-AcceptedDomain', disabled: chosen.length === 0 || chosen.some((d) => d.Default), run: () => setAsking('remove') },
    { id: 'export', label: t('export'), icon: 'download', run: () => download('accepted-domains.csv', csv(columns.map((c) => c.title), rows.map((d) => columns.map((c) => c.value(d))))) },
  ];
  return (
    <Page title={t('title')} lead={t('lead')} actions={actions} command={{ cmdlet: 'Get-AcceptedDomain' }} full>
      {tabs}
      <ErrorBar title={t('failed')} error={answer.error} onRetry={() => void answer.refetch()} />
      {told}
      <Grid
        label={t('accepted')} columns={columns} rows={rows} rowKey={(d) => d.Guid} rowName={(d) => d.DomainName} remember="accepted-domains" selected={selected} onSelect={setSelected} sort={sort} onSort={setSort}
        onOpen={(d) => setOpen(d.Guid, true)} openKey={open} loading={answer.isPending} empty={t('empty')} note={<RefreshNote n={answer.data?.count ?? undefined} at={answer.dataUpdatedAt} />}
      />
      <AcceptedDetails domain={rows.find((d) => d.Guid === open) ?? null} onClose={() => setOpen(null)} />
      {asking === 'add' && <AddAccepted onClose={() => setAsking(null)} onDone={(name) => finish(t('made', { name }))} />}
      {asking === 'default' && only && (
        <ConfirmDialog
          title={t('defaultTitle', { name: only.DomainName })} text={t('defaultText')} confirm={t('makeDefault')} refreshes={ACCEPTED_READS} onClose={() => setAsking(null)} onDone={(changes) => finish(t('nowDefault', { name: only.DomainName }), changes)}
          ways={[{ id: 'do', label: '', changes: [{ cmdlet: 'Set-AcceptedDomain', parameters: { Identity: only.Guid, MakeDefault: true } }] }]}
        />
      )}
      {asking === 'remove' && (
        <ConfirmDialog
          title={t('removeTitle', { n: chosen.length })} text={t('removeText')} confirm={t('remove')} refreshes={ACCEPTED_READS} onClose={() => setAsking(null)} onDone={(changes) => finish(t('removed', { n: chosen.length }), changes)}
          ways={[{ id: 'do', label: '', changes: chosen.map((d) => ({ cmdlet: 'Remove-AcceptedDomain' as const, parameters: { Identity: d.Guid } })) }]}
        />
      )}
    </Page>
  );
}
