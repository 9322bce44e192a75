// Roles › Role groups.
import { Suspense, useMemo, useState } from 'react';
import { useCmdlet } from '@api/cmdlet';
import type { CmdletName } from '@api/client';
import { useTold } from '@kit/command/useTold';
import { ConfirmDialog } from '@kit/confirm/ConfirmDialog';
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
import type { RoleGroup } from './shapes';
import { t } from './text';

// The list is there without what is opened from it.
const RoleGroupDetails = late(async () => ({ default: (await import('./RoleGroupDetails')).RoleGroupDetails }));
const AddRoleGroup = late(async () => ({ default: (await import('./AddRoleGroup')).AddRoleGroup }));

export const READS: CmdletName[] = ['Get-RoleGroup', 'Get-RoleGroupMember', 'Get-ManagementRole'];

function useColumns(zone: string): Column<RoleGroup>[] {
  return useMemo(() => [
    { id: 'Name', title: t('name'), width: 220, grow: 1, value: (g) => g.Name, render: (g) => <SafeText text={g.Name} /> },
    { id: 'Description', title: t('description'), width: 240, grow: 3, value: (g) => g.Description, render: (g) => <SafeText text={g.Description} /> },
    { id: 'Members', title: t('members'), width: 100, end: true, value: (g) => g.Members.length },
    { id: 'Roles', title: t('roles'), width: 90, end: true, value: (g) => g.Roles.length },
    { id: 'Scope', title: t('scope'), width: 170, value: (g) => g.RecipientDomainScope.join(', ') || t('everywhere') },
    { id: 'BuiltIn', title: t('kind'), width: 90, value: (g) => (g.BuiltIn ? t('builtIn') : t('own')) },
    { id: 'ManagedBy', title: t('managedBy'), width: 180, value: (g) => g.ManagedBy.join(', '), render: (g) => <SafeText text={g.ManagedBy.join(', ')} />, hidden: true },
    { id: 'WhenCreated', title: t('created', { zone: zoneName(zone) }), width: 200, value: (g) => g.WhenCreated, render: (g) => showTime(g.WhenCreated, zone), hidden: true },
  ], [zone]);
}

export default function RoleGroups() {
  useSoon(RoleGroupDetails, AddRoleGroup);
  const columns = useColumns(useZone());
  const [open, setOpen] = useUrl('open');
  const setUrl = useSetUrl();
  const [sort, setSort] = useUrlSort();
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<RoleGroup | null>(null);
  const { told, tell } = useTold();
  const [selected, setSelected] = useState<Set<string>>(new Set());
  const answer = useCmdlet<'Get-RoleGroup', RoleGroup>('Get-RoleGroup');
  const rows = answer.data?.rows ?? [];
  const chosen = rows.filter((g) => selected.has(g.Guid));
  const own = chosen.length === 1 && chosen[0] && !chosen[0].BuiltIn ? chosen[0] : null;
  const actions: Action[] = [
    { id: 'add', label: t('add'), icon: 'add', needs: 'New-RoleGroup', primary: true, run: () => setAdding(true) },
    { id: 'refresh', label: t('refresh'), icon: 'refresh', run: () => void answer.refetch() },
    { id: 'remove', label: t('remove'), icon: 'remove', needs: 'Remove-RoleGroup', disabled: !own, run: () => setRemoving(own) },
    { id: 'export', label: t('export'), icon: 'download', run: () => download('role-groups.csv', csv(columns.map((c) => c.title), rows.map((g) => columns.map((c) => c.value(g))))) },
  ];
  return (
    <Page title={t('title')} lead={t('lead')} actions={actions} command={{ cmdlet: 'Get-RoleGroup' }} full>
      <ErrorBar title={t('failed')} error={answer.error} onRetry={() => void answer.refetch()} />
      {told}
      <RefreshNote n={answer.data ? rows.length : undefined} at={answer.dataUpdatedAt} />
      <Grid
        label={t('title')} columns={columns} rows={rows} rowKey={(g) => g.Guid} rowName={(g) => g.Name} remember="role-groups" selected={selected} onSelect={setSelected} sort={sort} onSort={setSort}
        onOpen={(g) => setOpen(g.Guid, true)} openKey={open} loading={answer.isFetching} empty={t('empty')}
      />
      <Kept from={open !== null}><RoleGroupDetails group={rows.find((g) => g.Guid === open) ?? null} onClose={() => setUrl({ open: null, tab: null })} /></Kept>
      <Suspense fallback={null}>{adding && <AddRoleGroup onClose={() => setAdding(false)} onDone={(said) => { setAdding(false); tell(said); }} />}</Suspense>
      {removing && (
        <ConfirmDialog
          title={t('removeTitle', { name: removing.Name })} text={t('removeText')} confirm={t('removeConfirm')} refreshes={READS} onClose={() => setRemoving(null)} onDone={(changes) => { setRemoving(null); setSelected(new Set()); tell(t('done', { name: removing.Name }), changes); }}
          ways={[{ id: 'do', label: '', changes: [{ cmdlet: 'Remove-RoleGroup', parameters: { Identity: removing.Guid } }] }]}
        />
      )}
    </Page>
  );
}
