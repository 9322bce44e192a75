// Recipients › Contacts: mail contacts and mail users.
import { Suspense, useMemo, useState } from 'react';
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
import { ListTools } from '../shared/ListTools';
import type { Contact } from '../shared/shapes';
import { kindWord, words } from '../shared/text';
import { isUser, outside, READS } from './data';
import { t } from './text';

// The list is there without what is opened from it.
const ContactDetails = late(async () => ({ default: (await import('./ContactDetails')).ContactDetails }));
const AddContact = late(async () => ({ default: (await import('./AddContact')).AddContact }));

function useColumns(zone: string): Column<Contact>[] {
  return useMemo(() => [
    { id: 'DisplayName', title: words('displayName'), width: 180, grow: 2, value: (c) => c.DisplayName, render: (c) => <SafeText text={c.DisplayName} /> },
    { id: 'External', title: t('external'), width: 220, grow: 2, value: outside, render: (c) => <SafeText text={outside(c)} /> },
    { id: 'RecipientTypeDetails', title: words('kind'), width: 140, value: (c) => kindWord(c.RecipientTypeDetails) },
    { id: 'PrimarySmtpAddress', title: words('address'), width: 220, grow: 1, value: (c) => c.PrimarySmtpAddress, render: (c) => <SafeText text={c.PrimarySmtpAddress} /> },
    { id: 'Alias', title: words('alias'), width: 140, value: (c) => c.Alias, hidden: true },
    { id: 'Hidden', title: words('hidden'), width: 130, value: (c) => (c.HiddenFromAddressListsEnabled ? words('yes') : words('no')), hidden: true },
    { id: 'WhenCreated', title: words('created', { zone: zoneName(zone) }), width: 200, value: (c) => c.WhenCreated, render: (c) => showTime(c.WhenCreated, zone), hidden: true },
  ], [zone]);
}

export default function Contacts() {
  useSoon(ContactDetails, AddContact);
  const columns = useColumns(useZone());
  const [search, setSearch] = useUrl('search');
  const [kind, setKind] = useUrl('kind');
  const [open, setOpen] = useUrl('open');
  const setUrl = useSetUrl();
  const [sort, setSort] = useUrlSort();
  const [selected, setSelected] = useState<Set<string>>(new Set());
  const [asking, setAsking] = useState<'add' | 'remove' | null>(null);
  const { told, tell } = useTold();
  const parameters = { Anr: search ?? undefined };
  const contacts = useCmdlet<'Get-MailContact', Contact>('Get-MailContact', parameters, { enabled: kind !== 'users' });
  const users = useCmdlet<'Get-MailUser', Contact>('Get-MailUser', parameters, { enabled: kind !== 'contacts' });
  const read = [...(kind === 'users' ? [] : [contacts]), ...(kind === 'contacts' ? [] : [users])];
  const rows = read.flatMap((answer) => answer.data?.rows ?? []);
  const count = read.reduce((sum, answer) => sum + (answer.data?.count ?? 0), 0);
  const chosen = rows.filter((c) => selected.has(c.Guid));
  const refetch = () => void Promise.all(read.map((answer) => answer.refetch()));
  const actions: Action[] = [
    { id: 'add', label: t('add'), icon: 'add', needs: 'New-MailContact', primary: true, run: () => setAsking('add') },
    { id: 'refresh', label: words('refresh'), icon: 'refresh', run: refetch },
    { id: 'remove', label: words('remove'), icon: 'remove', needs: 'Remove-MailContact', disabled: chosen.length === 0, run: () => setAsking('remove') },
    { id: 'export', label: words('export'), icon: 'download', run: () => download('contacts.csv', csv(columns.map((c) => c.title), rows.map((row) => columns.map((c) => c.value(row))))) },
  ];
  return (
    <Page title={t('title')} lead={t('lead')} actions={actions} command={{ cmdlet: kind === 'users' ? 'Get-MailUser' : 'Get-MailContact', parameters }} full>
      <ErrorBar title={words('failed')} error={contacts.error ?? users.error} onRetry={refetch} />
      {told}
      <ListTools search={search ?? ''} onSearch={setSearch} kind={kind ?? 'all'} onKind={(next) => { setSelected(new Set()); setKind(next === 'all' ? null : next); }} kinds={(['all', 'contacts', 'users'] as const).map((value) => ({ value, label: t(value) }))} />
      <RefreshNote n={read.every((answer) => answer.data) ? count : undefined} at={Math.max(...read.map((answer) => answer.dataUpdatedAt))}>{count > rows.length && words('more', { n: rows.length, of: count })}</RefreshNote>
      <Grid
        label={t('title')} columns={columns} rows={rows} rowKey={(c) => c.Guid} rowName={(c) => c.DisplayName} remember="contacts" selected={selected} onSelect={setSelected} sort={sort ?? { column: 'DisplayName', descending: false }} onSort={setSort}
        onOpen={(c) => setOpen(c.Guid, true)} openKey={open} loading={read.some((answer) => answer.isFetching)} empty={t('empty')} total={count}
      />
      <Kept from={open !== null}><ContactDetails guid={open} known={rows.find((c) => c.Guid === open)} onClose={() => setUrl({ open: null, tab: null })} /></Kept>
      <Suspense fallback={null}>{asking === 'add' && <AddContact onClose={() => setAsking(null)} onDone={(said) => { setAsking(null); tell(said); }} />}</Suspense>
      {asking === 'remove' && (
        <ConfirmDialog
          title={t('removeTitle', { n: chosen.length })} text={t('removeText')} confirm={t('removeConfirm')} refreshes={READS} onClose={() => setAsking(null)} onDone={(changes) => { setAsking(null); tell(t('done', { n: chosen.length }), changes); setSelected(new Set()); }}
          ways={[{ id: 'do', label: '', changes: chosen.map((c) => ({ cmdlet: isUser(c) ? ('Remove-MailUser' as const) : ('Remove-MailContact' as const), parameters: { Identity: c.Guid } })) }]}
        />
      )}
    </Page>
  );
}
