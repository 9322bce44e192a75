// A new user without a mailbox: the account, then what they may do.
import { useState } from 'react';
import { Text } from '@fluentui/react-components';
import { useCmdlet } from '@api/cmdlet';
import { useCan } from '@api/session';
import type { Change } from '@kit/confirm/ConfirmDialog';
import type { Fact } from '@kit/drawer/Facts';
import { ChecksField, TextField } from '@kit/forms/fields';
import { z } from '@kit/forms/zod';
import { Wizard, type Step, type StepProps } from '@kit/wizard/Wizard';
import { PASSWORD_MIN } from '../shared/password';
import { words } from '../shared/text';
import { READS, type RoleGroup } from './data';
import { t } from './text';

interface Values { Name: string; Password: string; Groups: string[] }
const START: Values = { Name: '', Password: '', Groups: [] };

export const userName = () => z.string().trim().min(1, t('nameNeeded')).max(64, t('nameLong'));
const makeSchema = () => z.object({ Name: userName(), Password: z.string().min(PASSWORD_MIN, words('passwordShort', { n: PASSWORD_MIN })), Groups: z.array(z.string()) });

const AccountStep = ({ control }: StepProps<Values>) => (
  <>
    <TextField control={control} name="Name" label={t('name')} hint={t('nameHint')} required />
    <TextField control={control} name="Password" label={t('password')} hint={t('passwordHint', { n: PASSWORD_MIN })} type="password" autoComplete="new-password" required />
  </>
);

function RightsStep({ control }: StepProps<Values>) {
  const groups = useCmdlet<'Get-RoleGroup', RoleGroup>('Get-RoleGroup');
  if (!groups.data) return <Text>{t('none')}</Text>;
  return <ChecksField control={control} name="Groups" label={t('groups')} choices={groups.data.rows.map((g) => ({ value: g.Name, label: g.Name, hint: g.Description ?? undefined }))} />;
}

const review = (v: Values): Fact[] => [[t('name'), v.Name], [t('groups'), v.Groups.join(', ') || t('none')]];
const changes = ({ Name, Password, Groups }: Values): Change[] => [
  { cmdlet: 'New-User', parameters: { Name: Name.trim(), Password } },
  ...Groups.map((group) => ({ cmdlet: 'Add-RoleGroupMember' as const, parameters: { Identity: group, Member: Name.trim() } })),
];

export function AddUser({ onClose, onDone }: { onClose: () => void; onDone: (said: string) => void }) {
  const [schema] = useState(makeSchema);
  const can = useCan();
  const steps = (): Step<Values>[] => [
    { id: 'account', title: t('account'), lead: t('accountLead'), fields: ['Name', 'Password'], Content: AccountStep },
    ...(can('Get-RoleGroup') && can('Add-RoleGroupMember') ? [{ id: 'rights', title: t('rights'), lead: t('rightsLead'), fields: ['Groups' as const], Content: RightsStep }] : []),
  ];
  return <Wizard title={t('add')} finish={t('finish')} start={START} schema={schema} steps={steps} review={review} changes={changes} refreshes={READS} onClose={onClose} onDone={(v) => onDone(t(v.Groups.length > 0 ? 'madeIn' : 'made', { name: v.Name.trim() }))} />;
}
