// A new source, step by step: its type, the connection that type needs, whose records they are.
import { useState } from 'react';
import type { Change } from '@kit/confirm/ConfirmDialog';
import type { Fact } from '@kit/drawer/Facts';
import { ChoiceField, TextField } from '@kit/forms/fields';
import { Wizard, type Step, type StepProps } from '@kit/wizard/Wizard';
import { RecordFields, TypeFields } from './Fields';
import { EMPTY, OF_ALL, OF_TYPE, parametersOf, schemaFor, type Values } from './form';
import { TYPES } from './shapes';
import { t } from './text';

const TypeStep = ({ control }: StepProps<Values>) => (
  <>
    <TextField control={control} name="Name" label={t('name')} required />
    <ChoiceField control={control} name="Type" label={t('type')} choices={TYPES.map((value) => ({ value, label: t(value), hint: t(`${value}Hint`) }))} />
  </>
);

const steps = (values: Values): Step<Values>[] => [
  { id: 'type', title: t('stepType'), lead: t('stepTypeLead'), fields: ['Name', 'Type'], Content: TypeStep },
  { id: 'settings', title: t('stepSettings'), lead: t(`${values.Type}Hint`), fields: OF_TYPE[values.Type], Content: TypeFields },
  { id: 'records', title: t('stepRecords'), lead: t('stepRecordsLead'), fields: OF_ALL, Content: RecordFields },
];

/** What was left as it would be anyway is not sent. */
export function changes(values: Values): Change[] {
  const names = [...OF_TYPE[values.Type], ...OF_ALL].filter((name) => values[name] !== EMPTY[name]);
  return [{ cmdlet: 'New-TraceSource', parameters: { Name: values.Name.trim(), Type: values.Type, ...parametersOf(values, names) } }];
}

function review(values: Values): Fact[] {
  return [
    [t('name'), values.Name], [t('type'), t(values.Type)], [t('path'), values.Path], [t('bind'), values.Bind], [t('ranges'), values.RemoteIPRanges], [t('tenant'), values.TenantId], [t('application'), values.ApplicationId], [t('cluster'), values.ClusterId], [t('url'), values.Url], [t('loginUrl'), values.LoginUrl],
    [t('place'), values.Place || values.Name], [t('format'), values.LogFormat === 'auto' ? t('auto') : values.LogFormat], [t('logZone'), values.LogTimeZone],
  ];
}

export function AddSource({ onClose, onDone }: { onClose: () => void; onDone: (said: string) => void }) {
  const [schema] = useState(() => schemaFor(true));
  return <Wizard title={t('add')} finish={t('finish')} start={EMPTY} schema={schema} steps={steps} review={review} changes={changes} refreshes={['Get-TraceSource']} onClose={onClose} onDone={(values) => onDone(t('made', { name: values.Name.trim() }))} />;
}
