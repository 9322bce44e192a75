// Server › Certificates: what the server proves its names with, for what, and until when.
import { Suspense, useMemo, useState } from 'react';
import { MessageBar, MessageBarBody, MessageBarTitle } from '@fluentui/react-components';
import type { CmdletName } from '@api/client';
import { useCmdlet } from '@api/cmdlet';
import { useTold } from '@kit/command/useTold';
import { ConfirmDialog } from '@kit/confirm/ConfirmDialog';
import { Grid, type Column } from '@kit/grid/Grid';
import { useSetUrl, useUrl, useUrlSort } from '@kit/grid/useUrl';
import type { Action } from '@kit/page/CommandBar';
import { csv, download } from '@kit/page/download';
import { ErrorBar } from '@kit/page/ErrorBar';
import { late, useSoon } from '@kit/page/late';
import { Page } from '@kit/page/Page';
import { RefreshNote } from '@kit/page/RefreshNote';
import { SafeText } from '@kit/safe/SafeText';
import { useZone } from '@kit/shell/settings';
import { showTime, zoneName } from '@kit/time/zone';
import { Details } from './Details';
import { daysLeft, nameOf, validity, type Certificate } from './shapes';
import { t } from './text';
import { Validity } from './Validity';

const Create = late(async () => ({ default: (await import('./Create')).Create }));
const Import = late(async () => ({ default: (await import('./Import')).Import }));
const READS: CmdletName[] = ['Get-ExchangeCertificate'];

function useColumns(now: number): Column<Certificate>[] {
  const zone = useZone();
  return useMemo(() => {
    const at = zoneName(zone);
    const left = (c: Certificate) => (daysLeft(c, now) < 0 ? t('expired') : t('days', { n: daysLeft(c, now) }));
    return [
      { id: 'Name', title: t('name'), width: 160, grow: 2, value: nameOf, render: (c) => <SafeText text={nameOf(c)} /> },
      { id: 'CertificateDomains', title: t('domains'), width: 220, grow: 3, value: (c) => c.CertificateDomains.join(', '), render: (c) => <SafeText text={c.CertificateDomains.join(', ')} /> },
      { id: 'Services', title: t('services'), width: 170, grow: 1, value: (c) => c.Services.join(', ') || t('noServices') },
      { id: 'Status', title: t('status'), width: 140, value: (c) => t(validity(c, now)), render: (c) => <Validity certificate={c} now={now} /> },
      { id: 'NotAfter', title: t('notAfter', { zone: at }), width: 200, value: (c) => c.NotAfter, render: (c) => showTime(c.NotAfter, zone) },
      { id: 'Left', title: t('left'), width: 110, end: true, value: (c) => daysLeft(c, now), render: left },
      { id: 'IsSelfSigned', title: t('selfSigned'), width: 110, value: (c) => (c.IsSelfSigned ? t('yes') : t('no')) },
      { id: 'Issuer', title: t('issuer'), width: 220, value: (c) => c.Issuer, render: (c) => <SafeText text={c.Issuer} />, hidden: true },
      { id: 'Thumbprint', title: t('thumbprint'), width: 360, value: (c) => c.Thumbprint, hidden: true },
      { id: 'NotBefore', title: t('notBefore', { zone: at }), width: 200, value: (c) => c.NotBefore, render: (c) => showTime(c.NotBefore, zone), hidden: true },
      { id: 'SerialNumber', title: t('serial'), width: 360, value: (c) => c.SerialNumber, hidden: true },
    ];
  }, [zone, now]);
}

export default function Certificates() {
  useSoon(Create, Import);
  const answer = useCmdlet<'Get-ExchangeCertificate', Certificate>('Get-ExchangeCertificate');
  const now = answer.dataUpdatedAt || Date.now();
  const columns = useColumns(now);
  const [open, setOpen] = useUrl('open');
  const [making, setMaking] = useUrl('new');
  const setUrl = useSetUrl();
  const [sort, setSort] = useUrlSort();
  const [selected, setSelected] = useState<Set<string>>(new Set());
  const [removing, setRemoving] = useState(false);
  const { told, tell } = useTold();
  const rows = answer.data?.rows ?? [];
  const chosen = rows.filter((c) => selected.has(c.Thumbprint));
  const made = (said: string) => {
    setMaking(null);
    tell(said);
  };
  const actions: Action[] = [
    { id: 'import', label: t('import'), icon: 'add', primary: true, needs: 'Import-ExchangeCertificate', run: () => setMaking('import', true) },
    { id: 'create', label: t('create'), icon: 'certificate', needs: 'New-ExchangeCertificate', run: () => setMaking('certificate', true) },
    { id: 'refresh', label: t('refresh'), icon: 'refresh', run: () => void answer.refetch() },
    { id: 'remove', label: t('remove'), icon: 'remove', needs: 'Remove-ExchangeCertificate', disabled: chosen.length === 0, run: () => setRemoving(true) },
    { id: 'export', label: t('export'), icon: 'download', disabled: rows.length === 0, run: () => download('certificates.csv', csv(columns.map((c) => c.title), rows.map((row) => columns.map((c) => c.value(row))))) },
  ];
  const warnings = answer.data?.warnings ?? [];
  return (
    <Page title={t('title')} lead={t('lead')} actions={actions} command={{ cmdlet: 'Get-ExchangeCertificate' }} full>
      <ErrorBar title={t('failed')} error={answer.error} onRetry={() => void answer.refetch()} />
      {warnings.length > 0 && <MessageBar intent="warning" layout="multiline"><MessageBarBody><MessageBarTitle>{t('attention')}</MessageBarTitle>{warnings.join('; ')}</MessageBarBody></MessageBar>}
      {told}
      <Grid
        label={t('title')} columns={columns} rows={rows} rowKey={(c) => c.Thumbprint} rowName={nameOf} remember="certificates" selected={selected} onSelect={setSelected} sort={sort} onSort={setSort} onOpen={(c) => setOpen(c.Thumbprint, true)} openKey={open} loading={answer.isPending}
        empty={t('empty')} note={<RefreshNote n={answer.data ? rows.length : undefined} at={answer.dataUpdatedAt} />}
      />
      <Details certificate={rows.find((c) => c.Thumbprint === open) ?? null} now={now} onClose={() => setUrl({ open: null, tab: null })} />
      <Suspense fallback={null}>
        {making === 'certificate' && <Create onClose={() => setMaking(null)} onDone={made} />}
        {making === 'import' && <Import onClose={() => setMaking(null)} onDone={made} />}
      </Suspense>
      {removing && (
        <ConfirmDialog title={t('removeTitle', { n: chosen.length })} text={t('removeText')} confirm={t('remove')} refreshes={READS} onClose={() => setRemoving(false)} onDone={(changes) => { setRemoving(false); setSelected(new Set()); tell(t('removed', { n: chosen.length }), changes); }}
          ways={[{ id: 'remove', label: t('remove'), changes: chosen.map((c) => ({ cmdlet: 'Remove-ExchangeCertificate' as const, parameters: { Thumbprint: c.Thumbprint } })) }]} />
      )}
    </Page>
  );
}
