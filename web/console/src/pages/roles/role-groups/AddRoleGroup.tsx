// A new role group, step by step: basics, roles, domains, members.
import { useState } from 'react';
import { z } from '@kit/forms/zod';
import type { Fact } from '@kit/drawer/Facts';
import { ChecksField, PeopleField, TextField } from '@kit/forms/fields';
import { Wizard, type Step, type StepProps } from '@kit/wizard/Wizard';
import { useDomainChoices, useRoleChoices } from './choices';
import { READS } from './page';
import { t } from './text';

interface Values { Name: string; Description: string; Roles: string[]; RecipientDomainScope: string[]; Members: string[] }
const START: Values = { Name: '', Description: '', Roles: [], RecipientDomainScope: [], Members: [] };
const makeSchema = () => z.object({
  Name: z.string().trim().min(1, t('nameNeeded')).max(64, t('nameLong')), Description: z.string(), Roles: z.array(z.string()).min(1, t('roleNeeded')), RecipientDomainScope: z.array(z.string()), Members: z.array(z.string()),
});

const BasicsStep = ({ control }: StepProps<Values>) => (
  <>
    <TextField control={control} name="Name" label={t('name')} required />
    <TextField control={control} name="Description" label={t('description')} long />
  </>
);
const RolesStep = ({ control }: StepProps<Values>) => <ChecksField control={control} name="Roles" label={t('roles')} choices={useRoleChoices()} required />;
const ScopeStep = ({ control }: StepProps<Values>) => <ChecksField control={control} name="RecipientDomainScope" label={t('scope')} choices={useDomainChoices([])} />;
const MembersStep = ({ control }: StepProps<Values>) => <PeopleField control={control} name="Members" label={t('members')} kinds={['UserMailbox', 'MailUser']} />;

const steps = (): Step<Values>[] => [
  { id: 'basics', title: t('basics'), lead: t('basicsLead'), fields: ['Name', 'Description'], Content: BasicsStep },
  { id: 'roles', title: t('roles'), lead: t('rolesLead'), fields: ['Roles'], Content: RolesStep },
  { id: 'scope', title: t('scope'), lead: t('scopeLead'), fields: ['RecipientDomainScope'], Content: ScopeStep },
  { id: 'members', title: t('members'), lead: t('membersLead'), fields: ['Members'], Content: MembersStep },
];
const review = (v: Values): Fact[] => [[t('name'), v.Name], [t('description'), v.Description], [t('roles'), v.Roles.join(', ')], [t('scope'), v.RecipientDomainScope.join(', ') || t('everywhere')], [t('members'), v.Members.join(', ') || t('nobody')]];

export function AddRoleGroup({ onClose, onDone }: { onClose: () => void; onDone: (said: string) => void }) {
  const [schema] = useState(makeSchema);
  return (
    <Wizard
      title={t('add')} finish={t('finish')} start={START} schema={schema} steps={steps} review={review} changes={(v) => [{ cmdlet: 'New-RoleGroup', parameters: { ...v, Name: v.Name.trim() } }]} refreshes={READS} onClose={onClose}
      onDone={(v) => onDone(t('made', { name: v.Name }))}
    />
  );
}
