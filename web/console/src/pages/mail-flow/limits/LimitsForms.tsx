// The forms of the four scopes, each for the cmdlet that changes it.
import { useMemo } from 'react';
import type { CmdletName } from '@api/client';
import { EditForm } from '@kit/forms/EditForm';
import { Pair, TextField } from '@kit/forms/fields';
import { countField, sizeField } from '@kit/forms/sizes';
import { shortSize } from '@kit/forms/sizeText';
import { z } from '@kit/forms/zod';
import type { ConnectorLimits, MailboxLimits, Organization, Server } from './shapes';
import { t } from './text';

const spanField = () => z.string().regex(/^(\d+\.)?\d\d:\d\d:\d\d$/, t('spanBad'));

/** There is one organization: the cmdlet takes no name of it. */
export function OrganizationForm({ organization: o }: { organization: Organization }) {
  const schema = useMemo(() => z.object({ MaxSendSize: sizeField(), MaxReceiveSize: sizeField(), MaxRecipientEnvelopeLimit: countField() }), []);
  const values = useMemo(() => ({ MaxSendSize: shortSize(o.MaxSendSize), MaxReceiveSize: shortSize(o.MaxReceiveSize), MaxRecipientEnvelopeLimit: String(o.MaxRecipientEnvelopeLimit) }), [o]);
  return (
    <EditForm cmdlet="Set-TransportConfig" identity="" values={values} schema={schema} refreshes={['Get-TransportConfig']}>
      {(control) => (
        <>
          <Pair>
            <TextField control={control} name="MaxSendSize" label={t('maxSend')} hint={t('sizeHint')} />
            <TextField control={control} name="MaxReceiveSize" label={t('maxReceive')} />
          </Pair>
          <TextField control={control} name="MaxRecipientEnvelopeLimit" label={t('recipients')} hint={t('countHint')} />
        </>
      )}
    </EditForm>
  );
}

export function ServerForm({ server: s }: { server: Server }) {
  const schema = useMemo(() => z.object({
    MessageExpirationTimeout: spanField(), DelayNotificationTimeout: spanField(), MaxOutboundConnections: countField(), MaxPerDomainOutboundConnections: countField(), MaxConnectionRatePerMinute: countField(), PickupDirectoryMaxRecipientsPerMessage: countField(),
  }), []);
  const values = useMemo(() => ({
    MessageExpirationTimeout: s.MessageExpirationTimeout, DelayNotificationTimeout: s.DelayNotificationTimeout, MaxOutboundConnections: String(s.MaxOutboundConnections), MaxPerDomainOutboundConnections: String(s.MaxPerDomainOutboundConnections), MaxConnectionRatePerMinute: String(s.MaxConnectionRatePerMinute),
    PickupDirectoryMaxRecipientsPerMessage: String(s.PickupDirectoryMaxRecipientsPerMessage),
  }), [s]);
  return (
    <EditForm cmdlet="Set-TransportService" identity={s.Identity} values={values} schema={schema} refreshes={['Get-TransportService']}>
      {(control) => (
        <>
          <Pair>
            <TextField control={control} name="MessageExpirationTimeout" label={t('expire')} hint={t('spanHint')} />
            <TextField control={control} name="DelayNotificationTimeout" label={t('delay')} />
          </Pair>
          <Pair>
            <TextField control={control} name="MaxOutboundConnections" label={t('outbound')} hint={t('countHint')} />
            <TextField control={control} name="MaxPerDomainOutboundConnections" label={t('perDomain')} />
          </Pair>
          <Pair>
            <TextField control={control} name="MaxConnectionRatePerMinute" label={t('rate')} />
            <TextField control={control} name="PickupDirectoryMaxRecipientsPerMessage" label={t('pickup')} />
          </Pair>
        </>
      )}
    </EditForm>
  );
}

export function SendForm({ connector: c }: { connector: ConnectorLimits }) {
  const schema = useMemo(() => z.object({ MaxMessageSize: sizeField() }), []);
  const values = useMemo(() => ({ MaxMessageSize: shortSize(c.MaxMessageSize) }), [c]);
  return (
    <EditForm cmdlet="Set-SendConnector" identity={c.Guid} values={values} schema={schema} refreshes={['Get-SendConnector']}>
      {(control) => <TextField control={control} name="MaxMessageSize" label={t('size')} hint={t('sizeHint')} />}
    </EditForm>
  );
}

export function ReceiveForm({ connector: c }: { connector: ConnectorLimits }) {
  const schema = useMemo(() => z.object({ MaxMessageSize: sizeField(), MaxRecipientsPerMessage: countField() }), []);
  const values = useMemo(() => ({ MaxMessageSize: shortSize(c.MaxMessageSize), MaxRecipientsPerMessage: String(c.MaxRecipientsPerMessage) }), [c]);
  return (
    <EditForm cmdlet="Set-ReceiveConnector" identity={c.Guid} values={values} schema={schema} refreshes={['Get-ReceiveConnector']}>
      {(control) => (
        <Pair>
          <TextField control={control} name="MaxMessageSize" label={t('size')} hint={t('sizeHint')} />
          <TextField control={control} name="MaxRecipientsPerMessage" label={t('recipients')} hint={t('countHint')} />
        </Pair>
      )}
    </EditForm>
  );
}

export const MAILBOX_READS: CmdletName[] = ['Get-Mailbox'];

export function MailboxForm({ mailbox: m }: { mailbox: MailboxLimits }) {
  const schema = useMemo(() => z.object({ MaxSendSize: sizeField(), MaxReceiveSize: sizeField(), RecipientLimits: countField() }), []);
  const values = useMemo(() => ({ MaxSendSize: shortSize(m.MaxSendSize), MaxReceiveSize: shortSize(m.MaxReceiveSize), RecipientLimits: String(m.RecipientLimits) }), [m]);
  return (
    <EditForm cmdlet="Set-Mailbox" identity={m.Guid} values={values} schema={schema} refreshes={MAILBOX_READS}>
      {(control) => (
        <>
          <Pair>
            <TextField control={control} name="MaxSendSize" label={t('maxSend')} hint={t('mailboxHint')} />
            <TextField control={control} name="MaxReceiveSize" label={t('maxReceive')} />
          </Pair>
          <TextField control={control} name="RecipientLimits" label={t('recipients')} />
        </>
      )}
    </EditForm>
  );
}
