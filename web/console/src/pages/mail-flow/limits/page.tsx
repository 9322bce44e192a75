// Mail flow › Limits: the four scopes side by side, and which of them stops a message.
import { useState } from 'react';
import { makeStyles, Text, tokens } from '@fluentui/react-components';
import { useCmdlet } from '@api/cmdlet';
import { useCan } from '@api/session';
import { useTold } from '@kit/command/useTold';
import { DetailsDrawer } from '@kit/drawer/DetailsDrawer';
import { shortSize } from '@kit/forms/sizeText';
import { useUrl } from '@kit/grid/useUrl';
import type { Action } from '@kit/page/CommandBar';
import { ErrorBar } from '@kit/page/ErrorBar';
import { Page } from '@kit/page/Page';
import { RefreshNote } from '@kit/page/RefreshNote';
import { SafeText } from '@kit/safe/SafeText';
import { RouteCheck } from '../shared/RouteCheck';
import { AddException } from './AddException';
import { MailboxForm, OrganizationForm, ReceiveForm, SendForm, ServerForm } from './LimitsForms';
import { Items, Scope, Values, type Item } from './Scope';
import type { ConnectorLimits, MailboxLimits, Organization, Server } from './shapes';
import { t } from './text';
import { useExceptions } from './useExceptions';

const CHECKED_SIZE = '20 MB';

const useStyles = makeStyles({
  scopes: { display: 'grid', gap: '16px', gridTemplateColumns: 'repeat(auto-fit, minmax(min(270px, 100%), 1fr))', alignItems: 'start' },
  wins: { display: 'flex', flexDirection: 'column', gap: '8px', marginTop: '12px' },
  title: { margin: 0, fontSize: tokens.fontSizeBase500, lineHeight: tokens.lineHeightBase500, fontWeight: tokens.fontWeightSemibold },
  lead: { color: tokens.colorNeutralForeground3, maxWidth: '90ch' },
});

function useLimits() {
  const can = useCan();
  const organization = useCmdlet<'Get-TransportConfig', Organization>('Get-TransportConfig');
  const server = useCmdlet<'Get-TransportService', Server>('Get-TransportService');
  const send = useCmdlet<'Get-SendConnector', ConnectorLimits>('Get-SendConnector', {}, { enabled: can('Get-SendConnector') });
  const receive = useCmdlet<'Get-ReceiveConnector', ConnectorLimits>('Get-ReceiveConnector', {}, { enabled: can('Get-ReceiveConnector') });
  const exceptions = useExceptions();
  return { organization, server, send, receive, exceptions };
}

const ofMailbox = (m: MailboxLimits): string =>
  [[t('out'), m.MaxSendSize], [t('in'), m.MaxReceiveSize], [t('recipients'), String(m.RecipientLimits)]].filter(([, limit]) => limit !== 'Unlimited').map(([name, limit]) => `${name} ${shortSize(limit)}`).join(', ');

export default function Limits() {
  const styles = useStyles();
  const can = useCan();
  const [open, setOpen] = useUrl('open');
  const [adding, setAdding] = useState(false);
  const { told, tell } = useTold();
  const { organization, server, send, receive, exceptions } = useLimits();
  const all = [organization, server, send, receive, ...exceptions.reads];
  const org = organization.data?.rows[0];
  const own = server.data?.rows[0];
  const connectors: Item[] = [
    ...(receive.data?.rows ?? []).map((c) => ({ id: c.Guid, name: c.Name, note: `${t('in')}, ${shortSize(c.MaxMessageSize)}`, open: () => setOpen(c.Guid, true) })),
    ...(send.data?.rows ?? []).map((c) => ({ id: c.Guid, name: c.Name, note: `${t('out')}, ${shortSize(c.MaxMessageSize)}`, open: () => setOpen(c.Guid, true) })),
  ];
  const actions: Action[] = [
    ...(can('Get-Mailbox') ? [{ id: 'add', label: t('addException'), icon: 'add' as const, needs: 'Set-Mailbox' as const, run: () => setAdding(true) }] : []),
    { id: 'refresh', label: t('refresh'), icon: 'refresh', run: () => all.forEach((one) => void one.refetch()) },
  ];
  return (
    <Page title={t('title')} lead={t('lead')} actions={actions} command={{ cmdlet: 'Get-TransportConfig' }}>
      <ErrorBar title={t('failed')} error={all.find((one) => one.error)?.error} onRetry={() => all.forEach((one) => void one.refetch())} />
      {told}
      <RefreshNote at={organization.dataUpdatedAt} />
      <div className={styles.scopes}>
        <Scope title={t('organization')} lead={t('organizationLead')} onEdit={can('Set-TransportConfig') ? () => setOpen('organization', true) : undefined}>
          <Values values={[[t('maxSend'), shortSize(org?.MaxSendSize)], [t('maxReceive'), shortSize(org?.MaxReceiveSize)], [t('recipients'), org?.MaxRecipientEnvelopeLimit]]} />
        </Scope>
        <Scope title={t('server')} lead={t('serverLead')} onEdit={can('Set-TransportService') ? () => setOpen('server', true) : undefined}>
          <Values values={[[t('expire'), own?.MessageExpirationTimeout], [t('delay'), own?.DelayNotificationTimeout], [t('outbound'), own?.MaxOutboundConnections], [t('perDomain'), own?.MaxPerDomainOutboundConnections], [t('rate'), own?.MaxConnectionRatePerMinute], [t('pickup'), own?.PickupDirectoryMaxRecipientsPerMessage]]} />
        </Scope>
        {can('Get-SendConnector') && <Scope title={t('connectors')} lead={t('connectorsLead')}><Items label={t('connectors')} items={connectors} empty={t('noConnectors')} /></Scope>}
        {can('Get-Mailbox') && (
          <Scope title={t('mailboxes')} lead={t('mailboxesLead')}>
            <Items label={t('mailboxes')} items={exceptions.rows.map((m) => ({ id: m.Guid, name: m.DisplayName, note: ofMailbox(m), open: () => setOpen(m.Guid, true) }))} empty={t('noExceptions')} />
            <Text size={200}>{t('exceptions', { n: exceptions.rows.length })}</Text>
          </Scope>
        )}
      </div>
      {can('Test-MessageRoute') && (
        <section className={styles.wins} aria-labelledby="wins">
          <h2 id="wins" className={styles.title}>{t('wins')}</h2>
          <Text className={styles.lead}>{t('winsLead')}</Text>
          <RouteCheck size={CHECKED_SIZE} />
        </section>
      )}
      <Editor open={open} organization={org} server={own} send={send.data?.rows} receive={receive.data?.rows} mailboxes={exceptions.rows} onClose={() => setOpen(null)} />
      {adding && <AddException onClose={() => setAdding(false)} onDone={(said) => { setAdding(false); tell(said); }} />}
    </Page>
  );
}

interface EditorProps { open: string | null; organization?: Organization; server?: Server; send?: ConnectorLimits[]; receive?: ConnectorLimits[]; mailboxes?: MailboxLimits[]; onClose: () => void }

/** The drawer of what stands in the address: one of the two scopes, a connector or a mailbox. */
function Editor({ open, organization, server, send, receive, mailboxes, onClose }: EditorProps) {
  const out = send?.find((c) => c.Guid === open);
  const into = receive?.find((c) => c.Guid === open);
  const mailbox = mailboxes?.find((m) => m.Guid === open);
  const shown = open === 'organization' && organization ? { title: t('organization'), form: <OrganizationForm organization={organization} /> }
    : open === 'server' && server ? { title: t('server'), form: <ServerForm server={server} /> }
    : out ? { title: out.Name, form: <SendForm connector={out} /> }
    : into ? { title: into.Name, form: <ReceiveForm connector={into} /> }
    : mailbox ? { title: mailbox.DisplayName, form: <MailboxForm mailbox={mailbox} /> }
    : null;
  return <DetailsDrawer open={shown !== null} title={<SafeText text={shown?.title ?? ''} />} name={shown?.title ?? ''} subtitle={mailbox?.PrimarySmtpAddress} onClose={onClose} width="min(600px, 100vw)">{shown?.form}</DetailsDrawer>;
}
