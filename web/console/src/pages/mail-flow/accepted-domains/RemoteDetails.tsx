// One remote domain: what may go there, and a new one.
import { useMemo, useState } from 'react';
import type { Control } from 'react-hook-form';
import type { CmdletName } from '@api/client';
import { DetailsDrawer } from '@kit/drawer/DetailsDrawer';
import { EditForm } from '@kit/forms/EditForm';
import { Pair, Section, SelectField, SwitchField, TextField } from '@kit/forms/fields';
import { SafeText } from '@kit/safe/SafeText';
import { Wizard, type Step, type StepProps } from '@kit/wizard/Wizard';
import { NEW_REMOTE, newRemoteChanges, newRemoteSchema, remoteOf, remoteSchema, type NewRemote, type RemoteForm } from './remoteForm';
import { isForAllOthers, type RemoteDomain } from './shapes';
import { t } from './text';

export const REMOTE_READS: CmdletName[] = ['Get-RemoteDomain'];
const CONTENTS = ['MimeHtml', 'MimeHtmlText', 'MimeText'] as const;
export const oofWord = (type: string): string => (type === 'None' ? t('NoneOof') : t(type as 'External'));

function Settings({ control }: { control: Control<RemoteForm> }) {
  return (
    <>
      <Section title={t('reports')}>
        <SelectField control={control} name="AllowedOOFType" label={t('oof')} choices={['External', 'ExternalLegacy', 'InternalLegacy', 'None'].map((value) => ({ value, label: oofWord(value) }))} />
        <SwitchField control={control} name="AutoReplyEnabled" label={t('replies')} hint={t('repliesHint')} />
        <SwitchField control={control} name="AutoForwardEnabled" label={t('forwards')} hint={t('forwardsHint')} />
        <SwitchField control={control} name="NDREnabled" label={t('ndr')} hint={t('ndrHint')} />
        <SwitchField control={control} name="NDRDiagnosticInfoEnabled" label={t('diagnostic')} />
        <SwitchField control={control} name="DeliveryReportEnabled" label={t('delivery')} />
        <SwitchField control={control} name="MeetingForwardNotificationEnabled" label={t('meeting')} />
        <SwitchField control={control} name="IsInternal" label={t('internal')} />
      </Section>
      <Section title={t('format')}>
        <Pair>
          <SelectField control={control} name="ContentType" label={t('content')} choices={CONTENTS.map((value) => ({ value, label: t(value) }))} />
          <TextField control={control} name="CharacterSet" label={t('charset')} hint={t('charsetHint')} />
        </Pair>
      </Section>
    </>
  );
}

export function RemoteDetails({ domain, onClose }: { domain: RemoteDomain | null; onClose: () => void }) {
  if (!domain) return <DetailsDrawer open={false} title="" name="" onClose={onClose} />;
  const title = isForAllOthers(domain) ? t('all') : domain.DomainName;
  return <DetailsDrawer open title={<SafeText text={title} />} name={title} subtitle={<SafeText text={domain.Name} />} onClose={onClose}><RemoteFields domain={domain} /></DetailsDrawer>;
}

function RemoteFields({ domain }: { domain: RemoteDomain }) {
  const schema = useMemo(() => remoteSchema(), []);
  const values = useMemo(() => remoteOf(domain), [domain]);
  return (
    <EditForm cmdlet="Set-RemoteDomain" identity={domain.Guid} values={values} schema={schema} refreshes={REMOTE_READS}>
      {(control) => (
        <>
          <TextField control={control} name="Name" label={t('name')} required />
          <Settings control={control} />
        </>
      )}
    </EditForm>
  );
}

const DomainStep = ({ control }: StepProps<NewRemote>) => (
  <>
    <TextField control={control} name="DomainName" label={t('domain')} hint={t('domainHint')} required />
    <TextField control={control} name="Name" label={t('name')} required />
  </>
);
// The settings' fields are among those of a new entry.
const WhatStep = ({ control }: StepProps<NewRemote>) => <Settings control={control as unknown as Control<RemoteForm>} />;

const makeSteps = (): Step<NewRemote>[] => [
  { id: 'basics', title: t('basics'), lead: t('basicsLead'), fields: ['DomainName', 'Name'], Content: DomainStep },
  { id: 'what', title: t('what'), lead: t('whatLead'), fields: ['AllowedOOFType', 'ContentType', 'CharacterSet'], Content: WhatStep },
];

export function AddRemote({ onClose, onDone }: { onClose: () => void; onDone: (name: string) => void }) {
  const [schema] = useState(newRemoteSchema);
  const [steps] = useState(makeSteps);
  const yesNo = (yes: boolean) => (yes ? t('yes') : t('no'));
  return (
    <Wizard
      title={t('addRemote')} finish={t('finishRemote')} start={NEW_REMOTE} schema={schema} steps={() => steps} changes={newRemoteChanges} refreshes={REMOTE_READS} onClose={onClose} onDone={(v) => onDone(v.DomainName.trim())}
      review={(v) => [[t('domain'), v.DomainName], [t('name'), v.Name], [t('oof'), oofWord(v.AllowedOOFType)], [t('replies'), yesNo(v.AutoReplyEnabled)], [t('forwards'), yesNo(v.AutoForwardEnabled)], [t('ndr'), yesNo(v.NDREnabled)], [t('content'), t(v.ContentType as 'MimeHtml')]]}
    />
  );
}
