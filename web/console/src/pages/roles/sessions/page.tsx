// Roles › Sessions: who is signed in with a browser, and an end to it.
import { useMemo, useState } from 'react';
import { Button } from '@fluentui/react-components';
import { useNavigate } from 'react-router';
import { useCmdlet } from '@api/cmdlet';
import type { CmdletName } from '@api/client';
import { useCan } from '@api/session';
import { useTold } from '@kit/command/useTold';
import { ConfirmDialog, type Change } from '@kit/confirm/ConfirmDialog';
import { DetailsDrawer } from '@kit/drawer/DetailsDrawer';
import { Facts } from '@kit/drawer/Facts';
import { Grid, type Column } from '@kit/grid/Grid';
import { useUrl, useUrlSort } from '@kit/grid/useUrl';
import type { Action } from '@kit/page/CommandBar';
import { csv, download } from '@kit/page/download';
import { ErrorBar } from '@kit/page/ErrorBar';
import { Page } from '@kit/page/Page';
import { RefreshNote } from '@kit/page/RefreshNote';
import { SafeText } from '@kit/safe/SafeText';
import { useZone } from '@kit/shell/settings';
import { showTime, zoneName } from '@kit/time/zone';
import { browserOf } from './browser';
import type { AdminSession } from './shapes';
import { t } from './text';

const REFRESH_SECONDS = 15;
const READS: CmdletName[] = ['Get-AdminSession'];

function useColumns(zone: string): Column<AdminSession>[] {
  return useMemo(() => {
    const at = zoneName(zone);
    const time = (id: 'SignedIn' | 'LastUsed' | 'IdleEnd' | 'End', title: string, hidden = false): Column<AdminSession> => ({ id, title, width: 176, value: (s) => s[id], render: (s) => showTime(s[id], zone), hidden });
    return [
      { id: 'User', title: t('user'), width: 180, grow: 2, value: (s) => s.User, render: (s) => <SafeText text={s.User} /> },
      { id: 'ClientAddress', title: t('address'), width: 150, grow: 1, value: (s) => s.ClientAddress },
      { id: 'UserAgent', title: t('browser'), width: 160, grow: 1, value: (s) => browserOf(s.UserAgent), render: (s) => <SafeText text={browserOf(s.UserAgent)} /> },
      time('SignedIn', t('signedIn', { zone: at })),
      time('LastUsed', t('lastUsed', { zone: at })),
      time('IdleEnd', t('idleEnd', { zone: at }), true),
      time('End', t('last', { zone: at })),
      { id: 'IsCurrent', title: t('current'), width: 96, value: (s) => (s.IsCurrent ? t('yes') : '') },
    ];
  }, [zone]);
}

interface Asking { title: string; own: boolean; changes: Change[] }

export default function Sessions() {
  const columns = useColumns(useZone());
  const [open, setOpen] = useUrl('open');
  const [sort, setSort] = useUrlSort();
  const [selected, setSelected] = useState<Set<string>>(new Set());
  const [asking, setAsking] = useState<Asking | null>(null);
  const { told, tell } = useTold();
  const answer = useCmdlet<'Get-AdminSession', AdminSession>('Get-AdminSession', {}, { refreshSeconds: REFRESH_SECONDS });
  const rows = answer.data?.rows ?? [];
  const chosen = rows.filter((s) => selected.has(s.Identity));
  const end = (sessions: AdminSession[]) => setAsking({ title: t('endTitle', { n: sessions.length }), own: sessions.some((s) => s.IsCurrent), changes: sessions.map((s) => ({ cmdlet: 'Remove-AdminSession', parameters: { Identity: s.Identity } })) });
  const endAll = (User: string) => setAsking({ title: t('endAllTitle', { user: User }), own: rows.some((s) => s.User === User && s.IsCurrent), changes: [{ cmdlet: 'Remove-AdminSession', parameters: { User } }] });
  const actions: Action[] = [
    { id: 'refresh', label: t('refresh'), icon: 'refresh', run: () => void answer.refetch() },
    { id: 'end', label: t('end'), icon: 'remove', needs: 'Remove-AdminSession', disabled: chosen.length === 0, run: () => end(chosen) },
    { id: 'export', label: t('export'), icon: 'download', run: () => download('sessions.csv', csv(columns.map((c) => c.title), rows.map((s) => columns.map((c) => c.value(s))))) },
  ];
  return (
    <Page title={t('title')} lead={t('lead')} actions={actions} command={{ cmdlet: 'Get-AdminSession' }} full>
      <ErrorBar title={t('failed')} error={answer.error} onRetry={() => void answer.refetch()} />
      {told}
      <Grid
        label={t('title')} columns={columns} rows={rows} rowKey={(s) => s.Identity} rowName={(s) => `${s.User} ${s.ClientAddress}`} remember="sessions" selected={selected} onSelect={setSelected} sort={sort} onSort={setSort}
        onOpen={(s) => setOpen(s.Identity, true)} openKey={open} loading={answer.isPending} empty={t('empty')} note={<RefreshNote n={answer.data ? rows.length : undefined} at={answer.dataUpdatedAt} />}
      />
      <Details session={rows.find((s) => s.Identity === open) ?? null} onClose={() => setOpen(null)} onEnd={end} onEndAll={endAll} />
      {asking && (
        <ConfirmDialog
          title={asking.title} text={asking.own ? `${t('endText')} ${t('ownText')}` : t('endText')} confirm={t('endConfirm')} refreshes={READS} ways={[{ id: 'end', label: '', changes: asking.changes }]} onClose={() => setAsking(null)}
          onDone={(changes) => { setAsking(null); setOpen(null); setSelected(new Set()); tell(t('done', { n: changes.length }), changes); }}
        />
      )}
    </Page>
  );
}

function Details({ session, onClose, onEnd, onEndAll }: { session: AdminSession | null; onClose: () => void; onEnd: (sessions: AdminSession[]) => void; onEndAll: (user: string) => void }) {
  const zone = useZone();
  const can = useCan();
  const navigate = useNavigate();
  if (!session) return <DetailsDrawer open={false} title="" name="" onClose={onClose} />;
  const at = zoneName(zone);
  return (
    <DetailsDrawer
      open title={<SafeText text={session.User} />} name={session.User} subtitle={session.ClientAddress} onClose={onClose}
      footer={
        <>
          {can('Remove-AdminSession') && <Button appearance="primary" onClick={() => onEnd([session])}>{t('end')}</Button>}
          {can('Remove-AdminSession') && <Button onClick={() => onEndAll(session.User)}>{t('endAll')}</Button>}
          {can('Search-AdminAuditLog') && <Button onClick={() => void navigate(`/roles/audit-log?who=${encodeURIComponent(session.User)}`)}>{t('lookUps')}</Button>}
        </>
      }
    >
      <Facts facts={[
        [t('user'), <SafeText key="u" text={session.User} />], [t('address'), session.ClientAddress], [t('agent'), <SafeText key="a" text={session.UserAgent} />], [t('signedIn', { zone: at }), showTime(session.SignedIn, zone)], [t('lastUsed', { zone: at }), showTime(session.LastUsed, zone)], [t('idleEnd', { zone: at }), showTime(session.IdleEnd, zone)], [t('last', { zone: at }), showTime(session.End, zone)],
        [t('current'), session.IsCurrent ? t('yes') : null], [t('id'), session.Identity],
      ]} />
    </DetailsDrawer>
  );
}
