// The fields of a source: those of its type, and those that all have.
import { useWatch, type Control } from 'react-hook-form';
import { Pair, SelectField, SwitchField, TextField } from '@kit/forms/fields';
import { UTC, zones } from '@kit/time/zone';
import type { Values } from './form';
import { FORMATS } from './shapes';
import { t } from './text';

interface Props { control: Control<Values>; keeps?: boolean }

/** `keeps`: a secret is kept already and needs no new one. */
export function TypeFields({ control, keeps }: Props) {
  const type = useWatch({ control, name: 'Type' });
  const secret = (label: string, hint?: string) => <TextField control={control} name="Secret" label={label} hint={keeps ? t('keepHint') : hint} type="password" autoComplete="new-password" required={!keeps && type !== 'Http'} />;
  switch (type) {
    case 'Folder': return <TextField control={control} name="Path" label={t('path')} hint={t('pathHint')} required />;
    case 'Syslog': return (
      <>
        <TextField control={control} name="Bind" label={t('bind')} hint={t('bindHint')} required />
        <SwitchField control={control} name="RequireTls" label={t('tls')} />
        <TextField control={control} name="RemoteIPRanges" label={t('ranges')} hint={t('rangesHint')} />
      </>
    );
    case 'Http': return secret(t('token'), t('tokenHint'));
    case 'ExchangeOnline': return (
      <>
        <TextField control={control} name="TenantId" label={t('tenant')} hint={t('tenantHint')} required />
        <TextField control={control} name="ApplicationId" label={t('application')} hint={t('applicationHint')} required />
        {secret(t('clientSecret'))}
        <Pair>
          <TextField control={control} name="Url" label={t('url')} hint={t('urlHint')} />
          <TextField control={control} name="LoginUrl" label={t('loginUrl')} hint={t('urlHint')} />
        </Pair>
      </>
    );
    case 'ProofpointPoD': return (
      <>
        <TextField control={control} name="ClusterId" label={t('cluster')} required />
        {secret(t('apiToken'))}
        <TextField control={control} name="Url" label={t('url')} hint={t('urlHint')} />
      </>
    );
  }
}

export const formatChoices = () => FORMATS.map((value) => ({ value, label: value === 'auto' ? t('auto') : value }));
export const zoneChoices = () => [...new Set(['UTC', ...zones().filter((zone) => zone !== UTC)])].map((value) => ({ value, label: value.replaceAll('_', ' ') }));

export function RecordFields({ control }: Props) {
  return (
    <>
      <TextField control={control} name="Place" label={t('place')} hint={t('placeHint')} />
      <Pair>
        <SelectField control={control} name="LogFormat" label={t('format')} hint={t('formatHint')} choices={formatChoices()} />
        <SelectField control={control} name="LogTimeZone" label={t('logZone')} hint={t('zoneHint')} choices={zoneChoices()} />
      </Pair>
    </>
  );
}
