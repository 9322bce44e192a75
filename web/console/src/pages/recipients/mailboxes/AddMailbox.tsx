// A new mailbox, step by step: its kind, who it is, who shares it.
import { useState } from 'react';
import { useWatch } from 'react-hook-form';
import { z } from '@kit/forms/zod';
import type { Change } from '@kit/confirm/ConfirmDialog';
import type { Fact } from '@kit/drawer/Facts';
import { ChoiceField, Pair, PeopleField, TextField } from '@kit/forms/fields';
import { TRUSTEES } from '@kit/people/DirectoryPicker';
import { defineText } from '@i18n/t';
import { Wizard, type Step, type StepProps } from '@kit/wizard/Wizard';
import { AddressField } from '../shared/AddressField';
import { addressField, nameField } from '../shared/fields';
import { PASSWORD_MIN } from '../shared/password';
import { words } from '../shared/text';
import { READS } from './data';
import { d } from './delegationText';
import { grant } from './grants';
import type { Mailbox } from '../shared/shapes';

const t = defineText('recipients.add-mailbox', {
  title: 'Add a mailbox', finish: 'Add the mailbox', made: '{name} has a mailbox now.', kind: 'Kind', kindLead: 'What the mailbox is for.', user: 'User mailbox', userHint: 'Of one person, who signs in with a password.', shared: 'Shared mailbox', sharedHint: 'Of a team, such as sales@ or info@. Nobody signs in to it; people are given access.',
  basics: 'Basics', basicsLead: 'The name people see, and the address mail arrives at.', alias: 'Alias', aliasHint: 'Made from the address if left empty.', password: 'Password', passwordHint: 'At least {n} characters. Tell it to the person in another way than by mail.', names: 'First and last name',
  delegation: 'Delegation', delegationLead: 'Who works with the mailbox. Full Access does not include sending, so most people need both.',
});

interface Values { Kind: 'user' | 'shared'; Name: string; PrimarySmtpAddress: string; Alias: string; FirstName: string; LastName: string; Password: string; FullAccess: string[]; SendAs: string[]; OnBehalf: string[] }
const START: Values = { Kind: 'user', Name: '', PrimarySmtpAddress: '', Alias: '', FirstName: '', LastName: '', Password: '', FullAccess: [], SendAs: [], OnBehalf: [] };

const makeSchema = () =>
  z.object({
    Kind: z.enum(['user', 'shared']), Name: nameField(), PrimarySmtpAddress: addressField(), Alias: z.string().max(64, words('nameLong')), FirstName: z.string(), LastName: z.string(), Password: z.string(), FullAccess: z.array(z.string()), SendAs: z.array(z.string()),
    OnBehalf: z.array(z.string()),
  }).superRefine((v, context) => {
    if (v.Kind === 'user' && v.Password.length < PASSWORD_MIN) context.addIssue({ code: 'custom', path: ['Password'], message: words('passwordShort', { n: PASSWORD_MIN }) });
  });

/** The mailbox, then the rights on it; one cmdlet for each. */
export function mailboxChanges(v: Values): Change[] {
  const user = v.Kind === 'user';
  const made = { PrimarySmtpAddress: v.PrimarySmtpAddress } as Mailbox;
  const rights = (['FullAccess', 'SendAs', 'OnBehalf'] as const).flatMap((right) => (user || v[right].length === 0 ? [] : grant(right, [made], v[right])));
  const parameters = { Name: v.Name.trim(), Shared: user ? undefined : true, PrimarySmtpAddress: v.PrimarySmtpAddress, Alias: v.Alias, FirstName: user ? v.FirstName : '', LastName: user ? v.LastName : '', Password: user ? v.Password : undefined };
  return [{ cmdlet: 'New-Mailbox', parameters }, ...rights];
}

const RIGHT_FIELDS = ['FullAccess', 'SendAs', 'OnBehalf'] as const;

const KindStep = ({ control }: StepProps<Values>) => (
  <ChoiceField control={control} name="Kind" label={t('kind')} choices={[{ value: 'user', label: t('user'), hint: t('userHint') }, { value: 'shared', label: t('shared'), hint: t('sharedHint') }]} />
);

function BasicsStep({ control }: StepProps<Values>) {
  const kind = useWatch({ control, name: 'Kind' });
  return (
    <>
      <TextField control={control} name="Name" label={words('displayName')} required />
      <AddressField control={control} name="PrimarySmtpAddress" label={words('address')} />
      <TextField control={control} name="Alias" label={t('alias')} hint={t('aliasHint')} />
      {kind === 'user' && (
        <>
          <Pair>
            <TextField control={control} name="FirstName" label={words('firstName')} />
            <TextField control={control} name="LastName" label={words('lastName')} />
          </Pair>
          <TextField control={control} name="Password" label={t('password')} hint={t('passwordHint', { n: PASSWORD_MIN })} type="password" autoComplete="new-password" required />
        </>
      )}
    </>
  );
}

const DelegationStep = ({ control }: StepProps<Values>) => (
  <>{RIGHT_FIELDS.map((right) => <PeopleField key={right} control={control} name={right} label={d(right)} hint={d(`${right}Lead`)} kinds={TRUSTEES} />)}</>
);

function steps(values: Values): Step<Values>[] {
  return [
    { id: 'kind', title: t('kind'), lead: t('kindLead'), fields: ['Kind'], Content: KindStep },
    { id: 'basics', title: t('basics'), lead: t('basicsLead'), fields: ['Name', 'PrimarySmtpAddress', 'Alias', 'Password', 'FirstName', 'LastName'], Content: BasicsStep },
    ...(values.Kind === 'shared' ? [{ id: 'delegation', title: t('delegation'), lead: t('delegationLead'), fields: [...RIGHT_FIELDS], Content: DelegationStep }] : []),
  ];
}

function review(v: Values): Fact[] {
  const general: Fact[] = [[t('kind'), v.Kind === 'user' ? t('user') : t('shared')], [words('displayName'), v.Name], [words('address'), v.PrimarySmtpAddress], [t('alias'), v.Alias]];
  if (v.Kind === 'user') return [...general, [t('names'), `${v.FirstName} ${v.LastName}`.trim()]];
  return [...general, ...RIGHT_FIELDS.map((right): Fact => [d(right), v[right].join(', ') || words('nobody')])];
}

export function AddMailbox({ onClose, onDone }: { onClose: () => void; onDone: (said: string) => void }) {
  const [schema] = useState(makeSchema);
  return <Wizard title={t('title')} finish={t('finish')} start={START} schema={schema} steps={steps} review={review} changes={mailboxChanges} refreshes={READS} onClose={onClose} onDone={(v) => onDone(t('made', { name: v.Name }))} />;
}
