// The messages inside a queue: any number, sorted, filtered, and several at once suspended, resumed or removed.
import { useMemo, useState } from 'react';
import { Button, makeStyles, SearchBox, tokens } from '@fluentui/react-components';
import { Link } from 'react-router';
import type { CmdletName } from '@api/client';
import { useCmdlet } from '@api/cmdlet';
import { useCan } from '@api/session';
import { CommandPreview } from '@kit/command/CommandPreview';
import { useAct } from '@kit/command/useAct';
import { ConfirmDialog } from '@kit/confirm/ConfirmDialog';
import { Facts } from '@kit/drawer/Facts';
import { Grid, type Column } from '@kit/grid/Grid';
import type { Sort } from '@kit/grid/model';
import { Icon } from '@kit/icons';
import { ErrorBar } from '@kit/page/ErrorBar';
import { RefreshNote } from '@kit/page/RefreshNote';
import { Status, statusWord } from '@kit/page/Status';
import { SafeText } from '@kit/safe/SafeText';
import { useZone } from '@kit/shell/settings';
import { showTime, zoneName } from '@kit/time/zone';
import { bulk, matching, recipientsOf } from './messages';
import type { Queue, QueuedMessage } from './shapes';
import { t } from './text';

const READS: CmdletName[] = ['Get-Queue', 'Get-Message'];
const REFRESH_SECONDS = 5;

const useStyles = makeStyles({
  bar: { display: 'flex', gap: '8px', flexWrap: 'wrap', alignItems: 'center' },
  box: { flexGrow: 1, minWidth: '180px', maxWidth: '320px', marginInlineStart: 'auto' },
  list: { display: 'flex', height: 'min(56vh, 560px)', minHeight: '280px' },
  link: { color: tokens.colorBrandForegroundLink },
});

function useColumns(): Column<QueuedMessage>[] {
  const zone = useZone();
  return useMemo(() => {
    const at = zoneName(zone);
    const text = (id: string, title: string, width: number, value: (m: QueuedMessage) => string | null, extra: Partial<Column<QueuedMessage>> = {}): Column<QueuedMessage> => ({ id, title, width, value, render: (m) => <SafeText text={value(m)} />, ...extra });
    return [
      text('Subject', t('subject'), 160, (m) => m.Subject, { grow: 3 }),
      text('FromAddress', t('sender'), 160, (m) => m.FromAddress, { grow: 2 }),
      text('Recipients', t('recipients'), 160, (m) => recipientsOf(m).join(', '), { grow: 2 }),
      { id: 'Status', title: t('status'), width: 124, value: (m) => statusWord(m.Status), render: (m) => <Status status={m.Status} /> },
      { id: 'DateReceived', title: t('received', { zone: at }), width: 176, value: (m) => m.DateReceived, render: (m) => showTime(m.DateReceived, zone) },
      { id: 'RetryCount', title: t('attempts'), width: 80, end: true, value: (m) => m.RetryCount },
      { id: 'ExpirationTime', title: t('expires', { zone: at }), width: 176, value: (m) => m.ExpirationTime, render: (m) => showTime(m.ExpirationTime, zone), hidden: true },
      text('LastError', t('lastError'), 220, (m) => m.LastError, { grow: 2, hidden: true }),
    ];
  }, [zone]);
}

export function QueueMessages({ queue }: { queue: Queue }) {
  const styles = useStyles();
  const can = useCan();
  const columns = useColumns();
  const parameters = { Queue: queue.Identity, IncludeRecipientInfo: true };
  const answer = useCmdlet<'Get-Message', QueuedMessage>('Get-Message', parameters, { refreshSeconds: REFRESH_SECONDS });
  const [filter, setFilter] = useState('');
  const [sort, setSort] = useState<Sort | null>(null);
  const [open, setOpen] = useState<string | null>(null);
  const [selected, setSelected] = useState<Set<string>>(new Set());
  const [removing, setRemoving] = useState<QueuedMessage[] | null>(null);
  const { act, say, busy, outcome } = useAct(READS, t('actFailed'));
  const rows = useMemo(() => matching(answer.data?.rows ?? [], filter), [answer.data, filter]);
  // Only what is seen is acted on: a filter takes what it hides out of the selection.
  const chosen = rows.filter((m) => selected.has(m.Identity));
  const run = (said: 'doneSuspendMessage' | 'doneResumeMessage', cmdlet: 'Suspend-Message' | 'Resume-Message') => act(t(said, { n: chosen.length }), bulk(cmdlet, chosen));
  const none = chosen.length === 0;
  return (
    <>
      <ErrorBar title={t('failed')} error={answer.error} />
      {outcome}
      <div className={styles.bar} role="toolbar" aria-label={t('forMessages')}>
        {can('Suspend-Message') && <Button size="small" icon={<Icon name="pause" size={16} />} disabledFocusable={none || busy} onClick={() => run('doneSuspendMessage', 'Suspend-Message')}>{t('suspendMessage')}</Button>}
        {can('Resume-Message') && <Button size="small" icon={<Icon name="play" size={16} />} disabledFocusable={none || busy} onClick={() => run('doneResumeMessage', 'Resume-Message')}>{t('resumeMessage')}</Button>}
        {can('Remove-Message') && <Button size="small" icon={<Icon name="remove" size={16} />} disabledFocusable={none} onClick={() => setRemoving(chosen)}>{t('removeMessage')}</Button>}
        <SearchBox size="small" className={styles.box} aria-label={t('filterMessages')} placeholder={t('filterMessages')} value={filter} onChange={(_, data) => setFilter(data.value)} />
      </div>
      <div className={styles.list}>
        <Grid
          label={t('inside')} columns={columns} rows={rows} rowKey={(m) => m.Identity} rowName={(m) => m.Subject ?? m.FromAddress} remember="queue-messages" selected={selected} onSelect={setSelected} sort={sort} onSort={setSort}
          onOpen={(m) => setOpen(open === m.Identity ? null : m.Identity)} openKey={open} detail={about} loading={answer.isPending} empty={filter ? t('noMatch') : t('noMessages')} note={<RefreshNote n={rows.length} at={answer.dataUpdatedAt} />}
        />
      </div>
      <CommandPreview changes={[{ cmdlet: 'Get-Message', parameters }]} />
      {removing && (
        <ConfirmDialog
          title={t('removeTitle', { n: removing.length })} text={t('removeText')} confirm={t('removeConfirm')} refreshes={READS} onClose={() => setRemoving(null)}
          onDone={(changes) => { setRemoving(null); setSelected(new Set()); say(t('doneRemove', { n: removing.length }), changes); }}
          ways={[
            { id: 'without', label: t('without'), hint: t('withoutHint'), changes: bulk('Remove-Message', removing, { WithNDR: false }) },
            { id: 'with', label: t('with'), hint: t('withHint'), changes: bulk('Remove-Message', removing, { WithNDR: true }) },
          ]}
        />
      )}
    </>
  );
}

const about = (message: QueuedMessage) => <About message={message} />;

function About({ message }: { message: QueuedMessage }) {
  const styles = useStyles();
  const zone = useZone();
  const can = useCan();
  return (
    <>
      <Facts facts={[
        [t('sender'), <SafeText key="f" text={message.FromAddress} />], [t('recipients'), <SafeText key="r" text={recipientsOf(message).join(', ')} />], [t('received', { zone: zoneName(zone) }), showTime(message.DateReceived, zone)],
        [t('expires', { zone: zoneName(zone) }), showTime(message.ExpirationTime, zone)], [t('attempts'), String(message.RetryCount)], [t('lastError'), <SafeText key="e" text={message.LastError} />],
      ]} />
      {can('Get-MessageTrace') && <Link className={styles.link} to={`/mail-flow/message-trace/results?MessageTraceId=${message.NetworkMessageId}`}>{t('messageTrace')}</Link>}
    </>
  );
}
