// A new alert: what is watched, then who is told.
import { useState } from 'react';
import { Wizard, type Step } from '@kit/wizard/Wizard';
import { WhatFields, WhomFields } from './Fields';
import { EMPTY, makeSchema, newParameters, type Values } from './form';
import { t } from './text';

const steps = (): Step<Values>[] => [
  { id: 'what', title: t('stepWhat'), lead: t('stepWhatLead'), fields: ['Query', 'Threshold'], Content: WhatFields },
  { id: 'whom', title: t('stepWhom'), lead: t('stepWhomLead'), fields: ['Notify', 'WebhookUrl', 'Name'], Content: WhomFields },
];

export function AddAlert({ onClose, onDone }: { onClose: () => void; onDone: (said: string) => void }) {
  const [schema] = useState(makeSchema);
  return (
    <Wizard
      title={t('add')} finish={t('finish')} start={EMPTY} schema={schema} steps={steps} changes={(values) => [{ cmdlet: 'New-MessageTraceAlert', parameters: newParameters(values) }]} refreshes={['Get-MessageTraceAlert']} onClose={onClose} onDone={(values) => onDone(t('made', { name: values.Name.trim() || values.Query }))}
      review={(values) => [[t('query'), values.Query], [t('threshold'), values.Threshold], [t('notify'), values.Notify.join(', ')], [t('webhook'), values.WebhookUrl], [t('name'), values.Name || values.Query]]}
    />
  );
}
