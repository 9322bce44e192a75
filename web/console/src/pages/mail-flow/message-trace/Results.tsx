// What a search found: any number of rows, live, with the details of one beside them.
import { Suspense, useEffect, useMemo, useRef, useState } from 'react';
import { Button, makeStyles, SearchBox, Tab, TabList, Text, tokens } from '@fluentui/react-components';
import { useNavigate, useSearchParams } from 'react-router';
import { useCmdlet } from '@api/cmdlet';
import { useCan } from '@api/session';
import { Grid, type Column } from '@kit/grid/Grid';
import { useOrdered } from '@kit/grid/order';
import { useUrl, useUrlSort } from '@kit/grid/useUrl';
import { Icon } from '@kit/icons';
import type { Action } from '@kit/page/CommandBar';
import { csv, download } from '@kit/page/download';
import { ErrorBar } from '@kit/page/ErrorBar';
import { late, useSoon } from '@kit/page/late';
import { Page } from '@kit/page/Page';
import { Status, statusWord } from '@kit/page/Status';
import { SafeText } from '@kit/safe/SafeText';
import { useMedia, useZone } from '@kit/shell/settings';
import { localTimes, showTime, zoneName } from '@kit/time/zone';
import { Asked } from '../../tracking/Asked';
import { Gaps } from '../../tracking/Gaps';
import { splitNotes } from './answer';
import { Conditions } from './Conditions';
import { directionWord, spanWords } from './conditions';
import { Nothing } from './Nothing';
import { useOwnOnly } from './own';
import { Pasted } from './Pasted';
import { pastedSearch, pastedText, withPasted } from './pasted';
import { fromSearch, questions, resultsPath, toSearch, type TraceSearch } from './query';
import { relatedIds } from './related';
import { rowKey, shownStatus, type TraceRow } from './shapes';
import { t } from './text';
import { useAhead, useResults } from './useResults';
import { useTyped } from './useTyped';

const TraceDrawer = late(() => import('./TraceDrawer'));
const TraceDetail = late(() => import('./TraceDetail'));
const QUICK = ['Delivered', 'Failed', 'Pending', 'Quarantined'] as const;

const useStyles = makeStyles({
  filters: { display: 'flex', gap: '8px 16px', alignItems: 'center', flexWrap: 'wrap' },
  // Where there is less room than for all of them, they scroll by themselves.
  tabs: { minWidth: 0, maxWidth: '100%', overflowX: 'auto', scrollbarWidth: 'thin' },
  box: { minWidth: '180px', maxWidth: '300px', flexGrow: 1, marginInlineStart: 'auto' },
  note: { color: tokens.colorNeutralForeground3, display: 'flex', gap: '4px 12px', alignItems: 'center', flexWrap: 'wrap' },
  live: { display: 'inline-flex', alignItems: 'center', gap: '4px', color: tokens.colorStatusSuccessForeground1 },
});

// What a narrow window shows without being moved: who should have got it, and what became of it.
const NARROW = '(max-width: 640px)';
const FIRST: Record<string, number> = { RecipientAddress: 150, Status: 124 };
const narrowed = (columns: Column<TraceRow>[]): Column<TraceRow>[] => {
  const first = columns.filter((column) => FIRST[column.id]);
  return [...first.map((column) => ({ ...column, width: FIRST[column.id] ?? column.width })), ...columns.filter((column) => !first.includes(column))];
};

const rowName = (row: TraceRow) => `${row.Subject ?? ''}, ${row.RecipientAddress}`;

function useColumns(): Column<TraceRow>[] {
  const zone = useZone();
  const narrow = useMedia(NARROW);
  return useMemo(() => {
    const text = (id: keyof TraceRow & string, title: string, width: number, extra: Partial<Column<TraceRow>> = {}): Column<TraceRow> => ({ id, title, width, value: (r) => r[id] as string | null, render: (r) => <SafeText text={r[id] as string | null} />, ...extra });
    const columns: Column<TraceRow>[] = [
      { id: 'Received', title: t('received', { zone: zoneName(zone) }), width: 186, value: (r) => r.Received, render: (r) => <span title={showTime(r.Received, 'Etc/UTC', true) + ' UTC'}>{showTime(r.Received, zone)}</span> },
      text('SenderAddress', t('sender'), 190, { grow: 2 }),
      text('RecipientAddress', t('recipient'), 190, { grow: 2 }),
      text('Subject', t('subject'), 200, { grow: 3 }),
      { id: 'Status', title: t('statusColumn'), width: 136, value: (r) => statusWord(shownStatus(r)), render: (r) => <Status status={shownStatus(r)} /> },
      text('Detail', t('detail'), 200, { grow: 3, render: (r) => <SafeText text={localTimes(r.Detail, zone)} /> }),
      { id: 'Size', title: t('size'), width: 90, end: true, value: (r) => r.Size, hidden: true },
      text('FromIP', t('fromIp'), 130, { hidden: true }), text('ToIP', t('toIp'), 130, { hidden: true }), { id: 'Direction', title: t('direction'), width: 160, value: (r) => directionWord(r.Direction), hidden: true }, text('Folder', t('folder'), 120, { hidden: true }), text('FromAddress', t('fromHeader'), 190, { hidden: true }),
      text('Server', t('server'), 100, { hidden: true }), text('Place', t('place'), 100, { hidden: true }), text('MessageId', t('messageId'), 260, { hidden: true }), text('MessageTraceId', t('traceId'), 290, { hidden: true }),
    ];
    return narrow ? narrowed(columns) : columns;
  }, [zone, narrow]);
}

export default function Results() {
  const styles = useStyles();
  const navigate = useNavigate();
  const can = useCan();
  const zone = useZone();
  const [search] = useSearchParams();
  const searched = toSearch(fromSearch(search)).toString();
  const pasted = search.get('pasted');
  const parameters = useMemo(() => ({ ...fromSearch(new URLSearchParams(searched)), ...(pasted ? { Paste: pastedText(pasted) ?? '' } : {}) }), [searched, pasted]);
  const [open, setOpen] = useUrl('open');
  const [trace, setTrace] = useUrl('trace');
  const [sort, setSort] = useUrlSort();
  const [live, setLive] = useState(true);
  const [selected, setSelected] = useState<Set<string>>(new Set());
  const [reading, setReading] = useState<'export' | 'sort' | null>(null);
  const [relating, setRelating] = useState(false);
  const columns = useColumns();
  useSoon(TraceDetail, TraceDrawer);
  const results = useResults(parameters, live);
  const { rows, total, first, complete, more } = results;
  const ordered = useOrdered(rows, columns, sort);
  const go = (next: object, replace = false) => void navigate(resultsPath({ ...withPasted(next, pasted), sort: search.get('sort') ?? undefined }), { replace });
  const asked = questions(parameters);
  // A pasted text has no conditions to edit.
  const editing = t(parameters.Paste === undefined ? 'editTrace' : 'newTrace');

  // A file, and any order but the server's, are of all rows: the rest is read first.
  const wanted = reading ?? (sort && !complete ? 'sort' : null);
  useEffect(() => {
    if (!wanted) return;
    if (!complete) more();
    else if (reading === 'export') {
      // In the order on the screen.
      download('message-trace.csv', csv(columns.map((c) => c.title), ordered.map((row) => columns.map((c) => c.value(row)))));
      setReading(null);
    }
  }, [wanted, reading, complete, more, ordered, columns]);

  const chosen = useMemo(() => (selected.size === 0 ? [] : rows.filter((row) => selected.has(rowKey(row)))), [rows, selected]);
  const relate = async () => {
    setRelating(true);
    // Where what is linked cannot be read, the same Message-ID is found all the same.
    const MessageId = await relatedIds(chosen, can('Get-MessageTraceTree')).catch(() => relatedIds(chosen, false));
    setRelating(false);
    go({ MessageId });
  };
  const actions: Action[] = [
    { id: 'edit', label: editing, icon: 'edit', primary: true, run: () => setTrace('edit', true) },
    { id: 'refresh', label: t('refresh'), icon: 'refresh', run: results.refresh },
    { id: 'export', label: reading === 'export' ? t('exporting', { n: rows.length, total }) : t('export'), icon: 'download', disabled: rows.length === 0, run: () => setReading(reading === 'export' ? null : 'export') },
    { id: 'related', label: t('related'), icon: 'link', disabled: relating || !chosen.some((r) => r.MessageId), run: () => void relate() },
    { id: 'details', label: t('details'), icon: 'info', disabled: chosen.length !== 1, run: () => chosen[0] && setOpen(rowKey(chosen[0]), true) },
    { id: 'live', label: t('live'), icon: 'live', pressed: live, run: () => setLive(!live) },
  ];
  const canIncludeRefused = Boolean(first?.notes.some((note) => note.includes('-IncludeRefused')));
  const openRow = (key: string | null) => setOpen(key, true);
  const isNothing = results.query.isSuccess && !results.loading && rows.length === 0;
  useAsMessageId(parameters, isNothing);
  const note = (
    <Text size={200} className={styles.note} role="status">
      <strong data-total={total}>{t('rows', { n: total })}</strong>
      {rows.length < total && <span>{t('loaded', { n: rows.length })}</span>}
      {results.state === 'on' && <span className={styles.live}><Icon name="live" size={14} />{t('live')}</span>}
      {results.state === 'lost' && <span>{t('liveLost')}</span>}
      {first && <Asked sources={first.sources} gaps={first.gaps} />}
      {parameters.Paste === undefined && splitNotes(first?.notes ?? []).said.filter((note) => note.includes('refused')).map((note) => <span key={note}>{note.replace(/;? -IncludeRefused.*$/, '')}</span>)}
      {canIncludeRefused && <Button size="small" appearance="transparent" onClick={() => go({ ...parameters, IncludeRefused: true })}>{t('includeRefused')}</Button>}
    </Text>
  );
  return (
    <Page title={t('results')} trail={[{ title: t('trail'), to: '/mail-flow/message-trace' }]} actions={actions} command={{ cmdlet: 'Get-MessageTrace', parameters: asked[0], also: asked.slice(1) }} full>
      <ErrorBar title={t('resultsFailed')} error={results.error} onRetry={results.refresh} />
      {first && <Gaps gaps={first.gaps} />}
      {typeof parameters.Paste === 'string' ? <Pasted text={parameters.Paste} notes={first?.notes ?? []} rows={rows} onGo={go} /> : <Filters parameters={parameters} onGo={go} />}
      {isNothing ? <>{note}<Nothing texts={parameters.Paste === undefined ? results.texts : [first?.notes ?? []]} span={spanWords(parameters, zone)} hint={canIncludeRefused ? t('noneHint') : null} /></> : (
        <Grid
          label={t('results')} columns={columns} rows={ordered} inOrder rowKey={rowKey} rowName={rowName} remember="message-trace" selected={selected} onSelect={setSelected} sort={sort} onSort={setSort} total={total} onNearEnd={more}
          onOpen={can('Get-MessageTraceDetail') ? (row) => openRow(rowKey(row)) : undefined} openKey={open} loading={results.loading} stale={results.stale}
          note={note}
        />
      )}
      <Suspense fallback={null}>{trace && <TraceDrawer open title={editing} parameters={parameters} onClose={() => setTrace(null)} />}</Suspense>
      <Suspense fallback={null}><OpenDetail rows={ordered} open={open} onOpen={openRow} /></Suspense>
    </Page>
  );
}

/** Where no mail has the address that was searched for, it may be a Message-ID without its brackets. */
function useAsMessageId(search: TraceSearch, nothing: boolean) {
  const own = useOwnOnly();
  const navigate = useNavigate();
  const { Address, Last: _last, ...rest } = search;
  const [address] = Address ?? [];
  const meant = nothing && Address?.length === 1 && address !== undefined && /^[^@*]+@[^@*]+$/.test(address) && Object.keys(rest).length === 0;
  const id = `<${address}>`;
  const found = useCmdlet<'Get-MessageTrace', TraceRow>('Get-MessageTrace', { ...(own ? { MessageId: [id] } : { Paste: id }), ResultSize: 1 }, { enabled: meant, lookUp: true }).data;
  useEffect(() => {
    if (meant && found?.rows.length) void navigate(resultsPath(own ? { MessageId: [id] } : pastedSearch(id)), { replace: true });
  }, [meant, found, own, id, navigate]);
}

function OpenDetail({ rows, open, onOpen }: { rows: readonly TraceRow[]; open: string | null; onOpen: (key: string | null) => void }) {
  const everOpened = useRef(false);
  if (open) everOpened.current = true;
  if (!everOpened.current) return null;
  const at = open ? rows.findIndex((row) => rowKey(row) === open) : -1;
  const step = (by: number) => {
    const to = at < 0 ? undefined : rows[at + by];
    return to ? () => onOpen(rowKey(to)) : undefined;
  };
  return <TraceDetail open={open} row={rows[at] ?? null} onClose={() => onOpen(null)} onPrevious={step(-1)} onNext={step(1)} />;
}

function Filters({ parameters, onGo }: { parameters: TraceSearch; onGo: (next: object, replace?: boolean) => void }) {
  const styles = useStyles();
  const status = (parameters.Status ?? []) as string[];
  // The box searches the store, not what happens to be loaded. Back leads to before the first letter, not over each of them.
  const ahead = useAhead();
  const go = (next: object, replace?: boolean) => {
    ahead(fromSearch(toSearch(next)));
    onGo(next, replace);
  };
  const [subject, setSubject] = useTyped(parameters.Subject ?? '', (text) => go({ ...parameters, Words: undefined, Subject: text || undefined }, Boolean(parameters.Subject)));
  const drop = (name: string) => go(Object.fromEntries(Object.entries(parameters).filter(([n]) => n !== name)));
  return (
    <>
      <div className={styles.filters}>
        <TabList className={styles.tabs} size="small" selectedValue={status.length === 0 ? '' : status.length === 1 ? status[0] : null} onTabSelect={(_, data) => go({ ...parameters, Status: data.value ? [data.value] : undefined })} aria-label={t('statusColumn')}>
          <Tab value="">{t('allStatuses')}</Tab>
          {QUICK.map((s) => <Tab key={s} value={s}>{statusWord(s)}</Tab>)}
        </TabList>
        <SearchBox className={styles.box} size="small" aria-label={t('filterSubject')} placeholder={t('filterSubject')} value={subject} onChange={(_, data) => setSubject(data.value)} />
      </div>
      <Conditions search={parameters} onDrop={drop} />
    </>
  );
}
