// Tracking › Tracking log: the events of all servers, as an administrator of Exchange searches them.
import { useMemo } from 'react';
import { Button, MessageBar, MessageBarActions, MessageBarBody, MessageBarTitle, Text } from '@fluentui/react-components';
import { useCmdlet } from '@api/cmdlet';
import { Grid, type Column } from '@kit/grid/Grid';
import { type Sort } from '@kit/grid/model';
import { useOrdered } from '@kit/grid/order';
import { useUrl, useUrlSort } from '@kit/grid/useUrl';
import type { Action } from '@kit/page/CommandBar';
import { csv, download } from '@kit/page/download';
import { ErrorBar } from '@kit/page/ErrorBar';
import { Page } from '@kit/page/Page';
import { RefreshNote } from '@kit/page/RefreshNote';
import { SafeText } from '@kit/safe/SafeText';
import { SearchPanel } from '@kit/search/SearchPanel';
import { useConditions } from '@kit/search/useConditions';
import { useZone } from '@kit/shell/settings';
import { showTime, zoneName } from '@kit/time/zone';
import { Asked } from '../Asked';
import { Gaps, otherWarnings } from '../Gaps';
import { SearchedSpan } from '../SearchedSpan';
import { fields } from './conditions';
import { EventDetails } from './EventDetails';
import { fieldText, keyed, type FieldName, type TrackingEvent } from './shapes';
import { t } from './text';

/** Rows asked for at first, and when more are wanted. */
const SIZES = [1000, 10_000, 100_000] as const;
const NEWEST: Sort = { column: 'Timestamp', descending: true };

interface Row { key: string; event: TrackingEvent }

const SHOWN: [FieldName, number, number?][] = [['EventId', 120], ['Source', 124], ['Sender', 170, 2], ['Recipients', 170, 2], ['MessageSubject', 170, 3], ['ServerHostname', 120]];
const HIDDEN: [FieldName, number][] = [
  ['ConnectorId', 170], ['SourceContext', 220], ['RecipientStatus', 240], ['ClientIp', 130], ['ClientHostname', 150], ['ServerIp', 130], ['InternalMessageId', 150], ['MessageId', 260], ['NetworkMessageId', 290], ['TotalBytes', 100], ['RecipientCount', 120], ['RelatedRecipientAddress', 200], ['Reference', 240],
  ['ReturnPath', 200], ['Directionality', 120], ['TenantId', 120], ['OriginalClientIp', 140], ['OriginalServerIp', 140], ['MessageInfo', 200], ['EventData', 300], ['TransportTrafficType', 160],
];

function useColumns(): Column<Row>[] {
  const zone = useZone();
  return useMemo(() => {
    const field = (id: FieldName, width: number, grow?: number, hidden = false): Column<Row> => ({
      id, title: id, width, grow, hidden, end: id === 'TotalBytes' || id === 'RecipientCount', value: ({ event }) => (typeof event[id] === 'number' ? (event[id] as number) : fieldText(event[id])), render: ({ event }) => <SafeText text={fieldText(event[id])} />,
    });
    return [
      { id: 'Timestamp', title: t('time', { field: 'Timestamp', zone: zoneName(zone) }), width: 204, value: ({ event }) => event.Timestamp, render: ({ event }) => showTime(event.Timestamp, zone, true) },
      ...SHOWN.map(([id, width, grow]) => field(id, width, grow)),
      ...HIDDEN.map(([id, width]) => field(id, width, undefined, true)),
    ];
  }, [zone]);
}

export default function TrackingLog() {
  const columns = useColumns();
  const [conditions, setConditions] = useConditions(fields);
  const [open, setOpen] = useUrl('open');
  const [size, setSize] = useUrl('size');
  const [sort, setSort] = useUrlSort();
  const order = sort ?? NEWEST;
  const asked = SIZES.find((n) => String(n) === size) ?? SIZES[0];
  const parameters = { ...conditions, ...(asked === SIZES[0] ? {} : { ResultSize: String(asked) }) };
  const answer = useCmdlet<'Get-MessageTrackingLog', TrackingEvent>('Get-MessageTrackingLog', parameters);
  const rows = useMemo(() => keyed(answer.data?.rows ?? []), [answer.data]);
  const ordered = useOrdered(rows, columns, order);
  const at = open ? ordered.findIndex((row) => row.key === open) : -1;
  const step = (by: number) => {
    const to = at < 0 ? undefined : ordered[at + by];
    return to ? () => setOpen(to.key) : undefined;
  };
  const more = SIZES.find((n) => n > asked);
  const warnings = otherWarnings(answer.data?.warnings ?? []);
  const actions: Action[] = [
    { id: 'refresh', label: t('refresh'), icon: 'refresh', run: () => void answer.refetch() },
    { id: 'export', label: t('export'), icon: 'download', disabled: rows.length === 0, run: () => download('tracking-log.csv', csv(columns.map((c) => c.id), rows.map((row) => columns.map((c) => c.value(row))))) },
  ];
  return (
    <Page title={t('title')} lead={t('lead')} actions={actions} command={{ cmdlet: 'Get-MessageTrackingLog', parameters }} full>
      <SearchPanel label={t('search')} fields={fields} conditions={conditions} busy={answer.isFetching} onSearch={setConditions} />
      <ErrorBar title={t('failed')} error={answer.error} onRetry={() => void answer.refetch()} />
      <Gaps gaps={answer.data?.gaps ?? []} />
      {warnings.length > 0 && (
        <MessageBar intent="warning">
          <MessageBarBody><MessageBarTitle>{t('cut')}</MessageBarTitle>{t('cutText', { said: warnings.join('; ') })}</MessageBarBody>
          {more && <MessageBarActions><Button onClick={() => setSize(String(more))}>{t('showMore', { n: more })}</Button></MessageBarActions>}
        </MessageBar>
      )}
      <Grid
        label={t('title')} columns={columns} rows={ordered} inOrder rowKey={(row) => row.key} rowName={({ event }) => `${event.EventId} ${event.MessageSubject ?? ''}`} remember="tracking-log" sort={order} onSort={setSort} onOpen={(row) => setOpen(row.key, true)} openKey={open} loading={answer.isFetching}
        empty={<><Text weight="semibold" block>{t('empty')}</Text><Text block>{t('emptyHint')}</Text></>}
        note={<RefreshNote n={answer.data ? rows.length : undefined} at={answer.dataUpdatedAt}>{answer.data && <><SearchedSpan notes={answer.data.notes} start={conditions.Start} end={conditions.End} further={t('further')} /> <Asked sources={answer.data.sources} gaps={answer.data.gaps} /></>}</RefreshNote>}
      />
      <EventDetails event={ordered[at]?.event ?? null} onClose={() => setOpen(null)} onPrevious={step(-1)} onNext={step(1)} onOnlyThis={(event) => setConditions({ NetworkMessageId: event.NetworkMessageId ?? '' })} />
    </Page>
  );
}
