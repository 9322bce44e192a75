// Mail flow › Protocol logs: the lines of all conversations, the newest first; a line leads to its whole session.
import { useMemo } from 'react';
import { MessageBar, MessageBarBody, MessageBarTitle, Text } from '@fluentui/react-components';
import { useCmdlet } from '@api/cmdlet';
import { Grid, type Column } from '@kit/grid/Grid';
import type { Sort } from '@kit/grid/model';
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
import { fields } from './conditions';
import { Conversation } from './Conversation';
import { lineKey, said, type LogLine } from './shapes';
import { t } from './text';

const NEWEST: Sort = { column: 'Timestamp', descending: true };
const EVENTS: Record<LogLine['Event'], () => string> = { Connect: () => t('Connect'), Disconnect: () => t('Disconnect'), Send: () => t('sentHere'), Receive: () => t('saidThere'), Information: () => t('Information') };

function useColumns(zone: string): Column<LogLine>[] {
  return useMemo(() => [
    { id: 'Timestamp', title: t('time', { zone: zoneName(zone) }), width: 204, value: (l) => `${l.Timestamp} ${String(l.SequenceNumber).padStart(8, '0')}`, render: (l) => showTime(l.Timestamp, zone, true) },
    { id: 'ConnectorId', title: t('connector'), width: 150, grow: 1, value: (l) => l.ConnectorId, render: (l) => <SafeText text={l.ConnectorId} /> },
    { id: 'RemoteEndpoint', title: t('remote'), width: 160, value: (l) => l.RemoteEndpoint },
    { id: 'Event', title: t('event'), width: 140, value: (l) => EVENTS[l.Event]() },
    { id: 'Data', title: t('data'), width: 240, grow: 4, value: said, render: (l) => <SafeText text={said(l)} /> },
    { id: 'Direction', title: t('direction'), width: 140, value: (l) => t(l.Direction), hidden: true },
    { id: 'LocalEndpoint', title: t('local'), width: 160, value: (l) => l.LocalEndpoint, hidden: true },
    { id: 'SequenceNumber', title: t('number'), width: 80, end: true, value: (l) => l.SequenceNumber, hidden: true },
    { id: 'SessionId', title: t('session'), width: 300, value: (l) => l.SessionId, hidden: true },
  ], [zone]);
}

export default function ProtocolLogs() {
  const columns = useColumns(useZone());
  const [conditions, setConditions] = useConditions(fields);
  const [open, setOpen] = useUrl('open');
  const [sort, setSort] = useUrlSort();
  const answer = useCmdlet<'Get-ProtocolLog', LogLine>('Get-ProtocolLog', conditions as never);
  const rows = answer.data?.rows ?? [];
  const warnings = answer.data?.warnings ?? [];
  const actions: Action[] = [
    { id: 'refresh', label: t('refresh'), icon: 'refresh', run: () => void answer.refetch() },
    { id: 'export', label: t('export'), icon: 'download', disabled: rows.length === 0, run: () => download('protocol-log.csv', csv(columns.map((c) => c.id), rows.map((l) => columns.map((c) => c.value(l))))) },
  ];
  return (
    <Page title={t('title')} lead={t('lead')} actions={actions} command={{ cmdlet: 'Get-ProtocolLog', parameters: conditions }} full>
      <SearchPanel label={t('search')} fields={fields} conditions={conditions} busy={answer.isFetching} onSearch={setConditions} />
      <ErrorBar title={t('failed')} error={answer.error} onRetry={() => void answer.refetch()} />
      {warnings.length > 0 && <MessageBar intent="warning"><MessageBarBody><MessageBarTitle>{t('more')}</MessageBarTitle>{warnings.join('; ')}</MessageBarBody></MessageBar>}
      <Grid
        label={t('title')} columns={columns} rows={rows} rowKey={lineKey} rowName={(l) => `${l.ConnectorId} ${said(l)}`} remember="protocol-log" sort={sort ?? NEWEST} onSort={setSort} onOpen={(l) => setOpen(l.SessionId, true)} loading={answer.isFetching}
        empty={<><Text weight="semibold" block>{t('empty')}</Text>{answer.data?.notes.map((note) => <Text key={note} block><SafeText text={note} /></Text>)}</>} note={<RefreshNote n={answer.data ? rows.length : undefined} at={answer.dataUpdatedAt} />}
      />
      <Conversation session={open} onClose={() => setOpen(null)} onOnly={(SessionId) => setConditions({ SessionId })} />
    </Page>
  );
}
