// Roles › Audit log.
import { useMemo, useState } from 'react';
import { Badge, Input, makeStyles, Select } from '@fluentui/react-components';
import { useCmdlet } from '@api/cmdlet';
import type { Parameters } from '@api/client';
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
import { AuditDetails } from './AuditDetails';
import { about, differences, word } from './diff';
import { LOOK_UPS } from './lookUps';
import type { Audited } from './shapes';
import { t } from './text';

const HOURS = [1, 24, 168, 720, 2160];
const DEFAULT_HOURS = 24;

const useStyles = makeStyles({
  tools: { display: 'flex', gap: '8px', flexWrap: 'wrap' },
  input: { width: '210px', maxWidth: '100%' },
});

function useColumns(zone: string): Column<Audited>[] {
  return useMemo(() => [
    { id: 'RunDate', title: t('time', { zone: zoneName(zone) }), width: 176, value: (r) => r.RunDate, render: (r) => showTime(r.RunDate, zone) },
    { id: 'Caller', title: t('caller'), width: 170, grow: 1, value: (r) => r.Caller, render: (r) => <SafeText text={r.Caller} /> },
    { id: 'CmdletName', title: t('cmdlet'), width: 220, grow: 1, value: (r) => r.CmdletName },
    { id: 'ObjectModified', title: t('objectModified'), width: 170, grow: 1, value: about, render: (r) => <SafeText text={about(r)} /> },
    { id: 'Change', title: t('change'), width: 220, grow: 2, value: (r) => differences(r).map((d) => d.property).join(', ') },
    { id: 'Succeeded', title: t('result'), width: 100, value: (r) => (r.Succeeded ? t('succeeded') : t('failedResult')), render: (r) => <Badge appearance="tint" color={r.Succeeded ? 'success' : 'danger'}>{r.Succeeded ? t('succeeded') : t('failedResult')}</Badge> },
    { id: 'ResultRows', title: t('rows'), width: 110, end: true, value: (r) => r.ResultRows },
    { id: 'Interface', title: t('interface'), width: 110, value: (r) => r.Interface, hidden: true },
    { id: 'CmdletParameters', title: t('parameters'), width: 260, value: (r) => word(r.CmdletParameters), render: (r) => <SafeText text={word(r.CmdletParameters)} />, hidden: true },
    { id: 'Error', title: t('error'), width: 240, value: (r) => r.Error, render: (r) => <SafeText text={r.Error} />, hidden: true },
  ], [zone]);
}

const sinceText = (hours: number): string => (hours < 48 ? t('hours', { n: hours }) : t('days', { n: hours / 24 }));

export default function AuditLog() {
  const styles = useStyles();
  const zone = useZone();
  const columns = useColumns(zone);
  const [what, setWhat] = useUrl('what');
  const [since, setSince] = useUrl('since');
  const [who, setWho] = useUrl('who');
  const [object, setObject] = useUrl('object');
  const [cmdlet, setCmdlet] = useUrl('cmdlet');
  const [open, setOpen] = useUrl('open');
  const [sort, setSort] = useUrlSort();
  // The start moves only when a time is chosen or the list is read anew, so that the question stays the same meanwhile.
  const [now, setNow] = useState(() => Date.now());
  const hours = Number(since ?? DEFAULT_HOURS);
  const parameters: Parameters<'Search-AdminAuditLog'> = {
    StartDate: hours > 0 ? new Date(now - hours * 3_600_000).toISOString() : undefined, UserIds: who ? [who] : undefined, ObjectIds: object ? [object] : undefined,
    Cmdlets: cmdlet ? [cmdlet] : what === 'look-ups' ? LOOK_UPS : undefined, IncludeLookUps: what === 'all' || what === 'look-ups' || undefined,
  };
  const answer = useCmdlet<'Search-AdminAuditLog', Audited>('Search-AdminAuditLog', parameters);
  const rows = answer.data?.rows ?? [];
  const count = answer.data?.count ?? rows.length;
  const actions: Action[] = [
    { id: 'refresh', label: t('refresh'), icon: 'refresh', run: () => setNow(Date.now()) },
    { id: 'export', label: t('export'), icon: 'download', run: () => download('audit-log.csv', csv(columns.map((c) => c.title), rows.map((r) => columns.map((c) => c.value(r))))) },
  ];
  return (
    <Page title={t('title')} lead={t('lead')} actions={actions} command={{ cmdlet: 'Search-AdminAuditLog', parameters }} full>
      <ErrorBar title={t('failed')} error={answer.error} onRetry={() => void answer.refetch()} />
      <div className={styles.tools} role="search">
        <Select value={what ?? 'changes'} aria-label={t('what')} onChange={(_, data) => setWhat(data.value === 'changes' ? null : data.value)}>
          <option value="changes">{t('changes')}</option>
          <option value="look-ups">{t('lookUps')}</option>
          <option value="all">{t('all')}</option>
        </Select>
        <Select value={String(hours)} aria-label={t('since')} onChange={(_, data) => { setSince(data.value === String(DEFAULT_HOURS) ? null : data.value); setNow(Date.now()); }}>
          {HOURS.map((n) => <option key={n} value={n}>{sinceText(n)}</option>)}
          <option value={0}>{t('ever')}</option>
        </Select>
        <Asked value={who} onChange={setWho} label={t('who')} hint={t('whoHint')} />
        <Asked value={object} onChange={setObject} label={t('object')} hint={t('object')} />
        <Asked value={cmdlet} onChange={setCmdlet} label={t('cmdlet')} hint={t('cmdletHint')} />
      </div>
      <RefreshNote n={answer.data ? count : undefined} at={answer.dataUpdatedAt}>{count > rows.length && t('more', { n: rows.length, of: count })}</RefreshNote>
      <Grid
        label={t('title')} columns={columns} rows={rows} rowKey={(r) => String(r.Identity)} rowName={(r) => `${r.CmdletName ?? r.Caller} ${about(r)}`} remember="audit-log" sort={sort} onSort={setSort} onOpen={(r) => setOpen(String(r.Identity), true)} openKey={open}
        loading={answer.isFetching} empty={t('empty')} total={count}
      />
      <AuditDetails record={rows.find((r) => String(r.Identity) === open) ?? null} onClose={() => setOpen(null)} />
    </Page>
  );
}

/** A word to look for; the server is asked when it is finished, with Enter or by leaving the field. */
function Asked({ value, onChange, label, hint }: { value: string | null; onChange: (value: string | null) => void; label: string; hint: string }) {
  const styles = useStyles();
  const [typed, setTyped] = useState(value ?? '');
  const ask = () => typed.trim() !== (value ?? '') && onChange(typed.trim());
  return <Input className={styles.input} type="search" aria-label={label} placeholder={hint} value={typed} onChange={(_, data) => setTyped(data.value)} onBlur={ask} onKeyDown={(e) => { if (e.key === 'Enter') ask(); }} />;
}
