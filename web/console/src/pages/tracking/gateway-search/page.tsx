// Tracking › Gateway search: one flat form, one row a message, everything about it unfolded in place.
import { useMemo } from 'react';
import { makeStyles, MessageBar, MessageBarBody, MessageBarTitle, Text, tokens } from '@fluentui/react-components';
import { useCmdlet } from '@api/cmdlet';
import { Grid, type Column } from '@kit/grid/Grid';
import { useUrl, useUrlSort } from '@kit/grid/useUrl';
import { Icon } from '@kit/icons';
import type { Action } from '@kit/page/CommandBar';
import { csv, download } from '@kit/page/download';
import { ErrorBar } from '@kit/page/ErrorBar';
import { Page } from '@kit/page/Page';
import { RefreshNote } from '@kit/page/RefreshNote';
import { Status, statusWord } from '@kit/page/Status';
import { SafeText } from '@kit/safe/SafeText';
import { visible } from '@kit/safe/visible';
import { SearchPanel } from '@kit/search/SearchPanel';
import { useConditions } from '@kit/search/useConditions';
import { useZone } from '@kit/shell/settings';
import { showTime, zoneName } from '@kit/time/zone';
import { Asked } from '../Asked';
import { Gaps, otherWarnings } from '../Gaps';
import { SearchedSpan } from '../SearchedSpan';
import { fields } from './conditions';
import { rowKey, text, type GatewayField, type GatewayRow } from './shapes';
import { t } from './text';
import { Unfold } from './Unfold';

const useStyles = makeStyles({
  date: { display: 'inline-flex', alignItems: 'center', gap: '6px', minWidth: 0 },
  mark: { display: 'inline-flex', border: 'none', padding: '2px', background: 'none', color: tokens.colorNeutralForeground2, cursor: 'pointer', borderRadius: tokens.borderRadiusSmall },
});

const HIDDEN: [GatewayField, number][] = [['Sender_IP_Address', 140], ['Sender_Host', 170], ['Disposition_Action', 150], ['Quarantine_Rule', 140], ['Rule_ID', 130], ['QID', 150], ['SID', 130], ['GUID', 200], ['Message_ID', 240], ['Policy_Routes', 160], ['Spam_Score', 100], ['Virus_Names', 130], ['TLS', 130], ['Duration', 90], ['Sendmail_To_Stat', 260], ['Place', 110], ['MessageTraceId', 290]];

function useColumns(open: string | null, onFold: (row: GatewayRow) => void): Column<GatewayRow>[] {
  const zone = useZone();
  const styles = useStyles();
  return useMemo(() => {
    const field = (id: GatewayField, width: number, extra: Partial<Column<GatewayRow>> = {}): Column<GatewayRow> => ({ id, title: id, width, value: (row) => text(row[id]), render: (row) => <SafeText text={text(row[id])} />, ...extra });
    const fold = (row: GatewayRow) => {
      const isOpen = rowKey(row) === open;
      return (
        <span className={styles.date}>
          {/* The keyboard unfolds the row with Enter. */}
          <button type="button" tabIndex={-1} className={styles.mark} aria-expanded={isOpen} aria-label={t('unfold', { subject: visible(row.Subject || t('none')) })} onClick={(event) => { event.stopPropagation(); onFold(row); }}><Icon name={isOpen ? 'up' : 'add'} size={14} /></button>
          {showTime(row.Date, zone)}
        </span>
      );
    };
    return [
      { id: 'Date', title: t('time', { field: 'Date', zone: zoneName(zone) }), width: 206, value: (row) => row.Date, render: fold },
      field('Sender', 170, { grow: 2 }), field('Recipients', 170, { grow: 2 }), field('Subject', 180, { grow: 3 }),
      field('Final_Action', 190, { grow: 1 }), field('Module_ID', 100), field('Final_Rule', 160), field('Quarantine_Folder', 150),
      { id: 'Status', title: 'Status', width: 130, value: (row) => statusWord(row.Status), render: (row) => <Status status={row.Status} />, hidden: true },
      { id: 'Message_Size', title: 'Message_Size', width: 120, end: true, value: (row) => row.Message_Size, hidden: true },
      ...HIDDEN.map(([id, width]) => field(id, width, { hidden: true })),
    ];
  }, [zone, styles, open, onFold]);
}

const unfold = (row: GatewayRow) => <Unfold row={row} />;

export default function GatewaySearch() {
  const [conditions, setConditions] = useConditions(fields);
  const [open, setOpen] = useUrl('open');
  const [sort, setSort] = useUrlSort();
  const fold = useMemo(() => (row: GatewayRow) => setOpen(rowKey(row) === open ? null : rowKey(row)), [open, setOpen]);
  const columns = useColumns(open, fold);
  const answer = useCmdlet<'Get-GatewayTrace', GatewayRow>('Get-GatewayTrace', conditions);
  const rows = answer.data?.rows ?? [];
  const warnings = otherWarnings(answer.data?.warnings ?? []);
  const actions: Action[] = [
    { id: 'refresh', label: t('refresh'), icon: 'refresh', run: () => void answer.refetch() },
    { id: 'export', label: t('export'), icon: 'download', disabled: rows.length === 0, run: () => download('gateway-search.csv', csv(columns.map((c) => c.id), rows.map((row) => columns.map((c) => c.value(row))))) },
  ];
  return (
    <Page title={t('title')} lead={t('lead')} actions={actions} command={{ cmdlet: 'Get-GatewayTrace', parameters: conditions }} full>
      <SearchPanel label={t('search')} fields={fields} conditions={conditions} busy={answer.isFetching} onSearch={setConditions} />
      <ErrorBar title={t('failed')} error={answer.error} onRetry={() => void answer.refetch()} />
      <Gaps gaps={answer.data?.gaps ?? []} />
      {warnings.length > 0 && <MessageBar intent="warning"><MessageBarBody><MessageBarTitle>{t('cut')}</MessageBarTitle>{warnings.join('; ')}</MessageBarBody></MessageBar>}
      <Grid
        label={t('title')} columns={columns} rows={rows} rowKey={rowKey} rowName={(row) => row.Subject || t('none')} remember="gateway-search" sort={sort} onSort={setSort} onOpen={fold} openKey={open} detail={unfold} loading={answer.isFetching}
        empty={<><Text weight="semibold" block>{t('empty')}</Text><Text block>{t('emptyHint')}</Text></>}
        note={<RefreshNote n={answer.data ? rows.length : undefined} at={answer.dataUpdatedAt}>{answer.data && <><SearchedSpan notes={answer.data.notes} start={conditions.StartDate} end={conditions.EndDate} further={t('further')} /> <Asked sources={answer.data.sources} gaps={answer.data.gaps} /></>}</RefreshNote>}
      />
    </Page>
  );
}
