// A Receive connector step by step: what it is for, and where it listens for whom.
import { useState } from 'react';
import type { CmdletName } from '@api/client';
import type { Fact } from '@kit/drawer/Facts';
import { ChoiceField, TextField } from '@kit/forms/fields';
import { Wizard, type Step, type StepProps } from '@kit/wizard/Wizard';
import { NEW, newChanges, newSchema, USAGES, type NewReceive } from './receiveForms';
import { lines } from './shapes';
import { r, t } from './text';

export const RECEIVE_READS: CmdletName[] = ['Get-ReceiveConnector'];
type Usage = (typeof USAGES)[number];

const NameStep = ({ control }: StepProps<NewReceive>) => (
  <>
    <TextField control={control} name="Name" label={t('name')} required />
    <ChoiceField control={control} name="Usage" label={r('usage')} choices={USAGES.map((value) => ({ value, label: r(value), hint: r(`${value}Hint`) }))} />
  </>
);

const WhereStep = ({ control }: StepProps<NewReceive>) => (
  <>
    <TextField control={control} name="Bindings" label={r('bindings')} hint={r('bindingsHint')} required long />
    <TextField control={control} name="RemoteIPRanges" label={r('ranges')} hint={r('rangesHint')} required long />
  </>
);

const makeSteps = (): Step<NewReceive>[] => [
  { id: 'name', title: r('naming'), lead: r('namingLead'), fields: ['Name', 'Usage'], Content: NameStep },
  { id: 'where', title: r('where'), lead: r('whereLead'), fields: ['Bindings', 'RemoteIPRanges'], Content: WhereStep },
];

const review = (v: NewReceive): Fact[] => [[t('name'), v.Name], [r('usage'), r(v.Usage as Usage)], [r('bindings'), lines(v.Bindings).join(', ')], [r('ranges'), lines(v.RemoteIPRanges).join(', ')]];

export function ReceiveWizard({ onClose, onDone }: { onClose: () => void; onDone: (name: string) => void }) {
  const [schema] = useState(newSchema);
  const [steps] = useState(makeSteps);
  return <Wizard title={r('add')} finish={r('finish')} start={NEW} schema={schema} steps={() => steps} review={review} changes={newChanges} refreshes={RECEIVE_READS} onClose={onClose} onDone={(v) => onDone(v.Name.trim())} />;
}
