// Sections of forms that all kinds of recipients have.
import type { Control, FieldPath, FieldValues } from 'react-hook-form';
import { Pair, PeopleField, Section, SwitchField, TextField } from '@kit/forms/fields';
import { GROUPS, PEOPLE } from '@kit/people/DirectoryPicker';
import { words } from './text';

// The forms that hold these sections have the fields of the same names; the names are checked where the forms' schemas are made.
const at = <V extends FieldValues>(name: string) => name as FieldPath<V>;

export function RestrictionsSection<V extends FieldValues>({ control }: { control: Control<V> }) {
  return (
    <Section title={words('restrictions')} lead={words('restrictionsLead')}>
      <SwitchField control={control} name={at<V>('RequireSenderAuthenticationEnabled')} label={words('insideOnly')} />
      <PeopleField control={control} name={at<V>('AcceptMessagesOnlyFrom')} label={words('accept')} kinds={PEOPLE} />
      <PeopleField control={control} name={at<V>('AcceptMessagesOnlyFromDLMembers')} label={words('acceptGroups')} kinds={GROUPS} />
      <PeopleField control={control} name={at<V>('RejectMessagesFrom')} label={words('reject')} kinds={PEOPLE} />
      <PeopleField control={control} name={at<V>('RejectMessagesFromDLMembers')} label={words('rejectGroups')} kinds={GROUPS} />
    </Section>
  );
}

export function SizesPair<V extends FieldValues>({ control }: { control: Control<V> }) {
  return (
    <Pair>
      <TextField control={control} name={at<V>('MaxSendSize')} label={words('maxSend')} hint={words('sizeHint')} />
      <TextField control={control} name={at<V>('MaxReceiveSize')} label={words('maxReceive')} />
    </Pair>
  );
}
