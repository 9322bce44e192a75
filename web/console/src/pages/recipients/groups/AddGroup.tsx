// A new group, step by step: type, basics, owners, members, settings, review.
import { useState } from 'react';
import { z } from '@kit/forms/zod';
import type { Change } from '@kit/confirm/ConfirmDialog';
import type { Fact } from '@kit/drawer/Facts';
import { ChoiceField, PeopleField, SwitchField, TextField } from '@kit/forms/fields';
import { PEOPLE } from '@kit/people/DirectoryPicker';
import { Wizard, type Step, type StepProps } from '@kit/wizard/Wizard';
import { AddressField } from '../shared/AddressField';
import { addressField, nameField } from '../shared/fields';
import { words } from '../shared/text';
import { MEMBERS, READS } from './data';
import { t } from './text';

interface Values { Type: 'Distribution' | 'Security'; Name: string; PrimarySmtpAddress: string; Alias: string; ManagedBy: string[]; Members: string[]; RequireSenderAuthenticationEnabled: boolean; MemberJoinRestriction: string; MemberDepartRestriction: string }
const START: Values = { Type: 'Distribution', Name: '', PrimarySmtpAddress: '', Alias: '', ManagedBy: [], Members: [], RequireSenderAuthenticationEnabled: true, MemberJoinRestriction: 'Closed', MemberDepartRestriction: 'Open' };

const makeSchema = () => z.object({
  Type: z.enum(['Distribution', 'Security']), Name: nameField(), PrimarySmtpAddress: addressField(), Alias: z.string().max(64, words('nameLong')), ManagedBy: z.array(z.string()), Members: z.array(z.string()),
  RequireSenderAuthenticationEnabled: z.boolean(), MemberJoinRestriction: z.string(), MemberDepartRestriction: z.string(),
});

export const joinChoices = () => [{ value: 'Open', label: t('open') }, { value: 'ApprovalRequired', label: t('approval') }, { value: 'Closed', label: t('closed') }];
export const leaveChoices = () => [{ value: 'Open', label: t('open') }, { value: 'Closed', label: t('closed') }];

const TypeStep = ({ control }: StepProps<Values>) => (
  <ChoiceField control={control} name="Type" label={t('type')} choices={[{ value: 'Distribution', label: t('typeDistribution'), hint: t('typeDistributionHint') }, { value: 'Security', label: t('typeSecurity'), hint: t('typeSecurityHint') }]} />
);
const BasicsStep = ({ control }: StepProps<Values>) => (
  <>
    <TextField control={control} name="Name" label={words('displayName')} required />
    <AddressField control={control} name="PrimarySmtpAddress" label={words('address')} />
    <TextField control={control} name="Alias" label={words('alias')} />
  </>
);
const OwnersStep = ({ control }: StepProps<Values>) => <PeopleField control={control} name="ManagedBy" label={t('owners')} kinds={PEOPLE} hint={t('ownersEmpty')} />;
const MembersStep = ({ control }: StepProps<Values>) => <PeopleField control={control} name="Members" label={t('members')} kinds={MEMBERS} />;
const SettingsStep = ({ control }: StepProps<Values>) => (
  <>
    <SwitchField control={control} name="RequireSenderAuthenticationEnabled" label={words('insideOnly')} hint={t('insideHint')} />
    <ChoiceField control={control} name="MemberJoinRestriction" label={t('join')} choices={joinChoices()} />
    <ChoiceField control={control} name="MemberDepartRestriction" label={t('leave')} choices={leaveChoices()} />
  </>
);

const steps = (): Step<Values>[] => [
  { id: 'type', title: t('type'), lead: t('typeLead'), fields: ['Type'], Content: TypeStep },
  { id: 'basics', title: t('basics'), lead: t('basicsLead'), fields: ['Name', 'PrimarySmtpAddress', 'Alias'], Content: BasicsStep },
  { id: 'owners', title: t('owners'), lead: t('ownersLead'), fields: ['ManagedBy'], Content: OwnersStep },
  { id: 'members', title: t('members'), lead: t('membersLead'), fields: ['Members'], Content: MembersStep },
  { id: 'settings', title: t('settings'), lead: t('settingsLead'), fields: ['RequireSenderAuthenticationEnabled', 'MemberJoinRestriction', 'MemberDepartRestriction'], Content: SettingsStep },
];

const review = (v: Values): Fact[] => [
  [t('type'), v.Type === 'Security' ? t('typeSecurity') : t('typeDistribution')], [words('displayName'), v.Name], [words('address'), v.PrimarySmtpAddress], [words('alias'), v.Alias], [t('owners'), v.ManagedBy.join(', ') || t('ownersEmpty')],
  [t('members'), v.Members.join(', ') || words('nobody')], [t('writers'), v.RequireSenderAuthenticationEnabled ? t('inside') : t('anybody')], [t('join'), joinChoices().find((c) => c.value === v.MemberJoinRestriction)?.label],
  [t('leave'), leaveChoices().find((c) => c.value === v.MemberDepartRestriction)?.label],
];

const changes = (v: Values): Change[] => [{ cmdlet: 'New-DistributionGroup', parameters: { ...v, Name: v.Name.trim(), Type: v.Type === 'Security' ? 'Security' : undefined } }];

export function AddGroup({ onClose, onDone }: { onClose: () => void; onDone: (said: string) => void }) {
  const [schema] = useState(makeSchema);
  return <Wizard title={t('add')} finish={t('finish')} start={START} schema={schema} steps={steps} review={review} changes={changes} refreshes={READS} onClose={onClose} onDone={(v) => onDone(t('made', { name: v.Name }))} />;
}
