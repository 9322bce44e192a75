// Reads a log file of the server, or of this computer, into the trace; tells how far it is, and can be stopped.
import { useId, useRef, useState } from 'react';
import { Button, Field, makeStyles, MessageBar, MessageBarBody, MessageBarTitle, ProgressBar, Text, tokens } from '@fluentui/react-components';
import { useQueryClient } from '@tanstack/react-query';
import { useForm, useWatch } from 'react-hook-form';
import { useNavigate } from 'react-router';
import { ApiError } from '@api/client';
import { importFile, runWithProgress } from '@api/progress';
import { useSession } from '@api/session';
import { numberText } from '@i18n/t';
import { CommandPreview } from '@kit/command/CommandPreview';
import { DetailsDrawer } from '@kit/drawer/DetailsDrawer';
import { CloseButton } from '@kit/drawer/unsaved';
import { Facts } from '@kit/drawer/Facts';
import { ChoiceField, Pair, SelectField, TextField } from '@kit/forms/fields';
import { fieldOf, resolve } from '@kit/forms/resolver';
import { ErrorBar } from '@kit/page/ErrorBar';
import { SafeText } from '@kit/safe/SafeText';
import { useZone } from '@kit/shell/settings';
import { showTime, zoneName } from '@kit/time/zone';
import { formatChoices, zoneChoices } from './Fields';
import { EMPTY, makeSchema, parametersOf, uploadLine, uploadPath, type Values } from './importForm';
import { Lines } from './Lines';
import type { Imported } from './shapes';
import { t } from './text';

/** What the server takes of one file. */
const BYTES_MAX = 1024 * 1024 * 1024;

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: '16px' },
  lead: { color: tokens.colorNeutralForeground3 },
});

export function Import({ open, onClose }: { open: boolean; onClose: () => void }) {
  const styles = useStyles();
  const queries = useQueryClient();
  const session = useSession();
  const [resolver] = useState(() => resolve<Values>(makeSchema()));
  const { control, handleSubmit, setError, formState: { isDirty } } = useForm<Values>({ defaultValues: EMPTY, resolver, mode: 'onTouched' });
  const values = useWatch({ control }) as Values;
  const [said, setSaid] = useState<string | null>(null);
  const [done, setDone] = useState<Imported[] | null>(null);
  const [failed, setFailed] = useState<ApiError | null>(null);
  const [stopped, setStopped] = useState<string | null>(null);
  const stop = useRef<AbortController>(null);
  const busy = said !== null;
  const id = useId();
  const chosen = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<File | null>(null);
  const [wrong, setWrong] = useState('');
  const [share, setShare] = useState<number | null>(null);
  const send = (given: Values, signal: AbortSignal) => {
    if (given.from === 'server' || !file) return runWithProgress<'Import-MessageTrace', Imported>('Import-MessageTrace', parametersOf(given) as never, setSaid, signal);
    return importFile<Imported>(uploadPath(given, file.name), file, setShare, (sentence) => { setShare(null); setSaid(sentence); }, signal);
  };
  const submit = handleSubmit(async (given) => {
    const problem = given.from === 'server' ? '' : !file ? t('noFile') : file.size > BYTES_MAX ? t('fileTooLong') : '';
    setWrong(problem);
    if (problem) {
      chosen.current?.focus();
      return;
    }
    stop.current = new AbortController();
    setDone(null);
    setFailed(null);
    setStopped(null);
    setSaid('');
    try {
      setDone((await send(given, stop.current.signal)).rows);
    } catch (caught) {
      const error = caught as ApiError;
      const field = stop.current.signal.aborted ? null : fieldOf(error.message, Object.keys(EMPTY));
      // The server says how far it came; where it could not, what it read stays all the same.
      if (stop.current.signal.aborted) setStopped(error instanceof ApiError ? error.message : '');
      else if (field) setError(field as keyof Values, { type: 'server', message: error.message }, { shouldFocus: true });
      else setFailed(error);
    } finally {
      setSaid(null);
      setShare(null);
      // One that was stopped or failed is listed too.
      await Promise.all(['Get-TraceSource', 'Get-MessageTraceImport'].map((read) => queries.invalidateQueries({ queryKey: [read] })));
    }
  });
  const close = () => {
    stop.current?.abort();
    onClose();
  };
  return (
    <DetailsDrawer
      open={open} title={t('importTitle')} name={t('importTitle')} onClose={close} unsaved={done === null && (isDirty || file !== null)} width="min(640px, 100vw)"
      footer={
        <>
          <Button appearance="primary" disabledFocusable={busy} onClick={() => void submit()}>{busy ? t('importing') : t('importStart')}</Button>
          {busy ? <Button onClick={() => stop.current?.abort()}>{t('cancel')}</Button> : <CloseButton>{t('close')}</CloseButton>}
        </>
      }
    >
      <form className={styles.form} noValidate onSubmit={(event) => { event.preventDefault(); void submit(); }}>
        <Text className={styles.lead}>{t('importLead')}</Text>
        <ChoiceField control={control} name="from" label={t('where')} choices={[{ value: 'computer', label: t('ofComputer'), hint: t('ofComputerHint') }, { value: 'server', label: t('ofServer'), hint: t('ofServerHint') }]} />
        {values.from === 'server' ? <TextField control={control} name="Path" label={t('path')} hint={t('pathHint')} required /> : (
          <Field label={{ children: t('file'), htmlFor: id }} hint={t('importFileHint')} validationMessage={wrong || undefined} required>
            <input ref={chosen} id={id} type="file" disabled={busy} onChange={(event) => { setFile(event.target.files?.[0] ?? null); setWrong(''); }} />
          </Field>
        )}
        <TextField control={control} name="Place" label={t('place')} required />
        <Pair>
          <SelectField control={control} name="LogFormat" label={t('format')} hint={t('formatHint')} choices={formatChoices()} />
          <SelectField control={control} name="TimeZone" label={t('logZone')} hint={t('zoneHint')} choices={zoneChoices()} />
        </Pair>
        <TextField control={control} name="Year" label={t('year')} hint={t('yearHint')} />
        {values.from === 'server'
          ? <CommandPreview changes={values.Path && values.Place ? [{ cmdlet: 'Import-MessageTrace', parameters: parametersOf(values) }] : []} />
          : <CommandPreview changes={file && values.Place ? [{ cmdlet: 'Import-MessageTrace', parameters: parametersOf({ ...values, Path: `/path/to/${file.name}` }) }] : []} curl={file && values.Place ? uploadLine(values, file.name, session.name) : undefined} />}
        <button type="submit" hidden aria-hidden tabIndex={-1} />
      </form>
      <div role="status">{busy && <Field validationState="none" validationMessage={share !== null && share < 1 ? t('sending', { percent: Math.round(share * 100) }) : said || t('importing')}><ProgressBar value={share !== null && share < 1 ? share : undefined} aria-label={t('importing')} /></Field>}</div>
      {stopped !== null && <MessageBar layout="multiline"><MessageBarBody><MessageBarTitle>{t('cancelled')}</MessageBarTitle><SafeText text={stopped || t('cancelledHow')} /></MessageBarBody></MessageBar>}
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
        [t('name'), <SafeText key="n" text={file.Name} />], [t('format'), file.LogFormat], [t('records'), numberText(file.Records)], [t('new'), numberText(file.New)], [t('unknown'), numberText(file.Unknown)], [t('joined'), t('joinedText', { certain: file.Certain, probable: file.Probable })],
        [t('first', { zone: at }), showTime(file.First, zone)], [t('last', { zone: at }), showTime(file.Last, zone)], [t('fileRefused'), file.Refused && <SafeText key="r" text={file.Refused} />],
      ]} />
      <Lines title={t('unknownLines')} lines={file.UnknownLines ?? []} />
      {from && <div><Button onClick={() => void navigate(`/mail-flow/message-trace/results?${from}`)}>{t('toTrace')}</Button></div>}
    </>
  );
}
