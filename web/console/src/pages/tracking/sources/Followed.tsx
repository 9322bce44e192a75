// What is followed of other systems, how far, and how to add more.
import { Suspense, useMemo, useState, type ReactNode } from 'react';
import { Text } from '@fluentui/react-components';
import { useCmdlet } from '@api/cmdlet';
import type { CmdletName } from '@api/client';
import { useAct } from '@kit/command/useAct';
import { ConfirmDialog } from '@kit/confirm/ConfirmDialog';
import { Grid, type Column } from '@kit/grid/Grid';
import { useSetUrl, useUrl, useUrlSort } from '@kit/grid/useUrl';
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
import { lagText, SourceDetails } from './SourceDetails';
import { lagSeconds, type Source } from './shapes';
import { t } from './text';

const AddSource = late(async () => ({ default: (await import('./AddSource')).AddSource }));
const Import = late(async () => ({ default: (await import('./Import')).Import }));
const READS: CmdletName[] = ['Get-TraceSource'];
const REFRESH_SECONDS = 5;

function useColumns(): Column<Source>[] {
  const zone = useZone();
  return useMemo(() => {
    const at = zoneName(zone);
    const text = (id: keyof Source, title: string, width: number, extra: Partial<Column<Source>> = {}): Column<Source> => ({ id, title, width, value: (s) => s[id] as string | null, render: (s) => <SafeText text={s[id] as string | null} />, ...extra });
    const time = (id: 'LastRecord' | 'LastRead', title: string, hidden = false): Column<Source> => ({ id, title, width: 176, value: (s) => s[id], render: (s) => showTime(s[id], zone), hidden });
    const number = (id: 'Records' | 'New' | 'Unknown', title: string, hidden = false): Column<Source> => ({ id, title, width: 124, end: true, value: (s) => s[id], hidden });
    return [
      text('Name', t('name'), 150, { grow: 2 }),
      { id: 'Type', title: t('type'), width: 156, value: (s) => t(s.Type) },
      { id: 'State', title: t('state'), width: 118, value: (s) => statusWord(s.State), render: (s) => <Status status={s.State} /> },
      time('LastRecord', t('lastRecord', { zone: at })),
      { id: 'Lag', title: t('lag'), width: 110, end: true, value: (s) => lagSeconds(s.Lag), render: (s) => lagText(s) },
      number('Records', t('records')), number('New', t('new'), true), number('Unknown', t('unknown')),
      text('Error', t('error'), 180, { grow: 3 }),
      text('Place', t('place'), 130, { hidden: true }), time('LastRead', t('lastRead', { zone: at }), true), text('Path', t('path'), 200, { hidden: true }), text('Bind', t('bind'), 150, { hidden: true }), text('Url', t('url'), 220, { hidden: true }), text('LogFormat', t('format'), 120, { hidden: true }), text('LogTimeZone', t('logZone'), 140, { hidden: true }),
    ];
  }, [zone]);
}

export function Followed({ tabs }: { tabs: ReactNode }) {
  useSoon(AddSource, Import);
  const columns = useColumns();
  const [open, setOpen] = useUrl('open');
  const [making, setMaking] = useUrl('new');
  const setUrl = useSetUrl();
  const [sort, setSort] = useUrlSort();
  const [selected, setSelected] = useState<Set<string>>(new Set());
  const [removing, setRemoving] = useState(false);
  const answer = useCmdlet<'Get-TraceSource', Source>('Get-TraceSource', {}, { refreshSeconds: REFRESH_SECONDS });
  const { act, say, outcome } = useAct(READS, t('changeFailed'));
  const rows = answer.data?.rows ?? [];
  const chosen = rows.filter((source) => selected.has(source.Identity));
  const enable = (Enabled: boolean) => act(t(Enabled ? 'nowEnabled' : 'nowDisabled', { n: chosen.length }), chosen.map((source) => ({ cmdlet: 'Set-TraceSource', parameters: { Identity: source.Identity, Enabled } })));
  const actions: Action[] = [
    { id: 'add', label: t('add'), icon: 'add', primary: true, needs: 'New-TraceSource', run: () => setMaking('source', true) },
    { id: 'import', label: t('importFile'), icon: 'log', needs: 'Import-MessageTrace', run: () => setMaking('import', true) },
    { id: 'refresh', label: t('refresh'), icon: 'refresh', run: () => void answer.refetch() },
    { id: 'enable', label: t('enable'), icon: 'play', needs: 'Set-TraceSource', disabled: !chosen.some((s) => !s.Enabled), run: () => enable(true) },
    { id: 'disable', label: t('disable'), icon: 'pause', needs: 'Set-TraceSource', disabled: !chosen.some((s) => s.Enabled), run: () => enable(false) },
    { id: 'remove', label: t('remove'), icon: 'remove', needs: 'Remove-TraceSource', disabled: chosen.length === 0, run: () => setRemoving(true) },
    { id: 'export', label: t('export'), icon: 'download', disabled: rows.length === 0, run: () => download('sources.csv', csv(columns.map((c) => c.title), rows.map((row) => columns.map((c) => c.value(row))))) },
  ];
  return (
    <Page title={t('title')} lead={t('lead')} actions={actions} command={{ cmdlet: 'Get-TraceSource' }} full>
      {tabs}
      <ErrorBar title={t('failed')} error={answer.error} onRetry={() => void answer.refetch()} />
      {outcome}
      <Grid
        label={t('title')} columns={columns} rows={rows} rowKey={(s) => s.Identity} rowName={(s) => s.Name} remember="sources" selected={selected} onSelect={setSelected} sort={sort} onSort={setSort} onOpen={(s) => setOpen(s.Identity, true)} openKey={open} loading={answer.isPending}
        empty={<><Text weight="semibold" block>{t('empty')}</Text><Text block>{t('emptyHint')}</Text></>} note={<RefreshNote n={answer.data ? rows.length : undefined} at={answer.dataUpdatedAt} />}
      />
      <SourceDetails source={rows.find((s) => s.Identity === open) ?? null} onClose={() => setUrl({ open: null, tab: null })} />
      <Suspense fallback={null}>
        {making === 'source' && <AddSource onClose={() => setMaking(null)} onDone={(said) => { setMaking(null); say(said); }} />}
        {making === 'import' && <Import open onClose={() => setMaking(null)} />}
      </Suspense>
      {removing && (
        <ConfirmDialog title={t('removeTitle', { n: chosen.length })} text={t('removeText')} confirm={t('remove')} refreshes={READS} onClose={() => setRemoving(false)} onDone={(changes) => { setRemoving(false); setSelected(new Set()); say(t('removed', { n: chosen.length }), changes); }}
          ways={[{ id: 'remove', label: t('remove'), changes: chosen.map((s) => ({ cmdlet: 'Remove-TraceSource' as const, parameters: { Identity: s.Identity } })) }]} />
      )}
    </Page>
  );
}
