// A dry check: which way a message would take, step by step. Nothing is sent, and no other server is asked but DNS.
import { useState, type ReactNode } from 'react';
import { Badge, Button, makeStyles, MessageBar, MessageBarBody, Spinner, Text, tokens } from '@fluentui/react-components';
import { useForm, useWatch } from 'react-hook-form';
import { useChange } from '@api/cmdlet';
import type { CmdletName } from '@api/client';
import { useSession } from '@api/session';
import { defineText } from '@i18n/t';
import { CommandPreview } from '@kit/command/CommandPreview';
import { TextField } from '@kit/forms/fields';
import { resolve, wrongs } from '@kit/forms/resolver';
import { shortSize } from '@kit/forms/sizeText';
import { z } from '@kit/forms/zod';
import { ErrorBar } from '@kit/page/ErrorBar';
import { useWho } from '@kit/page/who';
import { SafeText } from '@kit/safe/SafeText';
import { stoppedBy, type Route, type Scope } from './route';

const t = defineText('route-check', {
  from: 'Sender', to: 'Recipients', toHint: 'Several, separated by spaces or commas.', size: 'Size', sizeBad: 'Give a size such as 20 MB', addressBad: 'Give an address such as kim@contoso.example', run: 'Check', running: 'Checking', failed: 'It could not be checked', dry: 'Nothing is sent: the server says what its own rules would do now. What another server would answer is not known.',
  Deliver: 'Would be delivered', Send: 'Would be sent on', Wait: 'Would wait', Fail: 'Would fail', Drop: 'Would be dropped', Expand: 'Would be expanded', Duplicate: 'Is a recipient already', Resolve: 'Stands for another address', Forward: 'Would be forwarded', Refuse: 'Would be refused',
  recipient: 'Recipient', limits: 'Size', fits: 'Within all limits on this way', connector: 'Connector', next: 'Next hop', none: 'No connector takes it', other: '{name} takes it, not this connector', upTo: '{name}, up to {size}', servers: '{hop}: {servers}', good: 'Passed', bad: 'Stopped', stopped: 'Stopped by {scope}', organization: 'the limit of the organization', connectorLimit: 'the limit of the connector', sender: "the limit of the sender's mailbox", recipientLimit: "the limit of the recipient's mailbox", who: 'Who can act: {who}', via: 'by way of {path}',
});
const READS: CmdletName[] = [];
const DEFAULT_SIZE = '10 KB';
const SCOPE_WORDS: Record<Scope, () => string> = { organization: () => t('organization'), connector: () => t('connectorLimit'), sender: () => t('sender'), recipient: () => t('recipientLimit') };
type Outcome = 'Deliver' | 'Send' | 'Wait' | 'Fail' | 'Drop' | 'Expand' | 'Duplicate' | 'Resolve' | 'Forward' | 'Refuse';

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: '14px', maxWidth: '820px' },
  row: { display: 'grid', gap: '12px', gridTemplateColumns: 'minmax(0, 2fr) minmax(0, 3fr) minmax(90px, 1fr)', alignItems: 'start', '& .fui-Input': { minWidth: 0 }, '& input': { minWidth: 0, width: '100%' }, '@media (max-width: 640px)': { gridTemplateColumns: '1fr' } },
  buttons: { display: 'flex', gap: '10px', alignItems: 'center' },
  dry: { color: tokens.colorNeutralForeground3 },
  card: { display: 'flex', flexDirection: 'column', gap: '10px', padding: '14px 16px', border: `1px solid ${tokens.colorNeutralStroke2}`, borderRadius: tokens.borderRadiusLarge },
  results: { display: 'flex', flexDirection: 'column', gap: '12px', listStyleType: 'none', margin: 0, padding: 0 },
  head: { display: 'flex', gap: '10px', alignItems: 'center', flexWrap: 'wrap' },
  name: { fontWeight: tokens.fontWeightSemibold, overflowWrap: 'anywhere' },
  steps: { listStyleType: 'none', margin: 0, padding: 0, display: 'flex', flexDirection: 'column', gap: '6px' },
  step: { display: 'grid', gridTemplateColumns: '22px minmax(84px, 110px) minmax(0, 1fr)', gap: '6px', alignItems: 'baseline', overflowWrap: 'anywhere' },
  what: { color: tokens.colorNeutralForeground3 },
  good: { color: tokens.colorStatusSuccessForeground1, fontWeight: tokens.fontWeightSemibold },
  bad: { color: tokens.colorStatusDangerForeground1, fontWeight: tokens.fontWeightSemibold },
});

interface Props { to?: string; size?: string; /** The connector that ought to take it. */ expected?: string }
interface Form { From: string; To: string; Size: string }

const addresses = (text: string): string[] => text.split(/[\s,;]+/).filter(Boolean);
const makeSchema = () => z.object({
  From: z.string().refine((text) => /^(<>|\S+@\S+)$/.test(text.trim()), t('addressBad')),
  To: z.string().refine((text) => addresses(text).length > 0 && addresses(text).every((a) => /^\S+@\S+$/.test(a)), t('addressBad')),
  Size: z.string().refine((text) => /^\d+(\.\d+)?\s*(B|KB|MB|GB)?$/i.test(text.trim()), t('sizeBad')),
});
const parameters = (v: Form) => ({ From: v.From.trim(), To: addresses(v.To), Size: v.Size.trim(), ResolveNextHop: true });

export function RouteCheck({ to = '', size = DEFAULT_SIZE, expected }: Props) {
  const styles = useStyles();
  const session = useSession();
  const [schema] = useState(makeSchema);
  const { control, handleSubmit } = useForm<Form>({ defaultValues: { From: session.name.includes('@') ? session.name : '', To: to, Size: size }, resolver: resolve(schema), mode: 'onTouched' });
  const check = useChange<'Test-MessageRoute', Route>('Test-MessageRoute', READS);
  const now = useWatch({ control }) as Form;
  return (
    <form className={styles.form} noValidate onSubmit={(event) => void handleSubmit((v) => check.mutate(parameters(v)))(event)}>
      <Text size={200} className={styles.dry}>{t('dry')}</Text>
      <div className={styles.row}>
        <TextField control={control} name="From" label={t('from')} required />
        <TextField control={control} name="To" label={t('to')} hint={t('toHint')} required />
        <TextField control={control} name="Size" label={t('size')} />
      </div>
      <div className={styles.buttons}>
        <Button type="submit" appearance="primary" disabledFocusable={check.isPending}>{t('run')}</Button>
        {check.isPending && <Spinner size="tiny" label={t('running')} />}
      </div>
      <CommandPreview changes={[{ cmdlet: 'Test-MessageRoute', parameters: parameters(now) }]} wrong={wrongs(schema, now)} />
      <ErrorBar title={t('failed')} error={check.error} />
      <div role="status">
        {check.data && (
          <>
            <ol className={styles.results} data-routes>{check.data.rows.map((route) => <Way key={`${route.RecipientAddress} ${route.Path.join()}`} route={route} expected={expected} />)}</ol>
            {[...check.data.warnings, ...check.data.notes].map((note) => <Text key={note} block size={200} className={styles.dry} style={{ marginTop: 8 }}><SafeText text={note} /></Text>)}
          </>
        )}
      </div>
    </form>
  );
}

const fails = (route: Route) => route.Outcome === 'Fail' || route.Outcome === 'Refuse' || route.Outcome === 'Drop' || route.Outcome === 'Wait';

function Way({ route, expected }: { route: Route; expected?: string }) {
  const styles = useStyles();
  const scope = stoppedBy(route.Reply);
  const who = useWho()(route.ActionNeededBy, route.Fix);
  const bad = fails(route);
  return (
    <li className={styles.card}>
      <div className={styles.head}>
        <span className={styles.name}><SafeText text={route.RecipientAddress} /></span>
        <Badge appearance="tint" color={bad ? (route.Outcome === 'Wait' ? 'warning' : 'danger') : 'success'}>{t(route.Outcome as Outcome)}</Badge>
        {route.Path.length > 0 && <Text size={200} className={styles.what}><SafeText text={t('via', { path: route.Path.join(', ') })} /></Text>}
      </div>
      <ol className={styles.steps}>
        <Step what={t('recipient')} good={!bad || scope !== null || route.Outcome === 'Wait'}>{bad && !scope && route.Outcome !== 'Wait' ? <SafeText text={route.Detail} /> : <SafeText text={route.RecipientAddress} />}</Step>
        {(!bad || scope) && <Step what={t('limits')} good={!scope}>{scope ? t('stopped', { scope: SCOPE_WORDS[scope]() }) : t('fits')}</Step>}
        {(route.Outcome === 'Send' || route.Outcome === 'Wait') && <ConnectorStep route={route} expected={expected} />}
        {!bad && route.NextHop && <Step what={t('next')} good={!/; DNS: /.test(route.Detail)}><SafeText text={/; DNS: /.test(route.Detail) ? route.Detail : route.NextHopServers.length > 0 ? t('servers', { hop: route.NextHop, servers: route.NextHopServers.join(', ') }) : route.NextHop} /></Step>}
      </ol>
      {route.Cause && (
        <MessageBar intent={bad ? 'warning' : 'info'} layout="multiline">
          <MessageBarBody>{route.Cause} {route.Fix} {who && t('who', { who })}{route.Reply && <><br /><Text size={200} font="monospace"><SafeText text={route.Reply} /></Text></>}</MessageBarBody>
        </MessageBar>
      )}
    </li>
  );
}

function ConnectorStep({ route, expected }: { route: Route; expected?: string }) {
  if (!route.Connector) return <Step what={t('connector')} good={false}>{t('none')}</Step>;
  const other = expected !== undefined && route.Connector !== expected;
  return <Step what={t('connector')} good={!other}><SafeText text={other ? t('other', { name: route.Connector }) : t('upTo', { name: route.Connector, size: shortSize(route.ConnectorMaxMessageSize) })} /></Step>;
}

function Step({ what, good, children }: { what: string; good: boolean; children: ReactNode }) {
  const styles = useStyles();
  return (
    <li className={styles.step}>
      <span className={good ? styles.good : styles.bad} role="img" aria-label={good ? t('good') : t('bad')}>{good ? '✓' : '✕'}</span>
      <span className={styles.what}>{what}</span>
      <span>{children}</span>
    </li>
  );
}
