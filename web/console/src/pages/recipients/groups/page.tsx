// Recipients › Groups.
import { Suspense, useMemo, useState } from 'react';
import { useCmdlet } from '@api/cmdlet';
import { useTold } from '@kit/command/useTold';
import { ConfirmDialog, type Change } from '@kit/confirm/ConfirmDialog';
import { Grid, type Column } from '@kit/grid/Grid';
import { useSetUrl, useUrl, useUrlSort } from '@kit/grid/useUrl';
import type { Action } from '@kit/page/CommandBar';
import { csv, download } from '@kit/page/download';
import { ErrorBar } from '@kit/page/ErrorBar';
import { Kept, late, useSoon } from '@kit/page/late';
import { Page } from '@kit/page/Page';
import { RefreshNote } from '@kit/page/RefreshNote';
import { SafeText } from '@kit/safe/SafeText';
import { useZone } from '@kit/shell/settings';
import { showTime, zoneName } from '@kit/time/zone';
import { ListTools } from '../shared/ListTools';
import type { Group } from '../shared/shapes';
import { kindWord, words } from '../shared/text';
import { asked } from './asked';
import { READS } from './data';
import { t } from './text';

// The list is there without what is opened from it.
const GroupDetails = late(async () => ({ default: (await import('./GroupDetails')).GroupDetails }));
const AddGroup = late(async () => ({ default: (await import('./AddGroup')).AddGroup }));


function useColumns(zone: string): Column<Group>[] {
  return useMemo(() => [
    { id: 'DisplayName', title: words('displayName'), width: 180, grow: 2, value: (g) => g.DisplayName, render: (g) => <SafeText text={g.DisplayName} /> },
    { id: 'PrimarySmtpAddress', title: words('address'), width: 220, grow: 2, value: (g) => g.PrimarySmtpAddress, render: (g) => <SafeText text={g.PrimarySmtpAddress} /> },
    { id: 'RecipientTypeDetails', title: words('kind'), width: 210, value: (g) => kindWord(g.RecipientTypeDetails) },
    { id: 'MemberCount', title: t('members'), width: 100, end: true, value: (g) => g.MemberCount },
    { id: 'ManagedBy', title: t('owners'), width: 160, grow: 1, value: (g) => g.ManagedBy.join(', '), render: (g) => <SafeText text={g.ManagedBy.join(', ')} /> },
    { id: 'Writers', title: t('writers'), width: 130, value: (g) => (g.RequireSenderAuthenticationEnabled ? t('inside') : t('anybody')) },
    { id: 'Alias', title: words('alias'), width: 140, value: (g) => g.Alias, hidden: true },
    { id: 'Hidden', title: words('hidden'), width: 130, value: (g) => (g.HiddenFromAddressListsEnabled ? words('yes') : words('no')), hidden: true },
    { id: 'WhenCreated', title: words('created', { zone: zoneName(zone) }), width: 200, value: (g) => g.WhenCreated, render: (g) => showTime(g.WhenCreated, zone), hidden: true },
  ], [zone]);
}

export default function Groups() {
  useSoon(GroupDetails, AddGroup);
  const columns = useColumns(useZone());
  const [search, setSearch] = useUrl('search');
  const [kind, setKind] = useUrl('kind');
  const [open, setOpen] = useUrl('open');
  const setUrl = useSetUrl();
  const [sort, setSort] = useUrlSort();
  const [selected, setSelected] = useState<Set<string>>(new Set());
  const [asking, setAsking] = useState<'add' | 'remove' | 'hide' | null>(null);
  const { told, tell } = useTold();
  const parameters = asked(search, kind);
  const answer = useCmdlet<'Get-DistributionGroup', Group>('Get-DistributionGroup', parameters);
  const rows = answer.data?.rows ?? [];
  const count = answer.data?.count ?? rows.length;
  const chosen = rows.filter((g) => selected.has(g.Guid));
  const none = chosen.length === 0;
  const finish = (changes?: Change[]) => {
    setAsking(null);
    tell(t('done', { n: chosen.length }), changes);
    setSelected(new Set());
  };
  const actions: Action[] = [
    { id: 'add', label: t('add'), icon: 'add', needs: 'New-DistributionGroup', primary: true, run: () => setAsking('add') },
    { id: 'refresh', label: words('refresh'), icon: 'refresh', run: () => void answer.refetch() },
    { id: 'hide', label: t('hidden'), icon: 'filter', needs: 'Set-DistributionGroup', disabled: none, run: () => setAsking('hide') },
    { id: 'remove', label: words('remove'), icon: 'remove', needs: 'Remove-DistributionGroup', disabled: none, run: () => setAsking('remove') },
    { id: 'export', label: words('export'), icon: 'download', run: () => download('groups.csv', csv(columns.map((c) => c.title), rows.map((g) => columns.map((c) => c.value(g))))) },
  ];
  return (
    <Page title={t('title')} lead={t('lead')} actions={actions} command={{ cmdlet: 'Get-DistributionGroup', parameters }} full>
      <ErrorBar title={words('failed')} error={answer.error} onRetry={() => void answer.refetch()} />
      {told}
      <ListTools search={search ?? ''} onSearch={setSearch} kind={kind ?? 'all'} onKind={(next) => { setSelected(new Set()); setKind(next === 'all' ? null : next); }} kinds={(['all', 'distribution', 'security'] as const).map((value) => ({ value, label: t(value) }))} />
      <RefreshNote n={answer.data ? count : undefined} at={answer.dataUpdatedAt}>{count > rows.length && words('more', { n: rows.length, of: count })}</RefreshNote>
      <Grid
        label={t('title')} columns={columns} rows={rows} rowKey={(g) => g.Guid} rowName={(g) => g.DisplayName} remember="groups" selected={selected} onSelect={setSelected} sort={sort} onSort={setSort}
        onOpen={(g) => setOpen(g.Guid, true)} openKey={open} loading={answer.isFetching} empty={t('empty')} total={count}
      />
      <Kept from={open !== null}><GroupDetails guid={open} onClose={() => setUrl({ open: null, tab: null })} /></Kept>
      <Suspense fallback={null}>{asking === 'add' && <AddGroup onClose={() => setAsking(null)} onDone={(said) => { setAsking(null); tell(said); }} />}</Suspense>
      {asking === 'remove' && (
        <ConfirmDialog
          title={t('removeTitle', { n: chosen.length })} text={t('removeText')} confirm={t('removeConfirm')} refreshes={READS} onClose={() => setAsking(null)} onDone={finish}
          ways={[{ id: 'do', label: '', changes: chosen.map((g) => ({ cmdlet: 'Remove-DistributionGroup' as const, parameters: { Identity: g.Guid } })) }]}
        />
      )}
      {asking === 'hide' && (
        <ConfirmDialog
          title={t('hidden')} text={words('hiddenHint')} confirm={t('hidden')} refreshes={READS} onClose={() => setAsking(null)} onDone={finish}
          ways={[{ id: 'do', label: '', changes: chosen.map((g) => ({ cmdlet: 'Set-DistributionGroup' as const, parameters: { Identity: g.Guid, HiddenFromAddressListsEnabled: true } })) }]}
        />
      )}
    </Page>
  );
}
