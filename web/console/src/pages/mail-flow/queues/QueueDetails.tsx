// One queue: what it is, why it waits, and the messages inside.
import { Button, MessageBar, MessageBarBody, MessageBarTitle, Text, tokens } from '@fluentui/react-components';
import type { CmdletName } from '@api/client';
import { useCan } from '@api/session';
import { useAct } from '@kit/command/useAct';
import { DetailsDrawer } from '@kit/drawer/DetailsDrawer';
import { Facts } from '@kit/drawer/Facts';
import { useUrl } from '@kit/grid/useUrl';
import { Status } from '@kit/page/Status';
import { useWho } from '@kit/page/who';
import { SafeText } from '@kit/safe/SafeText';
import { useZone } from '@kit/shell/settings';
import { showTime, zoneName } from '@kit/time/zone';
import { QueueMessages } from './QueueMessages';
import { queueName, type Queue } from './shapes';
import { t } from './text';

const READS: CmdletName[] = ['Get-Queue', 'Get-Message'];

export function QueueDetails({ queue, onClose }: { queue: Queue | null; onClose: () => void }) {
  const [tab, setTab] = useUrl('tab');
  const can = useCan();
  if (!queue) return <DetailsDrawer open={false} title="" name="" onClose={onClose} />;
  return (
    <DetailsDrawer
      open title={<SafeText text={queue.NextHopDomain} />} name={queueName(queue)} subtitle={queue.NextHopConnectorName ? <><SafeText text={queue.NextHopConnectorName} /> · {queue.Identity}</> : queue.Identity} onClose={onClose} width="min(960px, 100vw)" tab={tab} onTab={(next) => setTab(next)}
      top={<Why queue={queue} />}
      tabs={[
        { id: 'about', title: t('about'), content: <About queue={queue} /> },
        ...(can('Get-Message') ? [{ id: 'messages', title: t('inside'), content: <QueueMessages key={queue.Identity} queue={queue} /> }] : []),
      ]}
      footer={can('Retry-Queue') && <Retry key={queue.Identity} queue={queue} />}
    />
  );
}

function Retry({ queue }: { queue: Queue }) {
  const { act, busy, outcome } = useAct(READS, t('actFailed'));
  const run = (said: string, Resubmit?: boolean) => act(said, [{ cmdlet: 'Retry-Queue', parameters: { Identity: queue.Identity, Resubmit } }]);
  return (
    <>
      <div style={{ flexBasis: '100%' }}>{outcome}</div>
      <Button appearance="primary" disabledFocusable={busy || queue.Status !== 'Retry'} onClick={() => run(t('doneRetry', { n: 1 }))}>{t('retry')}</Button>
      <Button disabledFocusable={busy || queue.MessageCount === 0} onClick={() => run(t('doneAnew'), true)}>{t('retryAnew')}</Button>
    </>
  );
}

function Why({ queue }: { queue: Queue }) {
  const who = useWho()(queue.ActionNeededBy, queue.Fix);
  if (!queue.LastError) return <Status status={queue.Status} />;
  return (
    <MessageBar intent="warning" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle><SafeText text={queue.Cause ?? t('cause')} /></MessageBarTitle>
        {queue.Fix && <><SafeText text={queue.Fix} /> <br /></>}
        {who && <>{t('who')}: <SafeText text={who} />.<br /></>}
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
        [t('connector'), queue.NextHopConnectorName && <SafeText key="n" text={queue.NextHopConnectorName} />], [t('deliveryType'), queue.DeliveryType], [t('category'), queue.NextHopCategory], [t('retries'), String(queue.RetryCount)], [t('firstRetry', { zone: at }), showTime(queue.FirstRetryTime, zone)], [t('lastRetry', { zone: at }), showTime(queue.LastRetryTime, zone)], [t('nextRetry', { zone: at }), showTime(queue.NextRetryTime, zone)],
      ]} />
      <Text size={200} style={{ color: tokens.colorNeutralForeground3 }}>{t('rateNote')}</Text>
    </>
  );
}
