// Recipients › Mailboxes.
import { Suspense, useMemo, useState } from 'react';
import { useCmdlet } from '@api/cmdlet';
import { useTold } from '@kit/command/useTold';
import { ConfirmDialog, type Change } from '@kit/confirm/ConfirmDialog';
import { shortSize } from '@kit/forms/sizeText';
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
import type { Mailbox } from '../shared/shapes';
import { kindWord, words } from '../shared/text';
import { asked, READS } from './data';
import { t } from './text';

// The list is there without what is opened from it.
const AddMailbox = late(async () => ({ default: (await import('./AddMailbox')).AddMailbox }));
const DelegationDrawer = late(async () => ({ default: (await import('./Delegation')).DelegationDrawer }));
const LimitsDialog = late(async () => ({ default: (await import('./LimitsDialog')).LimitsDialog }));
const MailboxDetails = late(async () => ({ default: (await import('./MailboxDetails')).MailboxDetails }));

export const forwardsTo = (m: Mailbox): string | null => m.ForwardingAddress ?? m.ForwardingSmtpAddress;

function useColumns(zone: string): Column<Mailbox>[] {
  return useMemo(() => {
    const at = zoneName(zone);
    return [
      { id: 'DisplayName', title: words('displayName'), width: 180, grow: 2, value: (m) => m.DisplayName, render: (m) => <SafeText text={m.DisplayName} /> },
      { id: 'PrimarySmtpAddress', title: words('address'), width: 220, grow: 2, value: (m) => m.PrimarySmtpAddress, render: (m) => <SafeText text={m.PrimarySmtpAddress} /> },
      { id: 'RecipientTypeDetails', title: words('kind'), width: 140, value: (m) => kindWord(m.RecipientTypeDetails) },
      { id: 'Forwarding', title: t('forwards'), width: 150, grow: 1, value: forwardsTo, render: (m) => <SafeText text={forwardsTo(m)} /> },
      { id: 'SignIn', title: t('signInAllowed'), width: 110, value: (m) => (m.AccountDisabled ? t('blocked') : t('allowed')) },
      { id: 'Quota', title: t('quota'), width: 110, end: true, value: (m) => shortSize(m.ProhibitSendReceiveQuota) },
      { id: 'Alias', title: words('alias'), width: 140, value: (m) => m.Alias, hidden: true },
      { id: 'UserPrincipalName', title: t('signIn'), width: 200, value: (m) => m.UserPrincipalName, hidden: true },
      { id: 'MaxSendSize', title: words('maxSend'), width: 150, end: true, value: (m) => shortSize(m.MaxSendSize), hidden: true },
      { id: 'MaxReceiveSize', title: words('maxReceive'), width: 150, end: true, value: (m) => shortSize(m.MaxReceiveSize), hidden: true },
      { id: 'Hidden', title: words('hidden'), width: 130, value: (m) => (m.HiddenFromAddressListsEnabled ? words('yes') : words('no')), hidden: true },
      { id: 'WhenCreated', title: words('created', { zone: at }), width: 200, value: (m) => m.WhenCreated, render: (m) => showTime(m.WhenCreated, zone), hidden: true },
      { id: 'WhenSoftDeleted', title: t('removedAt', { zone: at }), width: 200, value: (m) => m.WhenSoftDeleted, render: (m) => showTime(m.WhenSoftDeleted, zone), hidden: true },
    ];
  }, [zone]);
}

type Asking = 'add' | 'delegation' | 'limits' | 'hide' | 'show' | 'remove' | 'restore';

export default function Mailboxes() {
  useSoon(MailboxDetails, AddMailbox, DelegationDrawer, LimitsDialog);
  const columns = useColumns(useZone());
  const [search, setSearch] = useUrl('search');
  const [kind, setKind] = useUrl('kind');
  const [open, setOpen] = useUrl('open');
  const setUrl = useSetUrl();
  const [sort, setSort] = useUrlSort();
  const [selected, setSelected] = useState<Set<string>>(new Set());
  const [asking, setAsking] = useState<Asking | null>(null);
  const { told, tell } = useTold();
  const parameters = asked(search, kind);
  const answer = useCmdlet<'Get-Mailbox', Mailbox>('Get-Mailbox', parameters);
  const rows = answer.data?.rows ?? [];
  const count = answer.data?.count ?? rows.length;
  const chosen = rows.filter((m) => selected.has(m.Guid));
  const none = chosen.length === 0 || kind === 'removed';
  const finish = (changes?: Change[]) => {
    setAsking(null);
    tell(t('done', { n: chosen.length }), changes);
  };
  const actions: Action[] = [
    { id: 'add', label: t('add'), icon: 'add', needs: 'New-Mailbox', primary: true, run: () => setAsking('add') },
    { id: 'refresh', label: words('refresh'), icon: 'refresh', run: () => void answer.refetch() },
    { id: 'delegation', label: t('delegation'), icon: 'people', needs: 'Get-MailboxPermission', disabled: none, run: () => setAsking('delegation') },
    { id: 'limits', label: t('limits'), icon: 'limits', needs: 'Set-Mailbox', disabled: none, run: () => setAsking('limits') },
    { id: 'remove', label: words('remove'), icon: 'remove', needs: 'Remove-Mailbox', disabled: none, run: () => setAsking('remove') },
    ...(kind === 'removed' ? [{ id: 'restore', label: t('restore'), icon: 'up' as const, needs: 'Undo-SoftDeletedMailbox' as const, disabled: chosen.length === 0, run: () => setAsking('restore') }] : []),
    { id: 'hide', label: t('hide'), icon: 'filter', needs: 'Set-Mailbox', disabled: none, run: () => setAsking('hide') },
    { id: 'show', label: t('show'), icon: 'contact', needs: 'Set-Mailbox', disabled: none, run: () => setAsking('show') },
    { id: 'export', label: words('export'), icon: 'download', run: () => download('mailboxes.csv', csv(columns.map((c) => c.title), rows.map((m) => columns.map((c) => c.value(m))))) },
  ];
  const hidden = asking === 'hide';
  return (
    <Page title={t('title')} lead={t('lead')} actions={actions} command={{ cmdlet: 'Get-Mailbox', parameters }} full>
      <ErrorBar title={words('failed')} error={answer.error} onRetry={() => void answer.refetch()} />
      {told}
      <ListTools search={search ?? ''} onSearch={setSearch} kind={kind ?? 'all'} onKind={(next) => { setSelected(new Set()); setKind(next === 'all' ? null : next); }} kinds={(['all', 'user', 'shared', 'rooms', 'removed'] as const).map((value) => ({ value, label: t(value) }))} />
      <RefreshNote n={answer.data ? count : undefined} at={answer.dataUpdatedAt}>{count > rows.length && words('more', { n: rows.length, of: count })}</RefreshNote>
      <Grid
        label={t('title')} columns={columns} rows={rows} rowKey={(m) => m.Guid} rowName={(m) => m.DisplayName} remember="mailboxes" selected={selected} onSelect={setSelected} sort={sort} onSort={setSort}
        onOpen={(m) => setOpen(m.Guid, true)} openKey={open} loading={answer.isFetching} empty={t('empty')} total={count}
      />
      <Kept from={open !== null}><MailboxDetails guid={open} removed={kind === 'removed' ? rows.find((m) => m.Guid === open) : undefined} onClose={() => setUrl({ open: null, tab: null })} /></Kept>
      <Kept from={asking === 'delegation'}><DelegationDrawer mailboxes={asking === 'delegation' ? chosen : []} onClose={() => setAsking(null)} /></Kept>
      <Suspense fallback={null}>
        {asking === 'add' && <AddMailbox onClose={() => setAsking(null)} onDone={(name) => { setAsking(null); tell(name); }} />}
        {asking === 'limits' && <LimitsDialog mailboxes={chosen} onClose={() => setAsking(null)} onDone={finish} />}
      </Suspense>
      {(asking === 'hide' || asking === 'show') && (
        <ConfirmDialog
          title={t(hidden ? 'hideTitle' : 'showTitle', { n: chosen.length })} text={t(hidden ? 'hideText' : 'showText')} confirm={t(hidden ? 'hide' : 'show')} refreshes={READS} onClose={() => setAsking(null)} onDone={finish}
          ways={[{ id: 'do', label: '', changes: chosen.map((m) => ({ cmdlet: 'Set-Mailbox' as const, parameters: { Identity: m.Guid, HiddenFromAddressListsEnabled: hidden } })) }]}
        />
      )}
      {asking === 'restore' && (
        <ConfirmDialog
          title={t('restoreTitle', { n: chosen.length })} text={t('restoreText')} confirm={t('restore')} refreshes={READS} onClose={() => setAsking(null)} onDone={(changes) => { finish(changes); setSelected(new Set()); }}
          ways={[{ id: 'do', label: '', changes: chosen.map((m) => ({ cmdlet: 'Undo-SoftDeletedMailbox' as const, parameters: { SoftDeletedObject: m.Guid } })) }]}
        />
      )}
      {asking === 'remove' && (
        <ConfirmDialog
          title={t('removeTitle', { n: chosen.length })} text={t('removeText')} confirm={t('removeConfirm')} refreshes={READS} onClose={() => setAsking(null)} onDone={(changes) => { finish(changes); setSelected(new Set()); }}
          ways={[{ id: 'do', label: '', changes: chosen.map((m) => ({ cmdlet: 'Remove-Mailbox' as const, parameters: { Identity: m.Guid } })) }]}
        />
      )}
    </Page>
  );
}
