// What the help desk reads first: where it is, why, what to do; then the way it took and the facts of the message.
import { makeStyles, MessageBar, MessageBarBody, MessageBarTitle, Text, tokens } from '@fluentui/react-components';
import { Facts } from '@kit/drawer/Facts';
import { useWho } from '@kit/page/who';
import { SafeText } from '@kit/safe/SafeText';
import { useZone } from '@kit/shell/settings';
import { localTimes, showTime, zoneName } from '@kit/time/zone';
import { directionWord } from './conditions';
import { useOwnOnly } from './own';
import { Places } from './Places';
import { Route } from './Route';
import type { TraceEvent, TraceRow, TraceTree } from './shapes';
import { t } from './text';
import { words } from './words';

const useStyles = makeStyles({
  h2: { margin: '8px 0 0', fontSize: tokens.fontSizeBase400, lineHeight: tokens.lineHeightBase400, fontWeight: tokens.fontWeightSemibold },
  mono: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200, overflowWrap: 'anywhere' },
});

interface Props { first: TraceEvent; row: TraceRow | null; whole: TraceTree | undefined; recipient: string }

export function Overview({ first, row, whole, recipient }: Props) {
  const styles = useStyles();
  const zone = useZone();
  const own = useOwnOnly();
  const whoCanAct = useWho();
  const sent = first.SentBy;
  const groups = first.Groups ?? [];
  const forwards = first.Forwards ?? [];
  const hops = first.Hops ?? [];
  return (
    <>
      <Headline first={first} sentence={own && !first.Cause ? ownSentence(first, row, recipient) : null} />
      <Facts facts={[
        [t('cause'), first.Cause && <SafeText key="c" text={first.Cause} />], [t('fix'), first.Fix && <strong key="f"><SafeText text={first.Fix} /></strong>], [t('who'), whoCanAct(first.ActionNeededBy, first.Fix)], [t('folderNow'), localTimes(first.FolderNow, zone)],
        [t('reply'), first.RemoteReply && <span key="r" className={styles.mono}><SafeText text={first.RemoteReply} /></span>], [t('queueId'), first.RemoteQueueId],
      ]} />
      {whole && !own && <Route tree={whole} current={recipient} hops={hops} server={row?.Server ?? null} />}
      <h2 className={styles.h2}>{t('facts')}</h2>
      <Facts facts={[
        [t('received', { zone: zoneName(zone) }), showTime(row?.Received ?? whole?.Received, zone, true)], [t('messageId'), <span key="m" className={styles.mono}><SafeText text={row?.MessageId ?? whole?.MessageId} /></span>], [t('traceId'), <span key="t" className={styles.mono}>{row?.MessageTraceId ?? whole?.MessageTraceId}</span>],
        [t('size'), t('bytes', { n: row?.Size ?? whole?.Size ?? 0 })], [t('fromHeader'), row?.FromAddress && <SafeText key="h" text={row.FromAddress} />], [t('fromIp'), row?.FromIP ?? whole?.FromIP], [t('toIp'), row?.ToIP], [t('direction'), directionWord(row?.Direction ?? whole?.Direction)], [t('folder'), own ? row?.Folder : null],
        [t('signedIn'), sent?.AuthenticatedAs && `${sent.AuthenticatedAs}${sent.Right && sent.Right !== 'Self' ? ` (${t('sentAs', { from: sent.From ?? '', right: sent.Right })})` : ''}`],
      ]} />
      {groups.length > 0 && (
        <>
          <h2 className={styles.h2}>{t('groups')}</h2>
          {groups.map((group) => <Text key={group.Address}><strong><SafeText text={group.Address} /></strong> ({t('members', { n: group.Count })}): <SafeText text={group.Members.join(', ')} /></Text>)}
        </>
      )}
      {forwards.length > 0 && (
        <>
          <h2 className={styles.h2}>{t('forwards')}</h2>
          {forwards.map((forward) => <Text key={JSON.stringify(forward)}><SafeText text={words(forward)} /></Text>)}
        </>
      )}
      {hops.length > 0 && (
        <>
          <h2 className={styles.h2}>{t('hops')}</h2>
          <Places hops={hops} />
        </>
      )}
    </>
  );
}

/** `sentence`: what is said in the place of the server's headline. */
function Headline({ first, sentence }: { first: TraceEvent; sentence: string | null }) {
  const zone = useZone();
  const bad = Boolean(first.Cause) || first.Status === 'Failed' || first.Headline?.startsWith('We found an issue');
  const said = sentence ?? first.Headline?.replace(/^We found (an issue|your message)\.\s*/, '') ?? '';
  return (
    <MessageBar intent={bad ? (first.Status === 'Pending' ? 'warning' : 'error') : 'success'} layout="multiline">
      <MessageBarBody><MessageBarTitle>{bad ? t('causeTitle') : t('goodTitle')}.</MessageBarTitle> <SafeText text={localTimes(said, zone)} /></MessageBarBody>
    </MessageBar>
  );
}

/** One's own mail in words: its rows hold a status, and for a group how many members have which. */
function ownSentence(first: TraceEvent, row: TraceRow | null, recipient: string): string | null {
  if (first.Status === 'Delivered') return row?.Folder ? t('ownFolder', { folder: row.Folder }) : t('ownDelivered', { recipient });
  if (first.Status === 'Pending' || first.Status === 'GettingStatus') return t('ownPending', { recipient });
  return null;
}
