// Sends a test message over a Send connector, one that is there or one that is not yet, and shows each step.
import { useEffect, useRef, useState } from 'react';
import { Button, Link as Anchor, makeStyles, MessageBar, MessageBarBody, MessageBarTitle, Spinner, Text, tokens } from '@fluentui/react-components';
import { useForm, useWatch } from 'react-hook-form';
import { useHref } from 'react-router';
import { useChange } from '@api/cmdlet';
import type { CmdletName } from '@api/client';
import { useSession } from '@api/session';
import { defineText } from '@i18n/t';
import { CommandPreview } from '@kit/command/CommandPreview';
import { Pair, TextField } from '@kit/forms/fields';
import { resolve, wrongs } from '@kit/forms/resolver';
import { z } from '@kit/forms/zod';
import { ErrorBar } from '@kit/page/ErrorBar';
import { useWho } from '@kit/page/who';
import { SafeText } from '@kit/safe/SafeText';
import { spoken } from '@kit/time/stops';
import type { TestStep } from './connectorTest';

const t = defineText('connector-test', {
  lead: 'One real message is sent at once, to the first host that can be reached. Nothing is tried again, and the trace keeps it like any other message.', to: 'Recipient', toHint: 'Somebody who may get a test message.', from: 'Sender', fromHint: 'The postmaster, if left empty.', addressBad: 'Give an address such as kim@fabrikam.example',
  run: 'Send a test message', running: 'Sending', failed: 'The test could not be made', steps: 'Steps of the test', taken: 'The next host took over the message.', notTaken: 'The message was not taken.', trace: 'Open its message trace', newTab: '(in a new tab)', good: 'Passed', bad: 'Failed', who: 'Who can act: {who}.', said: 'Said', answered: 'Answered',
  Resolve: 'Find the host', Connect: 'Connect', Banner: 'Greeting', EHLO: 'EHLO', STARTTLS: 'STARTTLS', TLS: 'TLS', AUTH: 'Sign in', 'MAIL FROM': 'Sender', 'RCPT TO': 'Recipient', DATA: 'DATA', Message: 'Message and last reply',
});
const READS: CmdletName[] = [];

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: '14px', maxWidth: '820px' },
  buttons: { display: 'flex', gap: '10px', alignItems: 'center' },
  quiet: { color: tokens.colorNeutralForeground3 },
  steps: { listStyleType: 'none', margin: 0, padding: 0, border: `1px solid ${tokens.colorNeutralStroke2}`, borderRadius: tokens.borderRadiusLarge, overflow: 'hidden' },
  step: { display: 'grid', gridTemplateColumns: '20px minmax(96px, 130px) minmax(0, 1fr) auto', columnGap: '10px', rowGap: '2px', padding: '8px 14px', alignItems: 'baseline', borderBottom: `1px solid ${tokens.colorNeutralStroke3}`, ':last-child': { borderBottomStyle: 'none' }, '@media (max-width: 560px)': { gridTemplateColumns: '20px minmax(0, 1fr) auto' } },
  what: { fontWeight: tokens.fontWeightSemibold },
  lines: { display: 'flex', flexDirection: 'column', gap: '2px', minWidth: 0, overflowWrap: 'anywhere', '@media (max-width: 560px)': { gridColumn: '2 / -1', gridRow: '2' } },
  mono: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200, whiteSpace: 'pre-wrap' },
  took: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200, fontVariantNumeric: 'tabular-nums', whiteSpace: 'nowrap' },
  good: { color: tokens.colorStatusSuccessForeground1, fontWeight: tokens.fontWeightSemibold },
  bad: { color: tokens.colorStatusDangerForeground1, fontWeight: tokens.fontWeightSemibold },
  // Above what stays at the foot of a form around it.
  results: { display: 'flex', flexDirection: 'column', gap: '12px', scrollMarginBottom: '80px', scrollMarginTop: '16px' },
});

interface Form { To: string; From: string }
const address = /^\S+@\S+$/;
const makeSchema = () => z.object({ To: z.string().trim().regex(address, t('addressBad')), From: z.string().trim().refine((text) => text === '' || text === '<>' || address.test(text), t('addressBad')) });

/** `connector`: the parameters that say which connector, or what it would be. */
export function ConnectorTest({ connector, to = '' }: { connector: Record<string, unknown>; to?: string }) {
  const styles = useStyles();
  const session = useSession();
  const [schema] = useState(makeSchema);
  const { control, handleSubmit } = useForm<Form>({ defaultValues: { To: to, From: session.name.includes('@') ? session.name : '' }, resolver: resolve(schema), mode: 'onTouched' });
  const trial = useChange<'Test-SendConnector', TestStep>('Test-SendConnector', READS);
  const result = useRef<HTMLDivElement>(null);
  // Whoever sent it looks at the button, and what came of it may be below the fold.
  useEffect(() => {
    if (trial.data || trial.error) result.current?.scrollIntoView({ block: 'nearest' });
  }, [trial.data, trial.error]);
  const now = useWatch({ control }) as Form;
  const parameters = (v: Form) => ({ ...connector, To: v.To.trim(), From: v.From.trim() });
  const send = handleSubmit((v) => trial.mutate(parameters(v) as never));
  return (
    <div className={styles.form} role="group" aria-label={t('run')}>
      <Text size={200} className={styles.quiet}>{t('lead')}</Text>
      <Pair>
        <TextField control={control} name="To" label={t('to')} hint={t('toHint')} required />
        <TextField control={control} name="From" label={t('from')} hint={t('fromHint')} />
      </Pair>
      <div className={styles.buttons}>
        {/* Not a form of its own: it may stand inside one. */}
        <Button type="button" disabledFocusable={trial.isPending} onClick={() => void send()}>{t('run')}</Button>
        {trial.isPending && <Spinner size="tiny" label={t('running')} />}
      </div>
      <CommandPreview changes={[{ cmdlet: 'Test-SendConnector', parameters: parameters(now) }]} wrong={wrongs(schema, now)} />
      <div ref={result} className={styles.results}>
        <ErrorBar title={t('failed')} error={trial.error} />
        <div role="status" className={styles.results}>{trial.data && !trial.isPending && <Outcome steps={trial.data.rows} warnings={trial.data.warnings} />}</div>
      </div>
    </div>
  );
}

function Outcome({ steps, warnings }: { steps: TestStep[]; warnings: string[] }) {
  const styles = useStyles();
  const why = steps.find((step) => step.Cause);
  const who = useWho()(why?.ActionNeededBy ?? null, why?.Fix);
  const trace = useHref(`/mail-flow/message-trace/results?MessageTraceId=${steps[0]?.MessageTraceId ?? ''}`);
  const others = warnings.filter((text) => !text.startsWith('not sent: '));
  const bad = warnings.length > others.length;
  return (
    <>
      <MessageBar intent={bad ? 'error' : 'success'} layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>{bad ? t('notTaken') : t('taken')}</MessageBarTitle>
          {why && <>{why.Cause} {why.Fix} {who && t('who', { who })} </>}
          {steps.length > 0 && <Anchor href={trace} target="_blank" rel="noopener" aria-label={`${t('trace')} ${t('newTab')}`}>{t('trace')}</Anchor>}
        </MessageBarBody>
      </MessageBar>
      {others.map((text) => <MessageBar key={text} intent="warning"><MessageBarBody><SafeText text={text} /></MessageBarBody></MessageBar>)}
      <ol className={styles.steps} aria-label={t('steps')} data-steps>
        {/* Steps have no names of their own: EHLO comes twice. */}
        {/* eslint-disable-next-line react/no-array-index-key */}
        {steps.map((step, i) => <Line key={i} step={step} />)}
      </ol>
    </>
  );
}

function Line({ step }: { step: TestStep }) {
  const styles = useStyles();
  const good = step.Result === 'Success';
  return (
    <li className={styles.step}>
      <span className={good ? styles.good : styles.bad} role="img" aria-label={good ? t('good') : t('bad')}>{good ? '✓' : '✕'}</span>
      <span className={styles.what}>{t(step.Step as 'Connect')}</span>
      <span className={styles.lines}>
        {step.Detail && <span><SafeText text={step.Detail} /></span>}
        {step.Sent && step.Sent !== step.Step && <span className={styles.mono}><span aria-hidden>&gt; </span><SafeText text={step.Sent} /></span>}
        {step.Reply && <span className={styles.mono}><span aria-hidden>&lt; </span><SafeText text={step.Reply} /></span>}
      </span>
      <span className={styles.took}>{spoken(step.Milliseconds)}</span>
    </li>
  );
}
