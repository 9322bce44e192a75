// Reads a log file of the server into the trace, tells how far it is, and can be stopped.
import { useRef, useState } from 'react';
import { Button, Field, makeStyles, MessageBar, MessageBarBody, ProgressBar, Text, tokens } from '@fluentui/react-components';
import { useQueryClient } from '@tanstack/react-query';
import { useForm, useWatch } from 'react-hook-form';
import { useNavigate } from 'react-router';
import type { ApiError } from '@api/client';
import { runWithProgress } from '@api/progress';
import { CommandPreview } from '@kit/command/CommandPreview';
import { DetailsDrawer } from '@kit/drawer/DetailsDrawer';
import { Facts } from '@kit/drawer/Facts';
import { Pair, SelectField, TextField } from '@kit/forms/fields';
import { fieldOf, resolve } from '@kit/forms/resolver';
import { z } from '@kit/forms/zod';
import { ErrorBar } from '@kit/page/ErrorBar';
import { SafeText } from '@kit/safe/SafeText';
import { useZone } from '@kit/shell/settings';
import { showTime, zoneName } from '@kit/time/zone';
import { formatChoices, zoneChoices } from './Fields';
import { PLACE } from './form';
import { Lines } from './Lines';
import { FORMATS, type Imported } from './shapes';
import { t } from './text';

interface Values { Path: string; Place: string; LogFormat: (typeof FORMATS)[number]; TimeZone: string; Year: string }
const EMPTY: Values = { Path: '', Place: '', LogFormat: 'auto', TimeZone: 'UTC', Year: '' };
const needed = () => z.string().refine((text) => text.trim() !== '', { error: () => t('needed') });
const makeSchema = () => z.object({ Path: needed().refine((path) => path === '' || path.startsWith('/'), { error: () => t('pathBad') }), Place: needed().refine((place) => place === '' || PLACE.test(place.trim()), { error: () => t('placeBad') }), LogFormat: z.enum(FORMATS), TimeZone: z.string(), Year: z.string().regex(/^(\d{4})?$/, { error: () => t('yearBad') }) });

export const parametersOf = (values: Values) => ({ Path: values.Path.trim(), Place: values.Place.trim(), LogFormat: values.LogFormat === 'auto' ? undefined : values.LogFormat, TimeZone: values.TimeZone === 'UTC' ? undefined : values.TimeZone, Year: values.Year ? Number(values.Year) : undefined });

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: '16px' },
  lead: { color: tokens.colorNeutralForeground3 },
});

export function Import({ open, onClose }: { open: boolean; onClose: () => void }) {
  const styles = useStyles();
  const queries = useQueryClient();
  const [resolver] = useState(() => resolve<Values>(makeSchema()));
  const { control, handleSubmit, setError } = useForm<Values>({ defaultValues: EMPTY, resolver, mode: 'onTouched' });
  const values = useWatch({ control }) as Values;
  const [said, setSaid] = useState<string | null>(null);
  const [done, setDone] = useState<Imported[] | null>(null);
  const [failed, setFailed] = useState<ApiError | null>(null);
  const [stopped, setStopped] = useState(false);
  const stop = useRef<AbortController>(null);
  const busy = said !== null;
  const submit = handleSubmit(async (given) => {
    stop.current = new AbortController();
    setDone(null);
    setFailed(null);
    setStopped(false);
    setSaid('');
    try {
      setDone((await runWithProgress<'Import-MessageTrace', Imported>('Import-MessageTrace', parametersOf(given), setSaid, stop.current.signal)).rows);
      await queries.invalidateQueries({ queryKey: ['Get-TraceSource'] });
    } catch (caught) {
      const error = caught as ApiError;
      const field = stop.current.signal.aborted ? null : fieldOf(error.message, Object.keys(EMPTY));
      if (stop.current.signal.aborted) setStopped(true);
      else if (field) setError(field as keyof Values, { type: 'server', message: error.message }, { shouldFocus: true });
      else setFailed(error);
    } finally {
      setSaid(null);
    }
  });
  const close = () => {
    stop.current?.abort();
    onClose();
  };
  return (
    <DetailsDrawer
      open={open} title={t('importTitle')} name={t('importTitle')} onClose={close} width="min(640px, 100vw)"
      footer={
        <>
          <Button appearance="primary" disabledFocusable={busy} onClick={() => void submit()}>{busy ? t('importing') : t('importStart')}</Button>
          <Button onClick={() => (busy ? stop.current?.abort() : close())}>{busy ? t('cancel') : t('close')}</Button>
        </>
      }
    >
      <form className={styles.form} noValidate onSubmit={(event) => { event.preventDefault(); void submit(); }}>
        <Text className={styles.lead}>{t('importLead')}</Text>
        <TextField control={control} name="Path" label={t('path')} hint={t('pathHint')} required />
        <TextField control={control} name="Place" label={t('place')} required />
        <Pair>
          <SelectField control={control} name="LogFormat" label={t('format')} hint={t('formatHint')} choices={formatChoices()} />
          <SelectField control={control} name="TimeZone" label={t('logZone')} hint={t('zoneHint')} choices={zoneChoices()} />
        </Pair>
        <TextField control={control} name="Year" label={t('year')} hint={t('yearHint')} />
        <CommandPreview changes={values.Path && values.Place ? [{ cmdlet: 'Import-MessageTrace', parameters: parametersOf(values) }] : []} />
        <button type="submit" hidden aria-hidden tabIndex={-1} />
      </form>
      <div role="status">{busy && <Field validationState="none" validationMessage={said || t('importing')}><ProgressBar aria-label={t('importing')} /></Field>}</div>
      {stopped && <MessageBar layout="multiline"><MessageBarBody>{t('cancelled')}</MessageBarBody></MessageBar>}
      <ErrorBar title={t('importFailed')} error={failed} />
      {done?.map((file) => <Result key={file.Name} file={file} />)}
    </DetailsDrawer>
  );
}

function Result({ file }: { file: Imported }) {
  const zone = useZone();
  const navigate = useNavigate();
  const at = zoneName(zone);
  const from = file.First ? `StartDate=${encodeURIComponent(file.First)}` : '';
  return (
    <>
      <MessageBar intent={file.Unknown > 0 || file.Refused ? 'warning' : 'success'}><MessageBarBody>{t('importDone', { n: file.New })}</MessageBarBody></MessageBar>
      <Facts facts={[
        [t('name'), <SafeText key="n" text={file.Name} />], [t('format'), file.LogFormat], [t('records'), file.Records.toLocaleString()], [t('new'), file.New.toLocaleString()], [t('unknown'), file.Unknown.toLocaleString()], [t('joined'), t('joinedText', { certain: file.Certain, probable: file.Probable })],
        [t('first', { zone: at }), showTime(file.First, zone)], [t('last', { zone: at }), showTime(file.Last, zone)], [t('fileRefused'), file.Refused && <SafeText key="r" text={file.Refused} />],
      ]} />
      <Lines title={t('unknownLines')} lines={file.UnknownLines ?? []} />
      {from && <div><Button onClick={() => void navigate(`/mail-flow/message-trace/results?${from}`)}>{t('toTrace')}</Button></div>}
    </>
  );
}
