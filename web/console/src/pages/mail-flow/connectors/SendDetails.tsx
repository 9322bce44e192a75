// One Send connector: what it is, which way a message would take, and what waits for it.
import { Button, Card, makeStyles, Text, tokens } from '@fluentui/react-components';
import { Link } from 'react-router';
import { useCmdlet } from '@api/cmdlet';
import { useCan } from '@api/session';
import { useAct } from '@kit/command/useAct';
import { DetailsDrawer } from '@kit/drawer/DetailsDrawer';
import { Facts } from '@kit/drawer/Facts';
import { shortSize } from '@kit/forms/sizeText';
import { useUrl } from '@kit/grid/useUrl';
import { Status } from '@kit/page/Status';
import { SafeText } from '@kit/safe/SafeText';
import type { Queue } from '../queues/shapes';
import { ConnectorTest } from '../shared/ConnectorTest';
import { RouteCheck } from '../shared/RouteCheck';
import { shortSpace, type SendConnector } from './shapes';
import { tlsOf } from './sendForm';
import { t, w } from './text';

const REFRESH_SECONDS = 5;
const useStyles = makeStyles({ head: { display: 'flex', gap: '10px', alignItems: 'center', flexWrap: 'wrap' }, error: { overflowWrap: 'anywhere' }, link: { color: tokens.colorBrandForegroundLink } });

interface Props { connector: SendConnector | null; onClose: () => void; onEdit: () => void }

export function SendDetails({ connector, onClose, onEdit }: Props) {
  const [tab, setTab] = useUrl('tab');
  const can = useCan();
  if (!connector) return <DetailsDrawer open={false} title="" name="" onClose={onClose} />;
  return (
    <DetailsDrawer
      open title={<SafeText text={connector.Name} />} name={connector.Name} subtitle={<SafeText text={connector.Comment} />} onClose={onClose} tab={tab} onTab={(next) => setTab(next)}
      tabs={[
        { id: 'about', title: t('about'), content: <About connector={connector} /> },
        ...(can('Test-MessageRoute') ? [{ id: 'check', title: t('check'), content: <RouteCheck key={connector.Guid} to={sampleAddress(connector)} expected={connector.Name} /> }] : []),
        ...(can('Test-SendConnector') ? [{ id: 'test', title: t('test'), content: <ConnectorTest key={connector.Guid} connector={{ Identity: connector.Name }} to={sampleAddress(connector)} /> }] : []),
        ...(can('Get-Queue') ? [{ id: 'waiting', title: t('waiting'), content: <Waiting connector={connector} /> }] : []),
      ]}
      footer={can('Set-SendConnector') && <Button appearance="primary" onClick={onEdit}>{t('edit')}</Button>}
    />
  );
}

/** An address the connector is for, to begin with. */
export function sampleAddress(connector: SendConnector): string {
  const domain = connector.AddressSpaces.map((space) => shortSpace(space).replace(/;\d+$/, '')).find((name) => !name.includes('*'));
  return domain ? `postmaster@${domain}` : '';
}

function About({ connector }: { connector: SendConnector }) {
  return (
    <Facts facts={[
      [t('state'), connector.Enabled ? t('on') : t('off')], [t('spaces'), connector.AddressSpaces.map(shortSpace).join(', ')], [t('route'), connector.DNSRoutingEnabled ? t('byMx') : connector.SmartHosts.join(', ')], [t('port'), String(connector.Port)], [t('size'), shortSize(connector.MaxMessageSize)],
      [t('tls'), connector.TlsDomain ? `${w(tlsOf(connector))}: ${connector.TlsDomain}` : w(tlsOf(connector))], [w('signIn'), connector.DNSRoutingEnabled ? '' : w(connector.SmartHostAuthMechanism as 'None')], [w('user'), connector.AuthenticationUserName], [t('fqdn'), connector.Fqdn], [t('source'), connector.SourceIPAddress],
      [t('perConnection'), String(connector.SmtpMaxMessagesPerConnection)], [t('idle'), connector.ConnectionInactivityTimeOut], [t('logging'), <Logged key="l" connector={connector} />], [t('guid'), connector.Guid],
    ]} />
  );
}

/** Whether its conversations are logged, with the way to them. */
function Logged({ connector }: { connector: SendConnector }) {
  const styles = useStyles();
  const can = useCan();
  if (connector.ProtocolLoggingLevel !== 'Verbose') return t('off');
  return can('Get-ProtocolLog') ? <Link className={styles.link} to={`/mail-flow/protocol-logs?Direction=Send&Connector=${encodeURIComponent(connector.Name)}`}>{t('on')}</Link> : t('on');
}

function Waiting({ connector }: { connector: SendConnector }) {
  const styles = useStyles();
  const queues = useCmdlet<'Get-Queue', Queue>('Get-Queue', {}, { refreshSeconds: REFRESH_SECONDS });
  const can = useCan();
  const { act, busy, outcome } = useAct(['Get-Queue'], t('actFailed'));
  const own = (queues.data?.rows ?? []).filter((queue) => queue.NextHopConnector === connector.Guid && queue.MessageCount > 0);
  if (own.length === 0) return <Text>{queues.isPending ? '' : t('noneWaits')}</Text>;
  return (
    <>
      {outcome}
      {own.map((queue) => (
        <Card key={queue.Identity}>
          <div className={styles.head}>
            <Link className={styles.link} to={`/mail-flow/queues?open=${encodeURIComponent(queue.Identity)}`} aria-label={t('openQueue', { name: queue.NextHopDomain })}><SafeText text={queue.NextHopDomain} /></Link>
            <Status status={queue.Status} />
            <Text>{t('messages', { n: queue.MessageCount })}</Text>
            {can('Retry-Queue') && <Button size="small" disabledFocusable={busy || queue.Status !== 'Retry'} onClick={() => act(t('retried'), [{ cmdlet: 'Retry-Queue', parameters: { Identity: queue.Identity } }])}>{t('retry')}</Button>}
          </div>
          {queue.LastError && <Text size={200} font="monospace" className={styles.error}><SafeText text={queue.LastError} /></Text>}
        </Card>
      ))}
    </>
  );
}
