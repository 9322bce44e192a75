// One contact or mail user: general, addresses, mail flow settings.
import { useMemo } from 'react';
import { Avatar, makeStyles } from '@fluentui/react-components';
import { useCmdlet } from '@api/cmdlet';
import { useCan } from '@api/session';
import { DetailsDrawer } from '@kit/drawer/DetailsDrawer';
import { EditForm } from '@kit/forms/EditForm';
import { Pair, Section, SwitchField, TextField } from '@kit/forms/fields';
import { z } from '@kit/forms/zod';
import { useUrl } from '@kit/grid/useUrl';
import { ErrorBar } from '@kit/page/ErrorBar';
import { Loading } from '@kit/page/Loading';
import { SafeText } from '@kit/safe/SafeText';
import { visible } from '@kit/safe/visible';
import { AddressesField } from '../shared/AddressesField';
import { addressField, nameField, restrictionFields, restrictionsOf, sizeFields, sizesOf } from '../shared/fields';
import { RestrictionsSection, SizesPair } from '../shared/sections';
import type { Contact } from '../shared/shapes';
import { kindWord, words } from '../shared/text';
import { TraceLinks } from '../shared/TraceLinks';
import { isUser, outside, READS } from './data';
import { t } from './text';

const useStyles = makeStyles({ title: { display: 'flex', gap: '12px', alignItems: 'center' } });

/** `known` is the row of the list; an address opened from elsewhere finds its own. */
export function ContactDetails({ guid, known, onClose }: { guid: string | null; known?: Contact; onClose: () => void }) {
  const styles = useStyles();
  const can = useCan();
  const [tab, setTab] = useUrl('tab');
  const kind = useCmdlet<'Get-Recipient', Contact>('Get-Recipient', { Identity: guid ?? '' }, { enabled: guid !== null && !known });
  const type = known ?? kind.data?.rows[0];
  const contactAnswer = useCmdlet<'Get-MailContact', Contact>('Get-MailContact', { Identity: guid ?? '' }, { enabled: guid !== null && type !== undefined && !isUser(type) });
  const userAnswer = useCmdlet<'Get-MailUser', Contact>('Get-MailUser', { Identity: guid ?? '' }, { enabled: guid !== null && type !== undefined && isUser(type) });
  const contact = [...(contactAnswer.data?.rows ?? []), ...(userAnswer.data?.rows ?? [])].find((c) => c.Guid === guid);
  const error = kind.error ?? contactAnswer.error ?? userAnswer.error;
  if (!guid) return <DetailsDrawer open={false} title="" name="" onClose={onClose} />;
  if (!contact) return <DetailsDrawer open title={words('gone')} name={words('gone')} onClose={onClose}>{error ? <ErrorBar title={words('gone')} error={error} /> : <Loading />}</DetailsDrawer>;
  return (
    <DetailsDrawer
      open onClose={onClose} tab={tab} onTab={(next) => setTab(next)} name={visible(contact.DisplayName)}
      title={<span className={styles.title}><Avatar aria-hidden name={visible(contact.DisplayName)} size={40} color="colorful" /><SafeText text={contact.DisplayName} /></span>}
      subtitle={<>{kindWord(contact.RecipientTypeDetails)} · <SafeText text={outside(contact)} /></>}
      top={can('Get-MessageTrace') && <TraceLinks address={contact.PrimarySmtpAddress} />}
      tabs={[
        { id: 'general', title: t('general'), content: <General contact={contact} /> },
        { id: 'addresses', title: t('addresses'), content: <Addresses contact={contact} /> },
        { id: 'flow', title: t('flow'), content: <Flow contact={contact} /> },
      ]}
    />
  );
}

const setter = (contact: Contact) => (isUser(contact) ? ('Set-MailUser' as const) : ('Set-MailContact' as const));

function General({ contact }: { contact: Contact }) {
  const schema = useMemo(() => z.object({ DisplayName: nameField(), Name: nameField(), Alias: nameField(), ExternalEmailAddress: addressField(), HiddenFromAddressListsEnabled: z.boolean(), MailTip: z.string().max(175, words('mailTipHint')) }), []);
  const values = useMemo(() => ({ DisplayName: contact.DisplayName, Name: contact.Name, Alias: contact.Alias, ExternalEmailAddress: outside(contact), HiddenFromAddressListsEnabled: contact.HiddenFromAddressListsEnabled, MailTip: contact.MailTip ?? '' }), [contact]);
  return (
    <EditForm cmdlet={setter(contact)} identity={contact.Guid} values={values} schema={schema} refreshes={READS}>
      {(control) => (
        <>
          <TextField control={control} name="DisplayName" label={words('displayName')} required />
          <TextField control={control} name="ExternalEmailAddress" label={t('external')} hint={t('externalHint')} type="email" required />
          <Pair>
            <TextField control={control} name="Name" label={words('name')} required />
            <TextField control={control} name="Alias" label={words('alias')} required />
          </Pair>
          <SwitchField control={control} name="HiddenFromAddressListsEnabled" label={words('hidden')} hint={words('hiddenHint')} />
          <TextField control={control} name="MailTip" label={words('mailTip')} hint={words('mailTipHint')} long />
        </>
      )}
    </EditForm>
  );
}

function Addresses({ contact }: { contact: Contact }) {
  const schema = useMemo(() => z.object({ EmailAddresses: z.array(z.string()) }), []);
  const values = useMemo(() => ({ EmailAddresses: contact.EmailAddresses }), [contact]);
  return <EditForm cmdlet={setter(contact)} identity={contact.Guid} values={values} schema={schema} refreshes={READS}>{(control) => <AddressesField control={control} name="EmailAddresses" />}</EditForm>;
}

function Flow({ contact }: { contact: Contact }) {
  const schema = useMemo(() => z.object({ ...sizeFields(), ...restrictionFields() }), []);
  const values = useMemo(() => ({ ...sizesOf(contact), ...restrictionsOf(contact) }), [contact]);
  return (
    <EditForm cmdlet={setter(contact)} identity={contact.Guid} values={values} schema={schema} refreshes={READS}>
      {(control) => (
        <>
          <Section title={words('limits')}><SizesPair control={control} /></Section>
          <RestrictionsSection control={control} />
        </>
      )}
    </EditForm>
  );
}
