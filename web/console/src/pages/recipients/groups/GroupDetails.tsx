// One group: general, members, settings.
import { useMemo } from 'react';
import { Avatar, makeStyles } from '@fluentui/react-components';
import { useCmdlet } from '@api/cmdlet';
import { useCan } from '@api/session';
import { z } from '@kit/forms/zod';
import { DetailsDrawer } from '@kit/drawer/DetailsDrawer';
import { EditForm } from '@kit/forms/EditForm';
import { ChoiceField, Pair, PeopleField, Section, SwitchField, TextField } from '@kit/forms/fields';
import { useUrl } from '@kit/grid/useUrl';
import { ErrorBar } from '@kit/page/ErrorBar';
import { Loading } from '@kit/page/Loading';
import { PEOPLE } from '@kit/people/DirectoryPicker';
import { SafeText } from '@kit/safe/SafeText';
import { visible } from '@kit/safe/visible';
import { AddressesField } from '../shared/AddressesField';
import { nameField, restrictionFields, restrictionsOf, sizeFields, sizesOf } from '../shared/fields';
import { RestrictionsSection, SizesPair } from '../shared/sections';
import type { Group } from '../shared/shapes';
import { kindWord, words } from '../shared/text';
import { TraceLinks } from '../shared/TraceLinks';
import { joinChoices, leaveChoices } from './AddGroup';
import { READS } from './data';
import { Members } from './Members';
import { t } from './text';

const useStyles = makeStyles({ title: { display: 'flex', gap: '12px', alignItems: 'center' } });

export function GroupDetails({ guid, onClose }: { guid: string | null; onClose: () => void }) {
  const styles = useStyles();
  const can = useCan();
  const [tab, setTab] = useUrl('tab');
  const answer = useCmdlet<'Get-DistributionGroup', Group>('Get-DistributionGroup', { Identity: guid ?? '' }, { enabled: guid !== null });
  const group = answer.data?.rows.find((g) => g.Guid === guid);
  if (!guid) return <DetailsDrawer open={false} title="" name="" onClose={onClose} />;
  if (!group) return <DetailsDrawer open title={words('gone')} name={words('gone')} onClose={onClose}>{answer.error ? <ErrorBar title={words('gone')} error={answer.error} /> : <Loading />}</DetailsDrawer>;
  return (
    <DetailsDrawer
      open onClose={onClose} tab={tab} onTab={(next) => setTab(next)} name={visible(group.DisplayName)}
      title={<span className={styles.title}><Avatar aria-hidden name={visible(group.DisplayName)} size={40} shape="square" color="colorful" /><SafeText text={group.DisplayName} /></span>}
      subtitle={<>{kindWord(group.RecipientTypeDetails)} · <SafeText text={group.PrimarySmtpAddress} /></>}
      top={can('Get-MessageTrace') && <TraceLinks address={group.PrimarySmtpAddress} />}
      tabs={[
        { id: 'general', title: t('general'), content: <General group={group} /> },
        { id: 'members', title: t('membersTab'), content: <Members group={group} /> },
        { id: 'settings', title: t('settings'), content: <Settings group={group} /> },
      ]}
    />
  );
}

function General({ group }: { group: Group }) {
  const schema = useMemo(() => z.object({
    DisplayName: nameField(), Name: nameField(), Alias: nameField(), EmailAddresses: z.array(z.string()), ManagedBy: z.array(z.string()).min(1, t('ownerNeeded')), HiddenFromAddressListsEnabled: z.boolean(), MailTip: z.string().max(175, words('mailTipHint')),
  }), []);
  const values = useMemo(() => ({
    DisplayName: group.DisplayName, Name: group.Name, Alias: group.Alias, EmailAddresses: group.EmailAddresses, ManagedBy: group.ManagedBy, HiddenFromAddressListsEnabled: group.HiddenFromAddressListsEnabled, MailTip: group.MailTip ?? '',
  }), [group]);
  return (
    <EditForm cmdlet="Set-DistributionGroup" identity={group.Guid} values={values} schema={schema} refreshes={READS}>
      {(control) => (
        <>
          <TextField control={control} name="DisplayName" label={words('displayName')} required />
          <Pair>
            <TextField control={control} name="Name" label={words('name')} required />
            <TextField control={control} name="Alias" label={words('alias')} required />
          </Pair>
          <PeopleField control={control} name="ManagedBy" label={t('owners')} hint={t('ownersHint')} kinds={PEOPLE} required />
          <Section title={words('addresses')}><AddressesField control={control} name="EmailAddresses" /></Section>
          <SwitchField control={control} name="HiddenFromAddressListsEnabled" label={words('hidden')} hint={words('hiddenHint')} />
          <TextField control={control} name="MailTip" label={words('mailTip')} hint={words('mailTipHint')} long />
        </>
      )}
    </EditForm>
  );
}

function Settings({ group }: { group: Group }) {
  const schema = useMemo(() => z.object({
    ...restrictionFields(), ...sizeFields(), MemberJoinRestriction: z.string(), MemberDepartRestriction: z.string(), ReportToOriginatorEnabled: z.boolean(), ReportToManagerEnabled: z.boolean(), SendOofMessageToOriginatorEnabled: z.boolean(),
    BccBlocked: z.boolean(),
  }), []);
  const values = useMemo(() => ({
    ...restrictionsOf(group), ...sizesOf(group), MemberJoinRestriction: group.MemberJoinRestriction, MemberDepartRestriction: group.MemberDepartRestriction, ReportToOriginatorEnabled: group.ReportToOriginatorEnabled,
    ReportToManagerEnabled: group.ReportToManagerEnabled, SendOofMessageToOriginatorEnabled: group.SendOofMessageToOriginatorEnabled, BccBlocked: group.BccBlocked,
  }), [group]);
  return (
    <EditForm cmdlet="Set-DistributionGroup" identity={group.Guid} values={values} schema={schema} refreshes={READS}>
      {(control) => (
        <>
          <RestrictionsSection control={control} />
          <Section title={words('limits')}><SizesPair control={control} /></Section>
          <Pair>
            <ChoiceField control={control} name="MemberJoinRestriction" label={t('join')} choices={joinChoices()} />
            <ChoiceField control={control} name="MemberDepartRestriction" label={t('leave')} choices={leaveChoices()} />
          </Pair>
          <Section title={t('reports')}>
            <SwitchField control={control} name="ReportToOriginatorEnabled" label={t('toSender')} />
            <SwitchField control={control} name="ReportToManagerEnabled" label={t('toManager')} />
            <SwitchField control={control} name="SendOofMessageToOriginatorEnabled" label={t('oof')} />
            <SwitchField control={control} name="BccBlocked" label={t('bcc')} />
          </Section>
        </>
      )}
    </EditForm>
  );
}
