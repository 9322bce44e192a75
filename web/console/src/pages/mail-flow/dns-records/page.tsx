// Mail flow › DNS records: what to publish for each accepted domain, and what is published now.
import { useMemo, useState } from 'react';
import { makeStyles, MessageBar, MessageBarBody, MessageBarTitle, Select, Field, Text, ToggleButton } from '@fluentui/react-components';
import { useCmdlet } from '@api/cmdlet';
import { Grid, type Column } from '@kit/grid/Grid';
import { useOrdered } from '@kit/grid/order';
import { useUrl, useUrlSort } from '@kit/grid/useUrl';
import type { Action } from '@kit/page/CommandBar';
import { csv, download } from '@kit/page/download';
import { ErrorBar } from '@kit/page/ErrorBar';
import { Page } from '@kit/page/Page';
import { RefreshNote } from '@kit/page/RefreshNote';
import { SafeText } from '@kit/safe/SafeText';
import { visible } from '@kit/safe/visible';
import { RecordDetails } from './RecordDetails';
import { RecordState, stateWord } from './RecordState';
import { count, recordKey, STATES, unchecked, zoneLine, type DnsRecord } from './shapes';
import { t } from './text';

const useStyles = makeStyles({
  tools: { display: 'flex', gap: '12px', alignItems: 'end', flexWrap: 'wrap', flexShrink: 0 },
  why: { flexShrink: 0 },
  states: { display: 'flex', gap: '6px', flexWrap: 'wrap' },
});

const makeColumns = (): Column<DnsRecord>[] => [
  { id: 'RecordType', title: t('type'), width: 84, value: (r) => r.RecordType },
  { id: 'Name', title: t('name'), width: 220, grow: 2, value: (r) => r.Name },
  { id: 'Purpose', title: t('purpose'), width: 200, grow: 1, value: (r) => t(r.Purpose as 'Mail') },
  { id: 'Value', title: t('value'), width: 220, grow: 3, value: (r) => r.Value, render: (r) => r.Value ?? <Text size={200}>{r.Note}</Text> },
  { id: 'State', title: t('state'), width: 190, value: stateWord, render: (r) => <RecordState record={r} /> },
  { id: 'Found', title: t('found'), width: 200, grow: 2, value: (r) => r.Found.join(' | '), render: (r) => <SafeText text={r.Found.join(' | ')} /> },
  { id: 'Reason', title: t('reason'), width: 260, value: (r) => r.Reason, render: (r) => <SafeText text={r.Reason} />, hidden: true },
  { id: 'Domain', title: t('domain'), width: 180, value: (r) => r.Domain, hidden: true },
];

export default function DnsRecords() {
  const styles = useStyles();
  const [columns] = useState(makeColumns);
  const [domain, setDomain] = useUrl('domain');
  const [state, setState] = useUrl('state');
  const [open, setOpen] = useUrl('open');
  const [sort, setSort] = useUrlSort();
  const [copied, setCopied] = useState(false);
  const answer = useCmdlet<'Get-DnsRecordToPublish', DnsRecord>('Get-DnsRecordToPublish');
  const all = useMemo(() => answer.data?.rows ?? [], [answer.data]);
  const domains = useMemo(() => [...new Set(all.map((r) => r.Domain))], [all]);
  const ofDomain = all.filter((r) => !domain || r.Domain === domain);
  const rows = ofDomain.filter((r) => !state || r.State === state);
  const ordered = useOrdered(rows, columns, sort);
  const at = ordered.findIndex((r) => recordKey(r) === open);
  const step = (by: number) => {
    const next = at < 0 ? undefined : ordered[at + by];
    return next && (() => setOpen(recordKey(next)));
  };
  const copyAll = () => void navigator.clipboard?.writeText(`${rows.map(zoneLine).filter(Boolean).join('\n')}\n`).then(() => setCopied(true));
  const actions: Action[] = [
    { id: 'check', label: answer.isFetching ? t('checking') : t('check'), icon: 'refresh', primary: true, disabled: answer.isFetching, run: () => void answer.refetch() },
    { id: 'copy', label: copied ? t('copied') : t('copyAll'), icon: copied ? 'check' : 'copy', disabled: rows.length === 0, run: copyAll },
    { id: 'export', label: t('export'), icon: 'download', disabled: rows.length === 0, run: () => download('dns-records.csv', csv(columns.map((c) => c.title), rows.map((r) => columns.map((c) => c.value(r))))) },
  ];
  return (
    <Page title={t('title')} lead={t('lead')} actions={actions} command={{ cmdlet: 'Get-DnsRecordToPublish', parameters: {} }} full>
      <ErrorBar title={t('failed')} error={answer.error} onRetry={() => void answer.refetch()} />
      {unchecked(ofDomain).map(({ reason, fix, n }) => (
        <MessageBar key={reason} intent="warning" layout="multiline" className={styles.why}><MessageBarBody><MessageBarTitle>{t('unchecked', { n })}</MessageBarTitle> <SafeText text={reason} />{fix && <>. <SafeText text={fix} /></>}</MessageBarBody></MessageBar>
      ))}
      <div className={styles.tools}>
        <Field label={t('domain')} size="small">
          <Select size="small" value={domain ?? ''} onChange={(_, data) => setDomain(data.value)}>
            <option value="">{t('allDomains')}</option>
            {domains.map((one) => <option key={one} value={one}>{visible(one)}</option>)}
          </Select>
        </Field>
        <div className={styles.states} role="group" aria-label={t('summary')}>
          {STATES.filter((one) => count(ofDomain, one) > 0 || one === state).map((one) => <ToggleButton key={one} size="small" checked={state === one} onClick={() => setState(state === one ? null : one)}>{`${t(one)} (${count(ofDomain, one)})`}</ToggleButton>)}
        </div>
      </div>
      <Grid
        label={t('title')} columns={columns} rows={ordered} inOrder rowKey={recordKey} rowName={(r) => `${r.RecordType} ${r.Name}`} remember="dns-records" sort={sort} onSort={setSort} onOpen={(r) => setOpen(recordKey(r), true)} openKey={open} loading={answer.isFetching} empty={t('empty')}
        note={<RefreshNote n={answer.data ? rows.length : undefined} at={answer.dataUpdatedAt} />}
      />
      <RecordDetails record={ordered[at] ?? null} onClose={() => setOpen(null)} onPrevious={step(-1)} onNext={step(1)} />
    </Page>
  );
}
