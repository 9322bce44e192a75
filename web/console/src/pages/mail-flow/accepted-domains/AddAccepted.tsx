// A new accepted domain, step by step.
import { useState } from 'react';
import { useWatch } from 'react-hook-form';
import type { Change } from '@kit/confirm/ConfirmDialog';
import { ChoiceField, SwitchField, TextField } from '@kit/forms/fields';
import { z } from '@kit/forms/zod';
import { Wizard, type Step, type StepProps } from '@kit/wizard/Wizard';
import { ACCEPTED_READS, NeedsConnector, typeChoices } from './AcceptedDetails';
import { DOMAIN } from './shapes';
import { t } from './text';

interface Values { DomainName: string; MatchSubDomains: boolean; DomainType: string }
const START: Values = { DomainName: '', MatchSubDomains: false, DomainType: 'Authoritative' };
const makeSchema = () => z.object({ DomainName: z.string().refine((text) => DOMAIN.test(text.trim()), t('domainBad')), MatchSubDomains: z.boolean(), DomainType: z.string() });

const DomainStep = ({ control }: StepProps<Values>) => (
  <>
    <TextField control={control} name="DomainName" label={t('domain')} hint={t('domainHint')} required />
    <SwitchField control={control} name="MatchSubDomains" label={t('subdomains')} />
  </>
);

function TypeStep({ control }: StepProps<Values>) {
  const type = useWatch({ control, name: 'DomainType' });
  return (
    <>
      <ChoiceField control={control} name="DomainType" label={t('type')} choices={typeChoices()} />
      <NeedsConnector type={type} />
    </>
  );
}

const makeSteps = (): Step<Values>[] => [
  { id: 'basics', title: t('basics'), lead: t('basicsLead'), fields: ['DomainName', 'MatchSubDomains'], Content: DomainStep },
  { id: 'type', title: t('kind'), lead: t('kindLead'), fields: ['DomainType'], Content: TypeStep },
];
const changes = (v: Values): Change[] => [{ cmdlet: 'New-AcceptedDomain', parameters: { DomainName: v.DomainName.trim(), DomainType: v.DomainType, MatchSubDomains: v.MatchSubDomains || undefined } }];

export function AddAccepted({ onClose, onDone }: { onClose: () => void; onDone: (name: string) => void }) {
  const [schema] = useState(makeSchema);
  const [steps] = useState(makeSteps);
  return (
    <Wizard
      title={t('addAccepted')} finish={t('finishAccepted')} start={START} schema={schema} steps={() => steps} changes={changes} refreshes={ACCEPTED_READS} onClose={onClose} onDone={(v) => onDone(v.DomainName.trim())}
      review={(v) => [[t('domain'), v.DomainName], [t('subdomains'), v.MatchSubDomains ? t('yes') : t('no')], [t('type'), t(v.DomainType as 'Authoritative')]]}
    />
  );
}
