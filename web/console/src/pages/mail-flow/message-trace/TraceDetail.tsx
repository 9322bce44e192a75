// One recipient of one message: where it is, why, and everything that was recorded.
import { useEffect, useMemo, useRef, useState } from 'react';
import { Button, makeStyles, Text, tokens } from '@fluentui/react-components';
import { useNavigate } from 'react-router';
import { useCmdlet } from '@api/cmdlet';
import { useCan } from '@api/session';
import { CommandPreview } from '@kit/command/CommandPreview';
import { DetailsDrawer } from '@kit/drawer/DetailsDrawer';
import { useUrl } from '@kit/grid/useUrl';
import { Icon } from '@kit/icons';
import { ErrorBar } from '@kit/page/ErrorBar';
import { Loading } from '@kit/page/Loading';
import { Status } from '@kit/page/Status';
import { SafeText } from '@kit/safe/SafeText';
import { visible } from '@kit/safe/visible';
import { Events } from './Events';
import { Overview } from './Overview';
import { stagesOf, useOwnOnly } from './own';
import { RawRecord } from './RawRecord';
import { resultsPath } from './query';
import { allEnded, withRefused } from './route';
import { relatedIds } from './related';
import { Rules } from './Rules';
import { shownStatus, type TraceEvent, type TraceRow, type TraceTree } from './shapes';
import { StageBar } from './StageBar';
import { t } from './text';
import { WholeMessage } from './WholeMessage';
import { Waterfall } from './Waterfall';

const useStyles = makeStyles({
  top: { display: 'flex', flexDirection: 'column', gap: '12px' },
  people: { display: 'flex', gap: '4px 10px', flexWrap: 'wrap', alignItems: 'center', color: tokens.colorNeutralForeground2 },
});

interface Props { open: string | null; row: TraceRow | null; onClose: () => void; onPrevious?: () => void; onNext?: () => void }

export default function TraceDetail({ open, row, onClose, onPrevious, onNext }: Props) {
  const styles = useStyles();
  const navigate = useNavigate();
  const can = useCan();
  const own = useOwnOnly();
  const [tab, setTab] = useUrl('tab');
  const [relating, setRelating] = useState(false);
  const [copied, setCopied] = useState<string | null>(null);
  const cut = open?.indexOf('~') ?? -1;
  const MessageTraceId = open?.slice(0, cut) ?? '';
  const RecipientAddress = open?.slice(cut + 1) ?? '';
  const enabled = cut > 0;
  const detail = useCmdlet<'Get-MessageTraceDetail', TraceEvent>('Get-MessageTraceDetail', { MessageTraceId, RecipientAddress }, { enabled, lookUp: true });
  const tree = useCmdlet<'Get-MessageTraceTree', TraceTree>('Get-MessageTraceTree', { MessageTraceId }, { enabled: enabled && can('Get-MessageTraceTree'), lookUp: true });
  useRereadOnChange(open, row, detail.refetch, tree.refetch);
  // What was kept of the row before is not shown for the next.
  const events = useMemo(() => (detail.isPlaceholderData ? [] : (detail.data?.rows ?? [])), [detail.isPlaceholderData, detail.data]);
  const first = events[0];
  const received = tree.isPlaceholderData ? undefined : tree.data?.rows[0];
  const whole = useMemo(() => received && first ? withRefused(received, first, RecipientAddress, row?.Detail ?? null) : received, [received, first, RecipientAddress, row?.Detail]);
  const ended = whole ? allEnded(whole.Nodes, RecipientAddress) : null;
  const subject = visible(row?.Subject ?? whole?.Subject ?? '') || t('openDetails');
  const copy = () => {
    void navigator.clipboard?.writeText(location.href).then(() => setCopied(open));
  };
  const related = row?.MessageId ?? whole?.MessageId;
  const relate = async (MessageId: string) => {
    setRelating(true);
    const of = [{ MessageTraceId, MessageId }];
    const found = await relatedIds(of, can('Get-MessageTraceTree')).catch(() => relatedIds(of, false));
    setRelating(false);
    void navigate(resultsPath({ MessageId: found }));
  };
  return (
    <DetailsDrawer
      open={open !== null} title={<SafeText text={row?.Subject ?? whole?.Subject ?? t('openDetails')} />} name={subject} onClose={onClose} onPrevious={onPrevious} onNext={onNext} width="min(880px, 100vw)" tab={tab} onTab={(next) => setTab(next === 'overview' ? null : next)}
      top={
        <div className={styles.top}>
          <div className={styles.people}>
            <SafeText text={row?.SenderAddress ?? whole?.SenderAddress ?? '<>'} /><Icon name="right" size={14} /><strong><SafeText text={RecipientAddress} /></strong>
            {first && <Status status={shownStatus(first)} />}
          </div>
          {first && <StageBar steps={first.StageBar ?? stagesOf(first.Status, events, row?.Received ?? whole?.Received ?? null, ended === false)} status={first.Status} stage={first.Stage} ended={ended === true} />}
        </div>
      }
      tabs={first && [
        { id: 'overview', title: t('overview'), content: <><Overview first={first} row={row} whole={whole} recipient={RecipientAddress} /><CommandPreview changes={[{ cmdlet: 'Get-MessageTraceDetail', parameters: { MessageTraceId, RecipientAddress } }]} /></> },
        { id: 'whole', title: t('whole'), content: whole ? <><WholeMessage tree={whole} current={RecipientAddress} /><CommandPreview changes={[{ cmdlet: 'Get-MessageTraceTree', parameters: { MessageTraceId } }]} /></> : <Loading /> },
        { id: 'events', title: t('events'), content: <Events events={events} /> },
        ...(first.TimeBudget ? [{ id: 'time', title: t('timeBudget'), content: <Waterfall budget={first.TimeBudget} /> }] : []),
        ...(first.RulesMatched && first.RulesEvaluated ? [{ id: 'rules', title: t('rules'), content: <Rules matched={first.RulesMatched} evaluated={first.RulesEvaluated} /> }] : []),
        ...(own ? [] : [{ id: 'raw', title: t('raw'), content: <RawRecord events={events} row={row} /> }]),
      ]}
      footer={
        <>
          {related && <Button icon={<Icon name="link" size={16} />} disabledFocusable={relating} onClick={() => void relate(related)}>{t('related')}</Button>}
          <Button icon={<Icon name="copy" size={16} />} onClick={copy}>{copied === open ? t('copied') : t('copyLink')}</Button>
        </>
      }
    >
      <ErrorBar title={t('detailFailed')} error={detail.error} onRetry={() => void detail.refetch()} />
      {(detail.isPending || detail.isPlaceholderData) && enabled && <Loading />}
      {detail.isSuccess && !detail.isPlaceholderData && !first && <Text>{detail.data.notes.join(' ') || t('nothingShown')}</Text>}
    </DetailsDrawer>
  );
}

/** Each reading is a look-up in the audit log: once when the details are opened, and again only when the row, which the list follows, became another. */
function useRereadOnChange(open: string | null, row: TraceRow | null, ...reads: (() => unknown)[]) {
  const again = useRef(reads);
  useEffect(() => {
    again.current = reads;
  });
  const now = useMemo(() => (row ? JSON.stringify(row) : null), [row]);
  const seen = useRef<{ open: string | null; row: string | null }>({ open: null, row: null });
  useEffect(() => {
    const before = seen.current;
    seen.current = { open, row: now };
    if (open && before.open === open && before.row !== null && now !== null && before.row !== now) again.current.forEach((read) => void read());
  }, [open, now]);
}
