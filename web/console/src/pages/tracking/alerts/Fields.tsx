// The fields of an alert.
import { Controller, type Control } from 'react-hook-form';
import { useCmdlet } from '@api/cmdlet';
import { SelectField, TextField } from '@kit/forms/fields';
import { PeoplePicker } from '@kit/people/PeoplePicker';
import type { SavedQuery } from '../../mail-flow/message-trace/shapes';
import type { Values } from './form';
import { t } from './text';

/** Searches that need nothing more can be watched. */
export function WhatFields({ control }: { control: Control<Values> }) {
  const answer = useCmdlet<'Get-MessageTraceQuery', SavedQuery>('Get-MessageTraceQuery');
  const names = (answer.data?.rows ?? []).filter((query) => query.Kind !== 'Autosaved' && !query.Needs).map((query) => query.Name);
  return (
    <>
      <SelectField control={control} name="Query" label={t('query')} required choices={[{ value: '', label: '' }, ...names.map((value) => ({ value, label: value }))]} />
      <TextField control={control} name="Threshold" label={t('threshold')} hint={t('thresholdHint')} required />
    </>
  );
}

export function WhomFields({ control }: { control: Control<Values> }) {
  return (
    <>
      <Controller control={control} name="Notify" render={({ field, fieldState }) => <PeoplePicker label={t('notify')} value={field.value} onChange={field.onChange} error={fieldState.error?.message} />} />
      <TextField control={control} name="WebhookUrl" label={t('webhook')} hint={t('webhookHint')} />
      <TextField control={control} name="Name" label={t('name')} hint={t('nameHint')} />
    </>
  );
}
