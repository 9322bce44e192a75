// The tabs of a mailbox that are forms: general, addresses, mail flow settings.
import { useMemo } from 'react';
import { z } from '@kit/forms/zod';
import { EditForm } from '@kit/forms/EditForm';
import { ChoiceField, Pair, PeopleField, Section, SelectField, SwitchField, TextField, type Choice } from '@kit/forms/fields';
import { countField, sizeField } from '@kit/forms/sizes';
import { PEOPLE, GROUPS } from '@kit/people/DirectoryPicker';
import { AddressesField } from '../shared/AddressesField';
import { nameField, restrictionFields, sizeFields } from '../shared/fields';
import { RestrictionsSection, SizesPair } from '../shared/sections';
import type { Mailbox } from '../shared/shapes';
import { words } from '../shared/text';
import { READS } from './data';
import { flowParameters, flowValues, forwardGiven, type Flow } from './flow';
import { ForwardNote, RecipientForwardNote } from './ForwardNote';
import { t } from './text';

type Kind = 'Regular' | 'Shared' | 'Room' | 'Equipment';
const KIND_OF: Record<string, Kind> = { UserMailbox: 'Regular', SharedMailbox: 'Shared', RoomMailbox: 'Room', EquipmentMailbox: 'Equipment' };

export function GeneralTab({ mailbox }: { mailbox: Mailbox }) {
  const schema = useMemo(() => z.object({
    DisplayName: z.string().trim().min(1, words('nameNeeded')), Alias: z.string().trim().min(1, words('nameNeeded')).max(64, words('nameLong')), Name: nameField(), UserPrincipalName: z.string(), AccountDisabled: z.boolean(),
    HiddenFromAddressListsEnabled: z.boolean(), MailTip: z.string().max(175, words('mailTipHint')), Type: z.string(), MessageCopyForSentAsEnabled: z.boolean(), MessageCopyForSendOnBehalfEnabled: z.boolean(),
  }), []);
  const kind = KIND_OF[mailbox.RecipientTypeDetails] ?? '';
  const values = useMemo<z.input<typeof schema>>(() => ({
    DisplayName: mailbox.DisplayName, Alias: mailbox.Alias, Name: mailbox.Name, UserPrincipalName: mailbox.UserPrincipalName, AccountDisabled: mailbox.AccountDisabled, HiddenFromAddressListsEnabled: mailbox.HiddenFromAddressListsEnabled,
    MailTip: mailbox.MailTip ?? '', Type: kind, MessageCopyForSentAsEnabled: mailbox.MessageCopyForSentAsEnabled, MessageCopyForSendOnBehalfEnabled: mailbox.MessageCopyForSendOnBehalfEnabled,
  }), [mailbox, kind]);
  const kinds: Choice[] = [{ value: 'Regular', label: t('typeUser') }, { value: 'Shared', label: t('typeShared') }];
  if (kind !== 'Regular' && kind !== 'Shared') kinds.unshift({ value: kind, label: t('typeOther') });
  return (
    <EditForm cmdlet="Set-Mailbox" identity={mailbox.Guid} values={values} schema={schema} refreshes={READS}>
      {(control) => (
        <>
          <TextField control={control} name="DisplayName" label={words('displayName')} required />
          <Pair>
            <TextField control={control} name="Name" label={words('name')} required />
            <TextField control={control} name="Alias" label={words('alias')} required />
          </Pair>
          <Pair>
            <SelectField control={control} name="Type" label={t('type')} choices={kinds} />
            <TextField control={control} name="UserPrincipalName" label={t('signIn')} hint={t('signInHint')} />
          </Pair>
          <SwitchField control={control} name="AccountDisabled" label={t('block')} hint={t('blockHint')} />
          <SwitchField control={control} name="HiddenFromAddressListsEnabled" label={words('hidden')} hint={words('hiddenHint')} />
          <TextField control={control} name="MailTip" label={words('mailTip')} hint={words('mailTipHint')} long />
          <Section title={t('copies')}>
            <SwitchField control={control} name="MessageCopyForSentAsEnabled" label={t('copySentAs')} />
            <SwitchField control={control} name="MessageCopyForSendOnBehalfEnabled" label={t('copyBehalf')} />
          </Section>
        </>
      )}
    </EditForm>
  );
}

export function AddressesTab({ mailbox }: { mailbox: Mailbox }) {
  const schema = useMemo(() => z.object({ EmailAddresses: z.array(z.string()) }), []);
  const values = useMemo(() => ({ EmailAddresses: mailbox.EmailAddresses }), [mailbox]);
  return (
    <EditForm cmdlet="Set-Mailbox" identity={mailbox.Guid} values={values} schema={schema} refreshes={READS}>
      {(control) => <AddressesField control={control} name="EmailAddresses" />}
    </EditForm>
  );
}

export function FlowTab({ mailbox }: { mailbox: Mailbox }) {
  const schema = useMemo(() => z.object({
    forward: z.enum(['none', 'inside', 'outside']), ForwardingAddress: z.array(z.string()), ForwardingSmtpAddress: z.string(), DeliverToMailboxAndForward: z.boolean(), RecipientLimits: countField(),
    UseDatabaseQuotaDefaults: z.boolean(), IssueWarningQuota: sizeField(), ProhibitSendQuota: sizeField(), ProhibitSendReceiveQuota: sizeField(), ...sizeFields(), ...restrictionFields(),
  }).superRefine((flow, context) => {
    const field = forwardGiven(flow);
    if (field) context.addIssue({ code: 'custom', path: [field], message: t('forwardNeeded') });
  }), []);
  const values = useMemo(() => flowValues(mailbox), [mailbox]);
  return (
    <EditForm<Flow> cmdlet="Set-Mailbox" identity={mailbox.Guid} values={values} schema={schema} refreshes={READS} parameters={flowParameters}>
      {(control, now) => (
        <>
          <Section title={t('forwarding')} lead={t('forwardingLead')}>
            <ChoiceField control={control} name="forward" label={t('forwards')} choices={[{ value: 'none', label: t('forwardNone') }, { value: 'inside', label: t('forwardInside') }, { value: 'outside', label: t('forwardOutside') }]} />
            {now.forward === 'inside' && <PeopleField control={control} name="ForwardingAddress" label={t('forwardTo')} kinds={[...PEOPLE, ...GROUPS]} single required />}
            {now.forward === 'inside' && <RecipientForwardNote name={now.ForwardingAddress[0] ?? ''} keeps={now.DeliverToMailboxAndForward} />}
            {now.forward === 'outside' && <TextField control={control} name="ForwardingSmtpAddress" label={t('forwardTo')} type="email" required />}
            {now.forward === 'outside' && <ForwardNote address={now.ForwardingSmtpAddress} keeps={now.DeliverToMailboxAndForward} />}
            {now.forward !== 'none' && <SwitchField control={control} name="DeliverToMailboxAndForward" label={t('keepCopy')} />}
          </Section>
          <Section title={words('limits')}>
            <SizesPair control={control} />
            <Pair><TextField control={control} name="RecipientLimits" label={t('recipients')} hint={t('recipientsHint')} /></Pair>
          </Section>
          <Section title={t('quotas')}>
            <SwitchField control={control} name="UseDatabaseQuotaDefaults" label={t('quotaDefault')} />
            {!now.UseDatabaseQuotaDefaults && (
              <Pair>
                <TextField control={control} name="IssueWarningQuota" label={t('warn')} />
                <TextField control={control} name="ProhibitSendQuota" label={t('noSend')} />
                <TextField control={control} name="ProhibitSendReceiveQuota" label={t('noReceive')} />
              </Pair>
            )}
          </Section>
          <RestrictionsSection control={control} />
        </>
      )}
    </EditForm>
  );
}
