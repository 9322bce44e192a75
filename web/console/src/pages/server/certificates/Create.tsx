// A new self-signed certificate.
import { useState } from 'react';
import { Button, Text } from '@fluentui/react-components';
import { useForm, useWatch } from 'react-hook-form';
import { useChange } from '@api/cmdlet';
import type { ApiError } from '@api/client';
import { CommandPreview } from '@kit/command/CommandPreview';
import { DetailsDrawer } from '@kit/drawer/DetailsDrawer';
import { CloseButton } from '@kit/drawer/unsaved';
import { ChecksField, TextField } from '@kit/forms/fields';
import { fieldOf, resolve } from '@kit/forms/resolver';
import { z } from '@kit/forms/zod';
import { ErrorBar } from '@kit/page/ErrorBar';
import { serviceChoices } from './Details';
import { readDomains, SERVICES, type Certificate, type Service } from './shapes';
import { t } from './text';

interface Values { DomainName: string; FriendlyName: string; Services: Service[] }
const makeSchema = () =>
  z.object({ DomainName: z.string(), FriendlyName: z.string(), Services: z.array(z.enum(SERVICES)) }).superRefine((values, context) => {
    const { wrong } = readDomains(values.DomainName);
    if (wrong) context.addIssue({ code: 'custom', path: ['DomainName'], message: t('domainBad', { name: wrong }) });
  });

export function Create({ onClose, onDone }: { onClose: () => void; onDone: (said: string) => void }) {
  const [resolver] = useState(() => resolve<Values>(makeSchema()));
  const { control, handleSubmit, setError, formState: { isDirty } } = useForm<Values>({ defaultValues: { DomainName: '', FriendlyName: '', Services: [] }, resolver, mode: 'onTouched' });
  const values = useWatch({ control }) as Values;
  const create = useChange<'New-ExchangeCertificate', Certificate>('New-ExchangeCertificate', ['Get-ExchangeCertificate']);
  const parametersOf = (given: Values) => ({ DomainName: readDomains(given.DomainName).names, FriendlyName: given.FriendlyName.trim(), Services: given.Services });
  const submit = handleSubmit(async (given) => {
    try {
      const made = await create.mutateAsync(parametersOf(given));
      onDone(t('made', { names: (made.rows[0]?.CertificateDomains ?? []).join(', ') }));
    } catch (caught) {
      const field = fieldOf((caught as ApiError).message, Object.keys(given));
      if (field) setError(field as keyof Values, { type: 'server', message: (caught as ApiError).message }, { shouldFocus: true });
    }
  });
  return (
    <DetailsDrawer
      open title={t('createTitle')} name={t('createTitle')} onClose={onClose} unsaved={isDirty} width="min(560px, 100vw)"
      footer={<><Button appearance="primary" disabledFocusable={create.isPending} onClick={() => void submit()}>{create.isPending ? t('working') : t('createFinish')}</Button><CloseButton>{t('close')}</CloseButton></>}
    >
      <form noValidate onSubmit={(event) => { event.preventDefault(); void submit(); }} style={{ display: 'flex', flexDirection: 'column', gap: 16 }}>
        <Text>{t('createLead')}</Text>
        <TextField control={control} name="DomainName" label={t('domains')} hint={t('domainsHint')} />
        <TextField control={control} name="FriendlyName" label={t('friendly')} />
        <ChecksField control={control} name="Services" label={t('services')} choices={serviceChoices()} />
        <CommandPreview changes={[{ cmdlet: 'New-ExchangeCertificate', parameters: parametersOf(values) }]} />
        <ErrorBar title={t('createFailed')} error={create.error} />
        <button type="submit" hidden aria-hidden tabIndex={-1} />
      </form>
    </DetailsDrawer>
  );
}
