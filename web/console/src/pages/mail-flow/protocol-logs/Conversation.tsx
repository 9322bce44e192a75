// One session from its beginning to its end, as the two sides said it.
import { Badge, Button, makeStyles, mergeClasses, Text, tokens } from '@fluentui/react-components';
import { useNavigate } from 'react-router';
import { useCmdlet } from '@api/cmdlet';
import { useCan } from '@api/session';
import { DetailsDrawer } from '@kit/drawer/DetailsDrawer';
import { Facts } from '@kit/drawer/Facts';
import { ErrorBar } from '@kit/page/ErrorBar';
import { SafeText } from '@kit/safe/SafeText';
import { useZone } from '@kit/shell/settings';
import { showTime, zoneName } from '@kit/time/zone';
import { inOrder, refuses, said, type LogLine } from './shapes';
import { t } from './text';

/** Lines of one session that are shown: it has few, unless somebody sends a thousand messages in it. */
const LINES_MAX = 2000;

const useStyles = makeStyles({
  lines: { listStyleType: 'none', margin: 0, padding: '8px 0', display: 'flex', flexDirection: 'column', backgroundColor: tokens.colorNeutralBackground2, border: `1px solid ${tokens.colorNeutralStroke2}`, borderRadius: tokens.borderRadiusLarge },
  line: { display: 'grid', gridTemplateColumns: '118px 18px minmax(0, 1fr)', columnGap: '8px', padding: '2px 14px', alignItems: 'baseline', '@media (max-width: 560px)': { gridTemplateColumns: '18px minmax(0, 1fr)' } },
  time: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200, fontVariantNumeric: 'tabular-nums', '@media (max-width: 560px)': { gridColumn: '1 / -1', paddingTop: '4px' } },
  mark: { fontFamily: tokens.fontFamilyMonospace, fontWeight: tokens.fontWeightSemibold },
  mine: { color: tokens.colorBrandForeground1 },
  data: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200, overflowWrap: 'anywhere', unicodeBidi: 'isolate' },
  note: { color: tokens.colorNeutralForeground3 },
  bad: { color: tokens.colorStatusDangerForeground1, fontWeight: tokens.fontWeightSemibold },
});

const MARKS: Record<LogLine['Event'], string> = { Connect: '+', Disconnect: '−', Send: '>', Receive: '<', Information: '*' };
const word = (event: LogLine['Event']) => (event === 'Send' ? t('sentHere') : event === 'Receive' ? t('saidThere') : t(event));

interface Props { session: string | null; onClose: () => void; onOnly: (session: string) => void }

export function Conversation({ session, onClose, onOnly }: Props) {
  const styles = useStyles();
  const zone = useZone();
  const can = useCan();
  const navigate = useNavigate();
  const answer = useCmdlet<'Get-ProtocolLog', LogLine>('Get-ProtocolLog', { SessionId: session ?? '', ResultSize: String(LINES_MAX) } as never, { enabled: session !== null });
  if (!session) return <DetailsDrawer open={false} title="" name="" onClose={onClose} />;
  const lines = inOrder((answer.data?.rows ?? []).filter((line) => line.SessionId === session));
  const head = lines[0];
  // An attempt to connect has no end here until there is a connection.
  const local = lines.find((line) => line.LocalEndpoint)?.LocalEndpoint;
  return (
    <DetailsDrawer
      open title={t('conversation')} name={t('conversation')} subtitle={head && <><SafeText text={head.ConnectorId} /> · {showTime(head.Timestamp, zone)}, {zoneName(zone)}</>} onClose={onClose} width="min(860px, 100vw)"
      footer={
        <>
          <Button appearance="primary" onClick={() => onOnly(session)}>{t('whole')}</Button>
          {can('Get-MessageTrackingLog') && head && <Button onClick={() => void navigate(`/tracking/tracking-log?ConnectorId=${encodeURIComponent(head.ConnectorId)}&Start=${encodeURIComponent(head.Timestamp)}`)}>{t('tracking')}</Button>}
        </>
      }
    >
      <ErrorBar title={t('sessionFailed')} error={answer.error} />
      {head && (
        <Facts facts={[
          [t('direction'), <Badge key="d" appearance="tint" color="informative">{t(head.Direction)}</Badge>], [t('connector'), <SafeText key="c" text={head.ConnectorId} />], [t('remote'), head.RemoteEndpoint], [t('local'), local], [t('session'), session],
        ]} />
      )}
      {answer.data && (answer.data.warnings.length > 0) && <Text>{t('cut')}</Text>}
      <ol className={styles.lines} aria-label={t('conversation')} data-conversation dir="ltr">
        {lines.map((line) => (
          <li key={line.SequenceNumber} className={styles.line}>
            <span className={styles.time}>{showTime(line.Timestamp, zone, true).split(/,? /).pop()}</span>
            <span className={mergeClasses(styles.mark, line.Event === 'Send' && styles.mine)} role="img" aria-label={word(line.Event)}>{MARKS[line.Event]}</span>
            <span className={mergeClasses(styles.data, line.Event === 'Information' && styles.note, refuses(line) && styles.bad)}><SafeText text={said(line) || word(line.Event)} /></span>
          </li>
        ))}
      </ol>
    </DetailsDrawer>
  );
}
