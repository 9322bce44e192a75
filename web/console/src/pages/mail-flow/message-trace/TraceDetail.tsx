// One recipient of one message: where it is, why, and everything that was recorded.
import { useMemo, useState } from 'react';
import { Button, makeStyles, MessageBar, MessageBarBody, MessageBarTitle, Spinner, Text, tokens } from '@fluentui/react-components';
import { useNavigate } from 'react-router';
import { useCmdlet } from '@api/cmdlet';
import { useCan } from '@api/session';
import { CommandPreview } from '@kit/command/CommandPreview';
import { DetailsDrawer } from '@kit/drawer/DetailsDrawer';
import { Facts } from '@kit/drawer/Facts';
import { useUrl } from '@kit/grid/useUrl';
import { Icon } from '@kit/icons';
import { ErrorBar } from '@kit/page/ErrorBar';
import { Status } from '@kit/page/Status';
import { SafeText } from '@kit/safe/SafeText';
import { visible } from '@kit/safe/visible';
import { useZone } from '@kit/shell/settings';
import { localTimes, showTime, zoneName } from '@kit/time/zone';
import { Events } from './Events';
import { RawRecord } from './RawRecord';
import { resultsPath } from './query';
import { Route } from './Route';
import { Rules } from './Rules';
import { shownStatus, type TraceEvent, type TraceRow, type TraceTree } from './shapes';
import { StageBar } from './StageBar';
import { t } from './text';
import { WholeMessage } from './WholeMessage';
import { Waterfall } from './Waterfall';
import { words } from './words';

/** A message on its way is looked at again while its details are open. */
const REFRESH_SECONDS = 3;

const useStyles = makeStyles({
  top: { display: 'flex', flexDirection: 'column', gap: '12px' },
  people: { display: 'flex', gap: '4px 10px', flexWrap: 'wrap', alignItems: 'center', color: tokens.colorNeutralForeground2 },
  h2: { margin: '8px 0 0', fontSize: tokens.fontSizeBase400, lineHeight: tokens.lineHeightBase400, fontWeight: tokens.fontWeightSemibold },
  mono: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200, overflowWrap: 'anywhere' },
});

interface Props { open: string | null; row: TraceRow | null; onClose: () => void; onPrevious?: () => void; onNext?: () => void }

export default function TraceDetail({ open, row, onClose, onPrevious, onNext }: Props) {
  const styles = useStyles();
  const navigate = useNavigate();
  const can = useCan();
  const [tab, setTab] = useUrl('tab');
  const [copied, setCopied] = useState<string | null>(null);
  const cut = open?.indexOf('~') ?? -1;
  const MessageTraceId = open?.slice(0, cut) ?? '';
  const RecipientAddress = open?.slice(cut + 1) ?? '';
  const enabled = cut > 0;
  const moving = row?.Status === 'Pending' || row?.Status === 'GettingStatus';
  const refresh = moving ? { refreshSeconds: REFRESH_SECONDS } : {};
  const detail = useCmdlet<'Get-MessageTraceDetail', TraceEvent>('Get-MessageTraceDetail', { MessageTraceId, RecipientAddress }, { enabled, ...refresh });
  const tree = useCmdlet<'Get-MessageTraceTree', TraceTree>('Get-MessageTraceTree', { MessageTraceId }, { enabled: enabled && can('Get-MessageTraceTree'), ...refresh });
  // What was kept of the row before is not shown for the next.
  const events = useMemo(() => (detail.isPlaceholderData ? [] : (detail.data?.rows ?? [])), [detail.isPlaceholderData, detail.data]);
  const first = events[0];
  const whole = tree.isPlaceholderData ? undefined : tree.data?.rows[0];
  const subject = visible(row?.Subject ?? whole?.Subject ?? '') || t('openDetails');
  const copy = () => {
    void navigator.clipboard?.writeText(location.href).then(() => setCopied(open));
  };
  const related = row?.MessageId ?? whole?.MessageId;
  return (
    <DetailsDrawer
      open={open !== null} title={<SafeText text={row?.Subject ?? whole?.Subject ?? t('openDetails')} />} name={subject} onClose={onClose} onPrevious={onPrevious} onNext={onNext} width="min(880px, 100vw)" tab={tab} onTab={(next) => setTab(next === 'overview' ? null : next)}
      top={
        <div className={styles.top}>
          <div className={styles.people}>
            <SafeText text={row?.SenderAddress ?? whole?.SenderAddress ?? '<>'} /><Icon name="right" size={14} /><strong><SafeText text={RecipientAddress} /></strong>
            {first && <Status status={shownStatus(first)} />}
          </div>
          {first && <StageBar steps={first.StageBar} status={first.Status} stage={first.Stage} />}
        </div>
      }
      tabs={first && [
        { id: 'overview', title: t('overview'), content: <><Overview first={first} row={row} whole={whole} recipient={RecipientAddress} /><CommandPreview changes={[{ cmdlet: 'Get-MessageTraceDetail', parameters: { MessageTraceId, RecipientAddress } }]} /></> },
        { id: 'whole', title: t('whole'), content: whole ? <><WholeMessage tree={whole} current={RecipientAddress} /><CommandPreview changes={[{ cmdlet: 'Get-MessageTraceTree', parameters: { MessageTraceId } }]} /></> : <Spinner /> },
        { id: 'events', title: t('events'), content: <Events events={events} /> },
        ...(first.TimeBudget ? [{ id: 'time', title: t('timeBudget'), content: <Waterfall budget={first.TimeBudget} /> }] : []),
        { id: 'rules', title: t('rules'), content: <Rules matched={first.RulesMatched} evaluated={first.RulesEvaluated} /> },
        { id: 'raw', title: t('raw'), content: <RawRecord events={events} row={row} /> },
      ]}
      footer={
        <>
          {related && <Button icon={<Icon name="link" size={16} />} onClick={() => void navigate(resultsPath({ MessageId: [related] }))}>{t('related')}</Button>}
          <Button icon={<Icon name="copy" size={16} />} onClick={copy}>{copied === open ? t('copied') : t('copyLink')}</Button>
        </>
      }
    >
      <ErrorBar title={t('detailFailed')} error={detail.error} onRetry={() => void detail.refetch()} />
      {(detail.isPending || detail.isPlaceholderData) && enabled && <Spinner />}
    </DetailsDrawer>
  );
}

function Overview({ first, row, whole, recipient }: { first: TraceEvent; row: TraceRow | null; whole: TraceTree | undefined; recipient: string }) {
  const styles = useStyles();
  const zone = useZone();
  const bad = Boolean(first.Cause) || first.Headline?.startsWith('We found an issue');
  const headline = first.Headline?.replace(/^We found (an issue|your message)\.\s*/, '') ?? '';
  const sent = first.SentBy;
  return (
    <>
      <MessageBar intent={bad ? (first.Status === 'Pending' ? 'warning' : 'error') : 'success'} layout="multiline">
        <MessageBarBody><MessageBarTitle>{bad ? t('causeTitle') : t('goodTitle')}.</MessageBarTitle> <SafeText text={localTimes(headline, zone)} /></MessageBarBody>
      </MessageBar>
      <Facts facts={[
        [t('cause'), first.Cause && <SafeText key="c" text={first.Cause} />], [t('fix'), first.Fix && <strong key="f"><SafeText text={first.Fix} /></strong>], [t('who'), first.ActionNeededBy], [t('folderNow'), localTimes(first.FolderNow, zone)],
        [t('reply'), first.RemoteReply && <span key="r" className={styles.mono}><SafeText text={first.RemoteReply} /></span>], [t('queueId'), first.RemoteQueueId],
      ]} />
      {whole && <Route tree={whole} current={recipient} />}
      <h2 className={styles.h2}>{t('facts')}</h2>
      <Facts facts={[
        [t('received', { zone: zoneName(zone) }), showTime(row?.Received ?? whole?.Received, zone, true)], [t('messageId'), <span key="m" className={styles.mono}><SafeText text={row?.MessageId ?? whole?.MessageId} /></span>], [t('traceId'), <span key="t" className={styles.mono}>{row?.MessageTraceId ?? whole?.MessageTraceId}</span>],
        [t('size'), t('bytes', { n: row?.Size ?? whole?.Size ?? 0 })], [t('fromHeader'), row?.FromAddress && <SafeText key="h" text={row.FromAddress} />], [t('fromIp'), row?.FromIP ?? whole?.FromIP], [t('toIp'), row?.ToIP], [t('direction'), row?.Direction ?? whole?.Direction],
        [t('signedIn'), sent?.AuthenticatedAs && `${sent.AuthenticatedAs}${sent.Right && sent.Right !== 'Self' ? ` (${t('sentAs', { from: sent.From ?? '', right: sent.Right })})` : ''}`],
      ]} />
      {first.Groups.length > 0 && (
        <>
          <h2 className={styles.h2}>{t('groups')}</h2>
          {first.Groups.map((group) => <Text key={group.Address}><strong><SafeText text={group.Address} /></strong> ({t('members', { n: group.Count })}): <SafeText text={group.Members.join(', ')} /></Text>)}
        </>
      )}
      {first.Forwards.length > 0 && (
        <>
          <h2 className={styles.h2}>{t('forwards')}</h2>
          {first.Forwards.map((forward) => <Text key={JSON.stringify(forward)}><SafeText text={words(forward)} /></Text>)}
        </>
      )}
      {first.Hops.length > 0 && (
        <>
          <h2 className={styles.h2}>{t('hops')}</h2>
          {first.Hops.map((hop) => <Text key={JSON.stringify(hop)}><SafeText text={words(hop)} /></Text>)}
        </>
      )}
    </>
  );
}
