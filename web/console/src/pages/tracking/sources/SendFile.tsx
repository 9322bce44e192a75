// Sends a file to a source that takes what is posted.
import { useId, useRef, useState, type FormEvent } from 'react';
import { Button, Field, makeStyles, MessageBar, MessageBarBody, ProgressBar, Text, tokens } from '@fluentui/react-components';
import { useQueryClient } from '@tanstack/react-query';
import type { ApiError } from '@api/client';
import { sendFile } from '@api/progress';
import { useSession } from '@api/session';
import { ErrorBar } from '@kit/page/ErrorBar';
import { visible } from '@kit/safe/visible';
import { Lines } from './Lines';
import type { Posted } from './shapes';
import { t } from './text';

/** What the server takes in one request. */
const BYTES_MAX = 64 * 1024 * 1024;

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: '16px' },
  lead: { color: tokens.colorNeutralForeground3 },
  buttons: { display: 'flex', gap: '8px' },
  line: { margin: 0, whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200, color: tokens.colorNeutralForeground2 },
});

type Outcome = { posted: Posted } | { error: ApiError } | { stopped: true } | null;

export function SendFile({ url }: { url: string }) {
  const styles = useStyles();
  const queries = useQueryClient();
  const id = useId();
  const chosen = useRef<HTMLInputElement>(null);
  const session = useSession();
  const [file, setFile] = useState('');
  const [wrong, setWrong] = useState('');
  const [share, setShare] = useState<number | null>(null);
  const [outcome, setOutcome] = useState<Outcome>(null);
  const stop = useRef<AbortController>(null);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    const given = chosen.current?.files?.[0];
    const problem = !given ? t('noFile') : given.size > BYTES_MAX ? t('tooLong') : '';
    setWrong(problem);
    if (!given || problem) return;
    stop.current = new AbortController();
    setOutcome(null);
    setShare(0);
    try {
      setOutcome({ posted: (await sendFile(url, given, setShare, stop.current.signal)) as Posted });
      await queries.invalidateQueries({ queryKey: ['Get-TraceSource'] });
    } catch (error) {
      setOutcome(stop.current.signal.aborted ? { stopped: true } : { error: error as ApiError });
    } finally {
      setShare(null);
    }
  };
  return (
    <form className={styles.form} noValidate onSubmit={(event) => void send(event)}>
      <Text className={styles.lead}>{t('sendLead')}</Text>
      <Field label={{ children: t('file'), htmlFor: id }} hint={t('fileHint')} validationMessage={wrong || undefined} required>
        <input ref={chosen} id={id} type="file" disabled={share !== null} onChange={(event) => { setFile(visible(event.target.files?.[0]?.name ?? '')); setWrong(''); setOutcome(null); }} />
      </Field>
      {share !== null && <Field validationState="none" validationMessage={share < 1 ? t('sending', { percent: Math.round(share * 100) }) : t('working')}><ProgressBar value={share < 1 ? share : undefined} aria-label={t('tabSend')} /></Field>}
      {outcome && 'stopped' in outcome && <MessageBar><MessageBarBody>{t('sendStopped')}</MessageBarBody></MessageBar>}
      {outcome && 'error' in outcome && <ErrorBar title={t('sendFailed')} error={outcome.error} />}
      {outcome && 'posted' in outcome && (
        <>
          <MessageBar intent={outcome.posted.unknown > 0 ? 'warning' : 'success'}><MessageBarBody>{t('sent', { n: outcome.posted.new })}</MessageBarBody></MessageBar>
          <Lines title={t('unknownLines')} lines={outcome.posted.unknownLines} />
        </>
      )}
      <pre className={styles.line} data-line="curl" dir="ltr">{`curl -u ${session.name} --data-binary @${file || '…'} ${location.origin}${url}`}</pre>
      <div className={styles.buttons}>
        <Button type="submit" appearance="primary" disabledFocusable={share !== null}>{t('send')}</Button>
        {share !== null && <Button type="button" onClick={() => stop.current?.abort()}>{t('cancel')}</Button>}
      </div>
    </form>
  );
}
