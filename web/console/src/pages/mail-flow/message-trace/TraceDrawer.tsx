// The form of a trace, new or to be changed; stays mounted while it closes so that focus goes back.
import { useState } from 'react';
import { Accordion, AccordionHeader, AccordionItem, AccordionPanel, Button, Checkbox, Field, Input, makeStyles, MessageBar, MessageBarBody, Radio, RadioGroup, Select, Tab, TabList, Tag, TagGroup, Text, tokens } from '@fluentui/react-components';
import { Controller, useForm, useWatch, type Control, type FieldErrors } from 'react-hook-form';
import { useNavigate } from 'react-router';
import * as z from 'zod';
import { useChange } from '@api/cmdlet';
import { useCan } from '@api/session';
import { CommandPreview } from '@kit/command/CommandPreview';
import type { Change } from '@kit/confirm/ConfirmDialog';
import { DetailsDrawer } from '@kit/drawer/DetailsDrawer';
import { freely } from '@kit/drawer/leaving';
import { TypedFields, useTypedFields } from '@kit/forms/typed';
import { ErrorBar } from '@kit/page/ErrorBar';
import { statusWord } from '@kit/page/Status';
import { PeoplePicker } from '@kit/people/PeoplePicker';
import { SafeText } from '@kit/safe/SafeText';
import { useSettings } from '@kit/shell/settings';
import { RangeSlider } from '@kit/time/RangeSlider';
import { parseDuration, snap } from '@kit/time/stops';
import { ZoneSelect } from '@kit/time/ZoneSelect';
import { instantOf, wallClock } from '@kit/time/zone';
import { inWords } from './conditions';
import { useOwnOnly } from './own';
import { DIRECTIONS, emptyForm, fromForm, keptOf, lasting, questions, resultsPath, type TraceForm, type TraceSearch } from './query';
import { t } from './text';

// Before the first schema: no probing for eval, which the page's policy forbids.
z.config({ jitless: true });

const STATUSES = ['Delivered', 'Expanded', 'Resolved', 'Failed', 'Pending', 'Quarantined', 'FilteredAsSpam', 'GettingStatus', 'Recalled'];
const HOWS = ['Contains', 'StartsWith', 'EndsWith', 'Equals'] as const;
const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const schema = z
  .object({ networkId: z.string().refine((id) => id.trim() === '' || GUID.test(id.trim()), { error: () => t('networkIdBad') }) })
  .loose()
  .superRefine((raw, context) => {
    const form = raw as unknown as TraceForm;
    if (form.rangeKind === 'custom' && !(instantOf(form.end, form.zone) > instantOf(form.start, form.zone))) context.addIssue({ code: 'custom', path: ['end'], message: t('endBefore') });
    if (form.people.length > 0 && form.senders.length + form.recipients.length > 0) context.addIssue({ code: 'custom', path: ['people'], message: t('peopleAlone') });
    if (form.kept.Words) {
      if (form.report !== 'show') context.addIssue({ code: 'custom', path: ['kept'], message: t('wordsShown') });
      else if (form.people.length + form.senders.length + form.recipients.length > 0 || form.subject !== '') context.addIssue({ code: 'custom', path: ['kept'], message: t('wordsAlone') });
    }
    if (form.report !== 'show') {
      if (form.people.length > 0) context.addIssue({ code: 'custom', path: ['people'], message: t('peopleShown') });
      if (form.people.length + form.senders.length + form.recipients.length === 0 && form.messageId.trim() === '') context.addIssue({ code: 'custom', path: ['report'], message: t('needsWho') });
      if (form.title.trim() === '') context.addIssue({ code: 'custom', path: ['title'], message: t('titleNeeded') });
    }
  });

/** What zod found, under the names the form knows. */
async function resolve(values: TraceForm) {
  const result = schema.safeParse(values);
  if (result.success) return { values, errors: {} };
  const errors: Record<string, { type: string; message: string }> = {};
  for (const issue of result.error.issues) errors[String(issue.path[0])] ??= { type: 'invalid', message: issue.message };
  return { values: {}, errors: errors as FieldErrors<TraceForm> };
}

function fill(parameters: TraceSearch, zone: string): TraceForm {
  const form = emptyForm(zone, new Date());
  const list = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : value ? [String(value)] : []);
  const p = parameters as Record<string, unknown>;
  const last = typeof p.Last === 'string' ? parseDuration(p.Last) : null;
  return {
    ...form, senders: list(p.SenderAddress), recipients: list(p.RecipientAddress), people: list(p.Address), kept: keptOf(parameters), subject: String(p.Subject ?? ''), subjectHow: (p.SubjectFilterType as TraceForm['subjectHow'] | undefined) ?? 'Contains', status: list(p.Status), messageId: list(p.MessageId).join(' '),
    networkId: String(p.NetworkMessageId ?? p.MessageTraceId ?? ''), direction: DIRECTIONS.find((known) => known === p.Direction) ?? 'All', clientIp: list(p.FromIP).join(' '), refused: p.IncludeRefused === true,
    ...(last === null ? {} : { rangeKind: 'slider' as const, slider: { from: Math.max(1, snap(last / 3_600_000)), to: 0 } }),
    ...(p.StartDate || p.EndDate ? { rangeKind: 'custom' as const, start: p.StartDate ? wallClock(new Date(String(p.StartDate)), zone) : form.start, end: p.EndDate ? wallClock(new Date(String(p.EndDate)), zone) : form.end } : {}),
  };
}

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: '18px' },
  pair: { display: 'grid', gridTemplateColumns: '1fr 1fr', gap: '12px', '@media (max-width: 520px)': { gridTemplateColumns: '1fr' } },
  how: { display: 'grid', gridTemplateColumns: '150px minmax(0, 1fr)', gap: '8px', '@media (max-width: 520px)': { gridTemplateColumns: '1fr' } },
  statuses: { display: 'grid', gridTemplateColumns: 'repeat(auto-fill, minmax(150px, 1fr))' },
  block: { display: 'flex', flexDirection: 'column', gap: '12px', margin: 0, padding: '14px 16px', border: `1px solid ${tokens.colorNeutralStroke2}`, borderRadius: tokens.borderRadiusLarge, backgroundColor: tokens.colorNeutralBackground2 },
  panel: { display: 'flex', flexDirection: 'column', gap: '16px', margin: 0 },
  legend: { fontWeight: tokens.fontWeightSemibold },
});

interface Props { open: boolean; title: string; parameters: TraceSearch; onClose: () => void }

export default function TraceDrawer({ open, title, parameters, onClose }: Props) {
  const styles = useStyles();
  const navigate = useNavigate();
  const can = useCan();
  const { zone, setZone } = useSettings();
  const [naming, setNaming] = useState<string | null>(null);
  const [saved, setSaved] = useState('');
  const save = useChange('New-MessageTraceQuery', ['Get-MessageTraceQuery']);
  const prepare = useChange('Start-HistoricalSearch', ['Get-HistoricalSearch']);
  const { control, handleSubmit, register, setError, formState: { errors, isDirty } } = useForm<TraceForm>({ defaultValues: fill(parameters, zone), resolver: resolve });
  const report = useWatch({ control, name: 'report' });
  const typed = useTypedFields();
  const send = handleSubmit(async (form) => {
    if (form.zone !== zone) setZone(form.zone);
    const asked = fromForm(form, new Date());
    if (form.report === 'show') {
      freely(() => void navigate(resultsPath(asked)));
      return;
    }
    await prepare.mutateAsync(reportOf(form));
    freely(() => void navigate('/mail-flow/message-trace?tab=reports'));
  });
  const submit = () => void (typed.settle() && send());
  const store = handleSubmit(async (form) => {
    if (!naming?.trim()) return;
    if (form.people.length > 0) {
      setError('people', { type: 'invalid', message: t('peopleShown') }, { shouldFocus: true });
      return;
    }
    if (form.kept.Words) {
      setError('kept', { type: 'invalid', message: t('wordsShown') });
      return;
    }
    await save.mutateAsync({ ...lasting(fromForm(form, new Date())), Name: naming.trim() });
    setSaved(naming.trim());
    setNaming(null);
  });
  const keep = () => void (typed.settle() && store());
  return (
    <DetailsDrawer
      open={open} title={title} name={title} onClose={onClose} unsaved={isDirty} width="min(600px, 100vw)"
      footer={
        <>
          <Button appearance="primary" onClick={submit}>{report === 'show' ? t('search') : t('prepare')}</Button>
          {can('New-MessageTraceQuery') && naming === null && <Button onClick={() => setNaming('')}>{t('save')}</Button>}
          {naming !== null && (
            <>
              <Input aria-label={t('queryName')} placeholder={t('queryName')} value={naming} onChange={(_, data) => setNaming(data.value)} />
              <Button disabledFocusable={naming.trim() === ''} onClick={keep}>{t('saveAs')}</Button>
            </>
          )}
          <Button appearance="subtle" onClick={onClose}>{t('cancel')}</Button>
        </>
      }
    >
      <TypedFields value={typed.fields}>
        <form className={styles.form} onSubmit={(event) => { event.preventDefault(); submit(); }}>
          {saved && <MessageBar intent="success"><MessageBarBody>{t('saved', { name: saved })}</MessageBarBody></MessageBar>}
          <ErrorBar title={t('saveFailed')} error={save.error} />
          <ErrorBar title={t('prepareFailed')} error={prepare.error} />
          <Controller control={control} name="people" render={({ field }) => <PeoplePicker label={t('people')} hint={t('peopleHint')} error={errors.people?.message} search value={field.value} onChange={field.onChange} />} />
          <Controller control={control} name="senders" render={({ field }) => <PeoplePicker label={t('senders')} hint={t('sendersHint')} search value={field.value} onChange={field.onChange} />} />
          <Controller control={control} name="recipients" render={({ field }) => <PeoplePicker label={t('recipients')} search value={field.value} onChange={field.onChange} />} />
          <Range control={control} endError={errors.end?.message} />
          <Field label={t('subject')}>
            <div className={styles.how}>
              <Select aria-label={t('subjectHow')} {...register('subjectHow')}>{HOWS.map((how) => <option key={how} value={how}>{t(how)}</option>)}</Select>
              <Controller control={control} name="subject" render={({ field }) => <Input aria-label={t('subject')} value={field.value} onChange={field.onChange} />} />
            </div>
          </Field>
          <Kept control={control} error={errors.kept?.message as string | undefined} />
          <Detailed control={control} idError={errors.networkId?.message} />
          <Reported control={control} errors={errors} />
          <Lines control={control} name={naming} />
          <button type="submit" hidden aria-hidden tabIndex={-1} />
        </form>
      </TypedFields>
    </DetailsDrawer>
  );
}

/** What the buttons below would run. */
function Lines({ control, name }: { control: Control<TraceForm>; name: string | null }) {
  const form = useWatch({ control }) as TraceForm;
  const asked = fromForm(form, new Date());
  const search: Change[] = form.report === 'show' ? questions(asked).map((parameters) => ({ cmdlet: 'Get-MessageTrace', parameters })) : [{ cmdlet: 'Start-HistoricalSearch', parameters: reportOf(form) }];
  return <CommandPreview changes={name === null ? search : [...search, { cmdlet: 'New-MessageTraceQuery', parameters: { ...lasting(asked), Name: name.trim() } }]} />;
}

const reportOf = (form: TraceForm) => ({ ...lasting(fromForm(form, new Date())), ReportTitle: form.title, ReportType: form.report === 'show' ? ('EnhancedSummary' as const) : form.report, NotifyAddress: form.notify });

function Range({ control, endError }: { control: Control<TraceForm>; endError?: string }) {
  const styles = useStyles();
  const kind = useWatch({ control, name: 'rangeKind' });
  return (
    <fieldset className={styles.block}>
      <legend className={styles.legend}>{t('time')}</legend>
      <Controller control={control} name="rangeKind" render={({ field }) => (
        <TabList size="small" selectedValue={field.value} onTabSelect={(_, data) => field.onChange(data.value)} aria-label={t('time')}>
          <Tab value="slider">{t('slider')}</Tab>
          <Tab value="custom">{t('customRange')}</Tab>
        </TabList>
      )} />
      {kind === 'slider' ? (
        <Controller control={control} name="slider" render={({ field }) => <RangeSlider label={t('time')} value={field.value} onChange={field.onChange} />} />
      ) : (
        <>
          <Controller control={control} name="zone" render={({ field }) => <Field label={t('zone')} hint={t('zoneHint')}><ZoneSelect value={field.value} onChange={field.onChange} /></Field>} />
          <div className={styles.pair}>
            <Controller control={control} name="start" render={({ field }) => <Field label={t('from')}><Input type="datetime-local" value={field.value} onChange={field.onChange} /></Field>} />
            <Controller control={control} name="end" render={({ field }) => <Field label={t('to')} validationMessage={endError}><Input type="datetime-local" value={field.value} onChange={field.onChange} /></Field>} />
          </div>
        </>
      )}
    </fieldset>
  );
}

/** What of the search has no field here: it stays, unless it is dropped. */
function Kept({ control, error }: { control: Control<TraceForm>; error?: string }) {
  const { zone } = useSettings();
  return (
    <Controller control={control} name="kept" render={({ field }) => {
      const shown = Object.entries(field.value).map(([name, value]) => ({ name, words: inWords(name, value, field.value, zone) ?? name }));
      if (shown.length === 0) return <></>;
      return (
        <Field label={t('kept')} hint={t('keptHint')} validationMessage={error}>
          <TagGroup aria-label={t('kept')} onDismiss={(_, data) => field.onChange(Object.fromEntries(Object.entries(field.value).filter(([name]) => name !== data.value)))}>
            {shown.map(({ name, words }) => <Tag key={name} value={name} size="small" dismissible dismissIcon={{ 'aria-label': t('dropCondition', { name: words }) }}><SafeText text={words} /></Tag>)}
          </TagGroup>
        </Field>
      );
    }} />
  );
}

function Detailed({ control, idError }: { control: Control<TraceForm>; idError?: string }) {
  const styles = useStyles();
  const own = useOwnOnly();
  return (
    <Accordion collapsible defaultOpenItems={idError ? ['detailed'] : []}>
      <AccordionItem value="detailed">
        <AccordionHeader expandIconPosition="end">{t('detailed')}</AccordionHeader>
        <AccordionPanel className={styles.panel}>
          <Controller control={control} name="status" render={({ field }) => (
            <div role="group" aria-label={t('statusAny')}>
              <Text>{t('statusAny')}</Text>
              <div className={styles.statuses}>
                {STATUSES.map((status) => <Checkbox key={status} label={statusWord(status)} checked={field.value.includes(status)} onChange={(_, data) => field.onChange(data.checked ? [...field.value, status] : field.value.filter((s) => s !== status))} />)}
              </div>
            </div>
          )} />
          <Controller control={control} name="messageId" render={({ field }) => <Field label={t('messageId')} hint={t('messageIdHint')}><Input value={field.value} onChange={field.onChange} /></Field>} />
          <Controller control={control} name="networkId" render={({ field }) => <Field label={t('networkId')} validationMessage={idError}><Input value={field.value} onChange={field.onChange} /></Field>} />
          {!own && (
            <>
              <div className={styles.pair}>
                <Controller control={control} name="direction" render={({ field }) => <Field label={t('direction')}><Select value={field.value} onChange={(_, data) => field.onChange(data.value)}>{DIRECTIONS.map((d) => <option key={d} value={d}>{t(d)}</option>)}</Select></Field>} />
                <Controller control={control} name="clientIp" render={({ field }) => <Field label={t('clientIp')} hint={t('clientIpHint')}><Input value={field.value} onChange={field.onChange} /></Field>} />
              </div>
              <Controller control={control} name="refused" render={({ field }) => <Checkbox label={t('refused')} checked={field.value} onChange={(_, data) => field.onChange(data.checked === true)} />} />
            </>
          )}
        </AccordionPanel>
      </AccordionItem>
    </Accordion>
  );
}

function Reported({ control, errors }: { control: Control<TraceForm>; errors: FieldErrors<TraceForm> }) {
  const styles = useStyles();
  const can = useCan();
  const report = useWatch({ control, name: 'report' });
  if (!can('Start-HistoricalSearch')) return null;
  const label = (name: string, hint: string) => <>{name}<br /><Text size={200} style={{ color: tokens.colorNeutralForeground3 }}>{hint}</Text></>;
  return (
    <>
      <Controller control={control} name="report" render={({ field }) => (
        <Field label={t('reportType')} validationMessage={errors.report?.message}>
          <RadioGroup value={field.value} onChange={(_, data) => field.onChange(data.value)}>
            <Radio value="show" label={label(t('show'), t('showHint'))} />
            <Radio value="EnhancedSummary" label={label(t('EnhancedSummary'), t('EnhancedSummaryHint'))} />
            <Radio value="Extended" label={label(t('Extended'), t('ExtendedHint'))} />
          </RadioGroup>
        </Field>
      )} />
      {report !== 'show' && (
        <div className={styles.block}>
          <Controller control={control} name="title" render={({ field }) => <Field label={t('csvTitle')} required validationMessage={errors.title?.message}><Input value={field.value} onChange={field.onChange} /></Field>} />
          <Controller control={control} name="notify" render={({ field }) => <PeoplePicker label={t('notify')} value={field.value} onChange={field.onChange} />} />
        </div>
      )}
    </>
  );
}
