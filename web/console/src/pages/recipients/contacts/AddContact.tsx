// A new contact or mail user, step by step.
import { useState } from 'react';
import { useWatch } from 'react-hook-form';
import { z } from '@kit/forms/zod';
import type { Change } from '@kit/confirm/ConfirmDialog';
import type { Fact } from '@kit/drawer/Facts';
import { ChoiceField, Pair, TextField } from '@kit/forms/fields';
import { Wizard, type Step, type StepProps } from '@kit/wizard/Wizard';
import { addressField, nameField } from '../shared/fields';
import { PASSWORD_MIN } from '../shared/password';
import { words } from '../shared/text';
import { READS } from './data';
import { t } from './text';

interface Values { Kind: 'contact' | 'user'; Name: string; ExternalEmailAddress: string; Alias: string; FirstName: string; LastName: string; Password: string }
const START: Values = { Kind: 'contact', Name: '', ExternalEmailAddress: '', Alias: '', FirstName: '', LastName: '', Password: '' };

const makeSchema = () =>
  z.object({ Kind: z.enum(['contact', 'user']), Name: nameField(), ExternalEmailAddress: addressField(), Alias: z.string().max(64, words('nameLong')), FirstName: z.string(), LastName: z.string(), Password: z.string() }).superRefine((v, context) => {
    if (v.Kind === 'user' && v.Password.length < PASSWORD_MIN) context.addIssue({ code: 'custom', path: ['Password'], message: words('passwordShort', { n: PASSWORD_MIN }) });
  });

const KindStep = ({ control }: StepProps<Values>) => (
  <ChoiceField control={control} name="Kind" label={t('kind')} choices={[{ value: 'contact', label: t('contact'), hint: t('contactHint') }, { value: 'user', label: t('user'), hint: t('userHint') }]} />
);

function BasicsStep({ control }: StepProps<Values>) {
  const kind = useWatch({ control, name: 'Kind' });
  return (
    <>
      <TextField control={control} name="Name" label={words('displayName')} required />
      <TextField control={control} name="ExternalEmailAddress" label={t('external')} hint={t('externalHint')} type="email" required />
      <Pair>
        <TextField control={control} name="FirstName" label={words('firstName')} />
        <TextField control={control} name="LastName" label={words('lastName')} />
      </Pair>
      <TextField control={control} name="Alias" label={words('alias')} />
      {kind === 'user' && <TextField control={control} name="Password" label={t('password')} hint={t('passwordHint', { n: PASSWORD_MIN })} type="password" autoComplete="new-password" required />}
    </>
  );
}

const steps = (): Step<Values>[] => [
  { id: 'kind', title: t('kind'), lead: t('kindLead'), fields: ['Kind'], Content: KindStep },
  { id: 'basics', title: t('basics'), lead: t('basicsLead'), fields: ['Name', 'ExternalEmailAddress', 'Alias', 'FirstName', 'LastName', 'Password'], Content: BasicsStep },
];
const review = (v: Values): Fact[] => [[t('kind'), t(v.Kind)], [words('displayName'), v.Name], [t('external'), v.ExternalEmailAddress], [words('firstName'), v.FirstName], [words('lastName'), v.LastName], [words('alias'), v.Alias]];

function changes({ Kind, Password, ...given }: Values): Change[] {
  const parameters = { ...given, Name: given.Name.trim(), ExternalEmailAddress: given.ExternalEmailAddress.trim() };
  return [Kind === 'user' ? { cmdlet: 'New-MailUser', parameters: { ...parameters, Password } } : { cmdlet: 'New-MailContact', parameters }];
}

export function AddContact({ onClose, onDone }: { onClose: () => void; onDone: (said: string) => void }) {
  const [schema] = useState(makeSchema);
  return <Wizard title={t('add')} finish={t('finish')} start={START} schema={schema} steps={steps} review={review} changes={changes} refreshes={READS} onClose={onClose} onDone={(v) => onDone(t('made', { name: v.Name }))} />;
}
