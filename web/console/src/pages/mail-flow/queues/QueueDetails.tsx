// One queue: what it is, why it waits, and the messages inside.
import { useState } from 'react';
import { Button, Card, MessageBar, MessageBarBody, MessageBarTitle, Text, tokens } from '@fluentui/react-components';
import { Link } from 'react-router';
import { useCmdlet } from '@api/cmdlet';
import type { CmdletName } from '@api/client';
import { useCan } from '@api/session';
import { CommandPreview } from '@kit/command/CommandPreview';
import { useAct } from '@kit/command/useAct';
import { ConfirmDialog } from '@kit/confirm/ConfirmDialog';
import { DetailsDrawer } from '@kit/drawer/DetailsDrawer';
import { Facts } from '@kit/drawer/Facts';
import { useUrl } from '@kit/grid/useUrl';
import { ErrorBar } from '@kit/page/ErrorBar';
import { Status } from '@kit/page/Status';
import { SafeText } from '@kit/safe/SafeText';
import { useZone } from '@kit/shell/settings';
import { showTime, zoneName } from '@kit/time/zone';
import { removeWays } from './page';
import type { Queue, QueuedMessage, TraceCause } from './shapes';
import { t } from './text';

const READS: CmdletName[] = ['Get-Queue', 'Get-Message'];
const REFRESH_SECONDS = 5;

export function QueueDetails({ queue, onClose }: { queue: Queue | null; onClose: () => void }) {
  const [tab, setTab] = useUrl('tab');
  const can = useCan();
  if (!queue) return <DetailsDrawer open={false} title="" name="" onClose={onClose} />;
  return (
    <DetailsDrawer
      open title={<SafeText text={queue.NextHopDomain} />} name={queue.NextHopDomain} subtitle={queue.Identity} onClose={onClose} tab={tab} onTab={(next) => setTab(next)}
      top={<Why queue={queue} />}
      tabs={[
        { id: 'about', title: t('about'), content: <About queue={queue} /> },
        ...(can('Get-Message') ? [{ id: 'messages', title: t('inside'), content: <Inside queue={queue} /> }] : []),
      ]}
      footer={can('Retry-Queue') && <Retry key={queue.Identity} queue={queue} />}
    />
  );
}

function Retry({ queue }: { queue: Queue }) {
  const { act, busy, outcome } = useAct(READS, t('actFailed'));
  const run = (what: string, Resubmit?: boolean) => act(t('done', { what }), [{ cmdlet: 'Retry-Queue', parameters: { Identity: queue.Identity, Resubmit } }]);
  return (
    <>
      <div style={{ flexBasis: '100%' }}>{outcome}</div>
      <Button appearance="primary" disabledFocusable={busy || queue.Status !== 'Retry'} onClick={() => run(t('retry'))}>{t('retry')}</Button>
      <Button disabledFocusable={busy || queue.MessageCount === 0} onClick={() => run(t('retryAnew'), true)}>{t('retryAnew')}</Button>
    </>
  );
}

function Why({ queue }: { queue: Queue }) {
  const causes = useCmdlet<'Get-TraceCause', TraceCause>('Get-TraceCause', { Reply: queue.LastError ?? undefined }, { enabled: Boolean(queue.LastError) });
  // The error stands in our words, so a cause we find ourselves comes before one read from another server's reply.
  const found = queue.LastError ? (causes.data?.rows ?? []) : [];
  const cause = found.find((c) => c.FoundBy === 'Ours') ?? found[0];
  if (!queue.LastError) return <Status status={queue.Status} />;
  return (
    <MessageBar intent="warning" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>{cause?.Cause ?? t('cause')}</MessageBarTitle>
        {cause && <>{cause.Fix} <br />{t('who')}: {cause.ActionNeededBy}.<br /></>}
        <Text size={200} font="monospace" style={{ overflowWrap: 'anywhere' }}><SafeText text={queue.LastError} /></Text>
      </MessageBarBody>
    </MessageBar>
  );
}

function About({ queue }: { queue: Queue }) {
  const zone = useZone();
  const at = zoneName(zone);
  return (
    <>
      <Facts facts={[
        [t('status'), <Status key="s" status={queue.Status} />], [t('messages'), String(queue.MessageCount)], [t('deferred'), String(queue.DeferredMessageCount)], [t('velocity'), queue.Velocity.toFixed(2)], [t('incoming'), queue.IncomingRate.toFixed(2)], [t('outgoing'), queue.OutgoingRate.toFixed(2)],
        [t('deliveryType'), queue.DeliveryType], [t('category'), queue.NextHopCategory], [t('retries'), String(queue.RetryCount)], [t('firstRetry', { zone: at }), showTime(queue.FirstRetryTime, zone)], [t('lastRetry', { zone: at }), showTime(queue.LastRetryTime, zone)], [t('nextRetry', { zone: at }), showTime(queue.NextRetryTime, zone)],
      ]} />
      <Text size={200} style={{ color: tokens.colorNeutralForeground3 }}>{t('rateNote')}</Text>
    </>
  );
}

function Inside({ queue }: { queue: Queue }) {
  const answer = useCmdlet<'Get-Message', QueuedMessage>('Get-Message', { Queue: queue.Identity, IncludeRecipientInfo: true }, { refreshSeconds: REFRESH_SECONDS });
  const [removing, setRemoving] = useState<QueuedMessage | null>(null);
  const rows = answer.data?.rows ?? [];
  return (
    <>
      <ErrorBar title={t('failed')} error={answer.error} />
      {answer.data && rows.length === 0 && <Text>{t('noMessages')}</Text>}
      {rows.map((message) => <MessageCard key={message.Identity} message={message} onRemove={() => setRemoving(message)} />)}
      <CommandPreview changes={[{ cmdlet: 'Get-Message', parameters: { Queue: queue.Identity, IncludeRecipientInfo: true } }]} />
      {removing && (
        <ConfirmDialog title={t('removeTitle', { n: 1 })} text={t('removeText')} confirm={t('removeConfirm')} refreshes={READS} onClose={() => setRemoving(null)} onDone={() => setRemoving(null)}
          ways={removeWays(['']).map((way) => ({ ...way, changes: [{ cmdlet: 'Remove-Message' as const, parameters: { Identity: removing.Identity, WithNDR: way.id === 'with' } }] }))} />
      )}
    </>
  );
}

function MessageCard({ message, onRemove }: { message: QueuedMessage; onRemove: () => void }) {
  const zone = useZone();
  const can = useCan();
  const { act, outcome } = useAct(READS, t('actFailed'));
  const run = (what: string, cmdlet: CmdletName) => act(t('done', { what }), [{ cmdlet, parameters: { Identity: message.Identity } }]);
  const recipients = (message.Recipients ?? []).map((r) => r.split(';')[0] ?? r);
  return (
    <Card appearance="outline">
      <Text weight="semibold"><SafeText text={message.Subject} /></Text>
      {outcome}
      <Facts facts={[
        [t('status'), <Status key="s" status={message.Status} />], [t('sender'), <SafeText key="f" text={message.FromAddress} />], [t('recipients'), <SafeText key="r" text={recipients.join(', ')} />], [t('received', { zone: zoneName(zone) }), showTime(message.DateReceived, zone)],
        [t('expires', { zone: zoneName(zone) }), showTime(message.ExpirationTime, zone)], [t('attempts'), String(message.RetryCount)], [t('lastError'), <SafeText key="e" text={message.LastError} />],
      ]} />
      <div style={{ display: 'flex', gap: 8, flexWrap: 'wrap', alignItems: 'center' }}>
        {message.Status === 'Suspended'
          ? can('Resume-Message') && <Button size="small" onClick={() => run(t('resumeMessage'), 'Resume-Message')}>{t('resumeMessage')}</Button>
          : can('Suspend-Message') && <Button size="small" onClick={() => run(t('suspendMessage'), 'Suspend-Message')}>{t('suspendMessage')}</Button>}
        {can('Remove-Message') && <Button size="small" onClick={onRemove}>{t('removeMessage')}</Button>}
        {can('Get-MessageTrace') && <Link style={{ color: tokens.colorBrandForegroundLink }} to={`/mail-flow/message-trace/results?MessageTraceId=${message.NetworkMessageId}`}>{t('messageTrace')}</Link>}
      </div>
    </Card>
  );
}
