// Recipients › Users: people who sign in and have no mailbox here.
import { Suspense, useMemo, useState } from 'react';
import { makeStyles, SearchBox } from '@fluentui/react-components';
import { useCmdlet } from '@api/cmdlet';
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
import { ASKED, READS, type User } from './data';
import { t } from './text';

// The list is there without what is opened from it.
const UserDetails = late(async () => ({ default: (await import('./UserDetails')).UserDetails }));
const AddUser = late(async () => ({ default: (await import('./AddUser')).AddUser }));

const useStyles = makeStyles({ search: { width: '320px', maxWidth: '100%' } });

function useColumns(zone: string): Column<User>[] {
  return useMemo(() => {
    const at = zoneName(zone);
    const groups = (u: User) => u.RoleGroups.join(', ');
    return [
      { id: 'Name', title: t('name'), width: 200, grow: 1, value: (u) => u.Name, render: (u) => <SafeText text={u.Name} /> },
      { id: 'RoleGroups', title: t('groups'), width: 240, grow: 3, value: groups, render: (u) => <SafeText text={groups(u) || t('none')} /> },
      { id: 'SignIn', title: t('signIn'), width: 110, value: (u) => (u.AccountDisabled ? t('blocked') : t('allowed')) },
      { id: 'PasswordLastSet', title: t('passwordSet', { zone: at }), width: 220, value: (u) => u.PasswordLastSet, render: (u) => u.PasswordLastSet && showTime(u.PasswordLastSet, zone) },
      { id: 'WhenCreated', title: t('created', { zone: at }), width: 200, value: (u) => u.WhenCreated, render: (u) => showTime(u.WhenCreated, zone), hidden: true },
      { id: 'Guid', title: t('guid'), width: 290, value: (u) => u.Guid, hidden: true },
    ];
  }, [zone]);
}

export default function Users() {
  useSoon(UserDetails, AddUser);
  const styles = useStyles();
  const columns = useColumns(useZone());
  const [search, setSearch] = useUrl('search');
  const [open, setOpen] = useUrl('open');
  const setUrl = useSetUrl();
  const [sort, setSort] = useUrlSort();
  const [selected, setSelected] = useState<Set<string>>(new Set());
  const [asking, setAsking] = useState<'add' | 'remove' | null>(null);
  const { told, tell } = useTold();
  const answer = useCmdlet<'Get-User', User>('Get-User', ASKED);
  const all = answer.data?.rows ?? [];
  // They are few, and all here.
  const part = (search ?? '').toLowerCase();
  const rows = all.filter((u) => [u.Name, ...u.RoleGroups].some((text) => text.toLowerCase().includes(part)));
  const chosen = rows.filter((u) => selected.has(u.Guid));
  const actions: Action[] = [
    { id: 'add', label: t('add'), icon: 'add', needs: 'New-User', primary: true, run: () => setAsking('add') },
    { id: 'refresh', label: t('refresh'), icon: 'refresh', run: () => void answer.refetch() },
    { id: 'remove', label: t('remove'), icon: 'remove', needs: 'Remove-User', disabled: chosen.length === 0, run: () => setAsking('remove') },
    { id: 'export', label: t('export'), icon: 'download', run: () => download('users.csv', csv(columns.map((c) => c.title), rows.map((u) => columns.map((c) => c.value(u))))) },
  ];
  return (
    <Page title={t('title')} lead={t('lead')} actions={actions} command={{ cmdlet: 'Get-User', parameters: ASKED }} full>
      <ErrorBar title={t('failed')} error={answer.error} onRetry={() => void answer.refetch()} />
      {told}
      <div role="search"><SearchBox className={styles.search} value={search ?? ''} onChange={(_, data) => setSearch(data.value || null)} placeholder={t('search')} aria-label={t('search')} /></div>
      <RefreshNote n={answer.data ? rows.length : undefined} at={answer.dataUpdatedAt} />
      <Grid
        label={t('title')} columns={columns} rows={rows} rowKey={(u) => u.Guid} rowName={(u) => u.Name} remember="users" selected={selected} onSelect={setSelected} sort={sort ?? { column: 'Name', descending: false }} onSort={setSort}
        onOpen={(u) => setOpen(u.Guid, true)} openKey={open} loading={answer.isFetching} empty={t('empty')}
      />
      <Kept from={open !== null}><UserDetails guid={open} known={all.find((u) => u.Guid === open)} onClose={() => setUrl({ open: null, tab: null })} /></Kept>
      <Suspense fallback={null}>{asking === 'add' && <AddUser onClose={() => setAsking(null)} onDone={(said) => { setAsking(null); tell(said); }} />}</Suspense>
      {asking === 'remove' && (
        <ConfirmDialog
          title={t('removeTitle', { n: chosen.length })} text={t('removeText')} confirm={t('removeConfirm')} refreshes={READS} onClose={() => setAsking(null)} onDone={(changes) => { setAsking(null); tell(t('done', { n: chosen.length }), changes); setSelected(new Set()); }}
          ways={[{ id: 'do', label: '', changes: chosen.map((u) => ({ cmdlet: 'Remove-User' as const, parameters: { Identity: u.Guid } })) }]}
        />
      )}
    </Page>
  );
}
