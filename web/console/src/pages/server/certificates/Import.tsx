// A certificate and its key from PEM files of the person at the browser.
import { useId, useState } from 'react';
import { Button, Field, Text } from '@fluentui/react-components';
import { Controller, useForm, useWatch, type Control } from 'react-hook-form';
import { useChange } from '@api/cmdlet';
import { useSession } from '@api/session';
import { CommandPreview } from '@kit/command/CommandPreview';
import { DetailsDrawer } from '@kit/drawer/DetailsDrawer';
import { CloseButton } from '@kit/drawer/unsaved';
import { ChecksField, TextField } from '@kit/forms/fields';
import { resolve } from '@kit/forms/resolver';
import { z } from '@kit/forms/zod';
import { ErrorBar } from '@kit/page/ErrorBar';
import { serviceChoices } from './Details';
import { base64, importLine, SERVICES, type Certificate, type Service } from './shapes';
import { t } from './text';

const BYTES_MAX = 1024 * 1024;
interface Values { FileName: File | null; KeyFileName: File | null; FriendlyName: string; Services: Service[] }
const file = () => z.custom<File | null>().refine((given) => !given || given.size <= BYTES_MAX, { error: () => t('tooLong') });
const makeSchema = () => z.object({ FileName: file().refine((given) => given, { error: () => t('noFile') }), KeyFileName: file(), FriendlyName: z.string(), Services: z.array(z.enum(SERVICES)) });

export function Import({ onClose, onDone }: { onClose: () => void; onDone: (said: string) => void }) {
  const [resolver] = useState(() => resolve<Values>(makeSchema() as never));
  const { control, handleSubmit, formState: { isDirty } } = useForm<Values>({ defaultValues: { FileName: null, KeyFileName: null, FriendlyName: '', Services: [] }, resolver });
  const values = useWatch({ control }) as Values;
  const session = useSession();
  const take = useChange<'Import-ExchangeCertificate', Certificate>('Import-ExchangeCertificate', ['Get-ExchangeCertificate']);
  const submit = handleSubmit(async ({ FileName, KeyFileName, FriendlyName, Services }) => {
    if (!FileName) return;
    const parameters = { FileName: await base64(FileName), KeyFileName: KeyFileName ? await base64(KeyFileName) : undefined, FriendlyName: FriendlyName.trim(), Services };
    await take.mutateAsync(parameters).then((made) => onDone(t('imported', { names: (made.rows[0]?.CertificateDomains ?? []).join(', ') })), () => undefined);
  });
  // What a person at the server types: the shell reads the files itself. Over HTTP their content goes along, put in by the shell that runs curl;
  // a key is never shown.
  const given = { FileName: values.FileName?.name, KeyFileName: values.KeyFileName?.name, FriendlyName: values.FriendlyName.trim(), Services: values.Services };
  return (
    <DetailsDrawer
      open title={t('importTitle')} name={t('importTitle')} onClose={onClose} unsaved={isDirty} width="min(560px, 100vw)"
      footer={<><Button appearance="primary" disabledFocusable={take.isPending} onClick={() => void submit()}>{take.isPending ? t('working') : t('importFinish')}</Button><CloseButton>{t('close')}</CloseButton></>}
    >
      <form noValidate onSubmit={(event) => { event.preventDefault(); void submit(); }} style={{ display: 'flex', flexDirection: 'column', gap: 16 }}>
        <Text>{t('importLead')}</Text>
        <FileField control={control} name="FileName" label={t('certFile')} hint={t('certFileHint')} required />
        <FileField control={control} name="KeyFileName" label={t('keyFile')} hint={t('keyFileHint')} />
        <TextField control={control} name="FriendlyName" label={t('friendly')} />
        <ChecksField control={control} name="Services" label={t('services')} choices={serviceChoices()} />
        <CommandPreview changes={values.FileName ? [{ cmdlet: 'Import-ExchangeCertificate', parameters: given }] : []} curl={importLine(given, session.name)} />
        <ErrorBar title={t('importFailed')} error={take.error} />
        <button type="submit" hidden aria-hidden tabIndex={-1} />
      </form>
    </DetailsDrawer>
  );
}

function FileField({ control, name, label, hint, required }: { control: Control<Values>; name: 'FileName' | 'KeyFileName'; label: string; hint: string; required?: boolean }) {
  const id = useId();
  return (
    <Controller control={control} name={name} render={({ field, fieldState }) => (
      <Field label={{ children: label, htmlFor: id }} hint={hint} required={required} validationMessage={fieldState.error?.message}>
        <input id={id} ref={field.ref} type="file" accept=".pem,.crt,.cer,.key,.txt" onChange={(event) => field.onChange(event.target.files?.[0] ?? null)} onBlur={field.onBlur} />
      </Field>
    )} />
  );
}
