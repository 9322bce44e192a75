// The ways out.
import { useState, type ReactNode } from 'react';
import { Badge } from '@fluentui/react-components';
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
import { SendDetails } from './SendDetails';
import { SendWizard, SEND_READS } from './SendWizard';
import { shortSpace, type SendConnector } from './shapes';
import { tlsOf } from './sendForm';
import { t, w } from './text';

export const OnOff = ({ on }: { on: boolean }) => <Badge appearance="tint" color={on ? 'success' : 'subtle'}>{on ? t('on') : t('off')}</Badge>;
const spaces = (c: SendConnector) => c.AddressSpaces.map(shortSpace).join(', ');
const route = (c: SendConnector) => (c.DNSRoutingEnabled ? t('byMx') : c.SmartHosts.join(', '));

const makeColumns = (): Column<SendConnector>[] => [
  { id: 'Name', title: t('name'), width: 170, grow: 2, value: (c) => c.Name, render: (c) => <SafeText text={c.Name} /> },
  { id: 'Enabled', title: t('state'), width: 84, value: (c) => (c.Enabled ? t('on') : t('off')), render: (c) => <OnOff on={c.Enabled} /> },
  { id: 'AddressSpaces', title: t('spaces'), width: 200, grow: 3, value: spaces, render: (c) => <SafeText text={spaces(c)} /> },
  { id: 'Route', title: t('route'), width: 170, grow: 2, value: route, render: (c) => <SafeText text={route(c)} /> },
  { id: 'Port', title: t('port'), width: 80, end: true, value: (c) => c.Port, render: (c) => c.Port },
  { id: 'Tls', title: t('tls'), width: 230, grow: 1, value: (c) => w(tlsOf(c)) },
  { id: 'MaxMessageSize', title: t('size'), width: 140, end: true, value: (c) => bytes(c.MaxMessageSize) ?? Infinity, render: (c) => shortSize(c.MaxMessageSize) },
  { id: 'Comment', title: t('comment'), width: 200, value: (c) => c.Comment, render: (c) => <SafeText text={c.Comment} />, hidden: true },
  { id: 'Fqdn', title: t('fqdn'), width: 200, value: (c) => c.Fqdn, hidden: true },
  { id: 'Guid', title: t('guid'), width: 300, value: (c) => c.Guid, hidden: true },
];

type Asking = 'add' | 'edit' | 'disable' | 'remove';

export function SendConnectors({ tabs }: { tabs: ReactNode }) {
  const [columns] = useState(makeColumns);
  const [open, setOpen] = useUrl('open');
  const setUrl = useSetUrl();
  const [sort, setSort] = useUrlSort();
  const [selected, setSelected] = useState<Set<string>>(new Set());
  const [asking, setAsking] = useState<Asking | null>(null);
  const answer = useCmdlet<'Get-SendConnector', SendConnector>('Get-SendConnector');
  const { act, say, busy, outcome } = useAct(SEND_READS, t('actFailed'));
  const rows = answer.data?.rows ?? [];
  const chosen = rows.filter((c) => selected.has(c.Guid));
  const shown = rows.find((c) => c.Guid === open || c.Name === open) ?? null;
  const none = chosen.length === 0;
  const enable = () => act(t('enabled', { n: chosen.length }), chosen.map((c) => ({ cmdlet: 'Set-SendConnector', parameters: { Identity: c.Guid, Enabled: true } })));
  const finish = (said: string, changes: Change[]) => {
    setAsking(null);
    setSelected(new Set());
    say(said, changes);
  };
  // A new connector is opened where its way can be checked.
  const made = (name: string) => {
    setAsking(null);
    say(t(asking === 'add' ? 'made' : 'changed', { name }));
    if (asking === 'add') setUrl({ open: name, tab: 'check' }, true);
  };
  const actions: Action[] = [
    { id: 'add', label: t('add'), icon: 'add', needs: 'New-SendConnector', primary: true, run: () => setAsking('add') },
    { id: 'refresh', label: t('refresh'), icon: 'refresh', run: () => void answer.refetch() },
    { id: 'enable', label: t('enable'), icon: 'play', needs: 'Set-SendConnector', disabled: none || busy, run: enable },
    { id: 'disable', label: t('disable'), icon: 'pause', needs: 'Set-SendConnector', disabled: none, run: () => setAsking('disable') },
    { id: 'remove', label: t('remove'), icon: 'remove', needs: 'Remove-SendConnector', disabled: none, run: () => setAsking('remove') },
    { id: 'export', label: t('export'), icon: 'download', run: () => download('send-connectors.csv', csv(columns.map((c) => c.title), rows.map((row) => columns.map((c) => c.value(row))))) },
  ];
  return (
    <Page title={t('title')} lead={t('lead')} actions={actions} command={{ cmdlet: 'Get-SendConnector' }} full>
      {tabs}
      <ErrorBar title={t('failedSend')} error={answer.error} onRetry={() => void answer.refetch()} />
      {outcome}
      <Grid
        label={t('send')} columns={columns} rows={rows} rowKey={(c) => c.Guid} rowName={(c) => c.Name} remember="send-connectors" selected={selected} onSelect={setSelected} sort={sort} onSort={setSort}
        onOpen={(c) => setOpen(c.Guid, true)} openKey={shown?.Guid} loading={answer.isPending} empty={t('emptySend')} note={<RefreshNote n={answer.data?.count ?? undefined} at={answer.dataUpdatedAt} />}
      />
      <SendDetails connector={asking === 'edit' ? null : shown} onClose={() => setUrl({ open: null, tab: null })} onEdit={() => setAsking('edit')} />
      {(asking === 'add' || (asking === 'edit' && shown)) && <SendWizard connector={asking === 'edit' ? (shown ?? undefined) : undefined} onClose={() => setAsking(null)} onDone={made} />}
      {asking === 'disable' && (
        <ConfirmDialog
          title={t('disableTitle', { n: chosen.length })} text={t('disableText')} confirm={t('disable')} refreshes={SEND_READS} onClose={() => setAsking(null)} onDone={(changes) => finish(t('disabled', { n: chosen.length }), changes)}
          ways={[{ id: 'do', label: '', changes: chosen.map((c) => ({ cmdlet: 'Set-SendConnector' as const, parameters: { Identity: c.Guid, Enabled: false } })) }]}
        />
      )}
      {asking === 'remove' && (
        <ConfirmDialog
          title={t('removeTitle', { n: chosen.length })} text={t('removeText')} confirm={t('remove')} refreshes={SEND_READS} onClose={() => setAsking(null)} onDone={(changes) => finish(t('removed', { n: chosen.length }), changes)}
          ways={[{ id: 'do', label: '', changes: chosen.map((c) => ({ cmdlet: 'Remove-SendConnector' as const, parameters: { Identity: c.Guid } })) }]}
        />
      )}
    </Page>
  );
}
