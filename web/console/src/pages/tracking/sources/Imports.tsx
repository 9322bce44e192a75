// What was imported into the trace once: logs of other systems, and the places they were read under.
import { Suspense, useMemo, useState, type ReactNode } from 'react';
import { Text } from '@fluentui/react-components';
import { useCmdlet } from '@api/cmdlet';
import type { CmdletName } from '@api/client';
import { useAct } from '@kit/command/useAct';
import { ConfirmDialog, type Change } from '@kit/confirm/ConfirmDialog';
import { Grid, type Column } from '@kit/grid/Grid';
import { useUrl, useUrlSort } from '@kit/grid/useUrl';
import type { Action } from '@kit/page/CommandBar';
import { csv, download } from '@kit/page/download';
import { ErrorBar } from '@kit/page/ErrorBar';
import { late, useSoon } from '@kit/page/late';
import { Page } from '@kit/page/Page';
import { RefreshNote } from '@kit/page/RefreshNote';
import { Status, statusWord } from '@kit/page/Status';
import { SafeText } from '@kit/safe/SafeText';
import { useZone } from '@kit/shell/settings';
import { showTime, zoneName } from '@kit/time/zone';
import { ImportDetails } from './ImportDetails';
import type { Entry } from './shapes';
import { t } from './text';

const Import = late(async () => ({ default: (await import('./Import')).Import }));
/** What is found changes with it, wherever it is looked at. */
const READS: CmdletName[] = ['Get-MessageTraceImport', 'Get-MessageTrace', 'Get-MessageTraceDetail', 'Get-MailTrafficReport'];
const REFRESH_SECONDS = 5;

function useColumns(): Column<Entry>[] {
  const zone = useZone();
  return useMemo(() => {
    const at = zoneName(zone);
    const text = (id: string, title: string, width: number, value: (e: Entry) => string | null, extra: Partial<Column<Entry>> = {}): Column<Entry> => ({ id, title, width, value, render: (e) => <SafeText text={value(e)} />, ...extra });
    const time = (id: 'StartTime' | 'EndTime' | 'FirstEvent' | 'LastEvent', title: string, hidden = false): Column<Entry> => ({ id, title, width: 156, value: (e) => e[id], render: (e) => showTime(e[id], zone), hidden });
    const number = (id: 'FileCount' | 'Lines' | 'Events' | 'UnknownLines', title: string, width: number): Column<Entry> => ({ id, title, width, end: true, value: (e) => e[id] });
    return [
      time('StartTime', t('started', { zone: at })),
      text('Place', t('place'), 110, (e) => e.Place, { grow: 1 }),
      { id: 'State', title: t('state'), width: 124, value: (e) => statusWord(e.State), render: (e) => <Status status={e.State} /> },
      text('ImportedBy', t('importedBy'), 120, (e) => e.ImportedBy),
      text('Files', t('fileNames'), 140, (e) => e.Files.join(', '), { grow: 2 }),
      number('Lines', t('lines'), 72), number('Events', t('new'), 102), number('UnknownLines', t('unknown'), 122),
      time('FirstEvent', t('first', { zone: at })),
      time('LastEvent', t('last', { zone: at }), true), time('EndTime', t('ended', { zone: at }), true), text('LogFormat', t('format'), 120, (e) => e.LogFormat, { hidden: true }), text('Reason', t('reason'), 220, (e) => e.Reason, { hidden: true }),
      { ...number('FileCount', t('files'), 80), hidden: true }, { id: 'Identity', title: t('number'), width: 90, end: true, value: (e) => Number(e.Identity), hidden: true },
    ];
  }, [zone]);
}

export function Imports({ tabs }: { tabs: ReactNode }) {
  useSoon(Import);
  const columns = useColumns();
  const [open, setOpen] = useUrl('open');
  const [making, setMaking] = useUrl('new');
  const [sort, setSort] = useUrlSort();
  const [selected, setSelected] = useState<Set<string>>(new Set());
  const [removing, setRemoving] = useState<string[]>([]);
  const answer = useCmdlet<'Get-MessageTraceImport', Entry>('Get-MessageTraceImport', {}, { refreshSeconds: REFRESH_SECONDS });
  const { say, outcome } = useAct(READS, t('changeFailed'));
  const rows = answer.data?.rows ?? [];
  const chosen = rows.filter((entry) => selected.has(entry.Identity));
  const actions: Action[] = [
    { id: 'import', label: t('importFile'), icon: 'log', primary: true, needs: 'Import-MessageTrace', run: () => setMaking('import', true) },
    { id: 'refresh', label: t('refresh'), icon: 'refresh', run: () => void answer.refetch() },
    { id: 'remove', label: t('takeOut'), icon: 'remove', needs: 'Remove-MessageTraceImport', disabled: chosen.length === 0 || chosen.some((e) => e.State === 'Running'), run: () => setRemoving([...new Set(chosen.map((e) => e.Place))]) },
    { id: 'export', label: t('export'), icon: 'download', disabled: rows.length === 0, run: () => download('imports.csv', csv(columns.map((c) => c.title), rows.map((row) => columns.map((c) => c.value(row))))) },
  ];
  const done = (changes: Change[]) => {
    say(t('takenOut', { place: removing.join(', ') }), changes);
    setRemoving([]);
    setSelected(new Set());
    setOpen(null);
  };
  return (
    <Page title={t('title')} lead={t('importsLead')} actions={actions} command={{ cmdlet: 'Get-MessageTraceImport' }} full>
      {tabs}
      <ErrorBar title={t('importsFailed')} error={answer.error} onRetry={() => void answer.refetch()} />
      {outcome}
      <Grid
        label={t('imports')} columns={columns} rows={rows} rowKey={(e) => e.Identity} rowName={(e) => `${e.Place} ${e.Identity}`} remember="imports" selected={selected} onSelect={setSelected} sort={sort} onSort={setSort} onOpen={(e) => setOpen(e.Identity, true)} openKey={open} loading={answer.isPending}
        empty={<><Text weight="semibold" block>{t('importsEmpty')}</Text><Text block>{t('importsEmptyHint')}</Text></>} note={<RefreshNote n={answer.data?.count ?? undefined} at={answer.dataUpdatedAt} />}
      />
      <ImportDetails entry={rows.find((e) => e.Identity === open) ?? null} onClose={() => setOpen(null)} onRemove={(place) => setRemoving([place])} />
      <Suspense fallback={null}>{making === 'import' && <Import open onClose={() => setMaking(null)} />}</Suspense>
      {removing.length > 0 && (
        <ConfirmDialog
          title={t('takeOutTitle', { n: removing.length, place: removing.join(', ') })} text={t('takeOutText')} confirm={t('takeOutDo')} refreshes={READS} tells onClose={() => setRemoving([])} onDone={done}
          ways={[{ id: 'remove', label: t('takeOut'), changes: removing.map((Place) => ({ cmdlet: 'Remove-MessageTraceImport' as const, parameters: { Place } })) }]}
        />
      )}
    </Page>
  );
}
