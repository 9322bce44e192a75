// Asks before something is changed or lost, and says what would go: the server is asked first what the cmdlet would do (-WhatIf).
import { useState } from 'react';
import { Button, Dialog, DialogActions, DialogBody, DialogContent, DialogSurface, DialogTitle, Field, makeStyles, ProgressBar, Radio, RadioGroup, Spinner, Text, tokens } from '@fluentui/react-components';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { ApiError, runCmdlet, type Answer, type CmdletName } from '@api/client';
import { runWithProgress } from '@api/progress';
import { defineText } from '@i18n/t';
import { CommandPreview } from '@kit/command/CommandPreview';
import { shellLine } from '@kit/command/line';
import { ErrorBar } from '@kit/page/ErrorBar';
import { SafeText } from '@kit/safe/SafeText';
import { visible } from '@kit/safe/visible';
import { wouldWords } from './would';

const t = defineText('confirm', { would: 'What would happen', cancel: 'Cancel', failed: '{n} of {of} could not be done', asking: 'Asking the server', doing: '{done} of {of}', more: 'and {n} more', stop: 'Stop' });
/** So many are asked about one by one; of more, the first are shown. */
const ASKED_MAX = 20;

export interface Change { cmdlet: CmdletName; parameters: Record<string, unknown> }
/** One way to do it; the first one is offered first. */
export interface Way { id: string; label: string; hint?: string; changes: Change[] }

interface Props {
  title: string;
  /** What it means, in a sentence. */
  text: string;
  confirm: string;
  ways: Way[];
  refreshes: CmdletName[];
  /** It may take long: the cmdlet tells how far it is, and can be stopped midway. */
  tells?: boolean;
  /** With what was done. */
  onDone: (changes: Change[]) => void;
  onClose: () => void;
}

const useStyles = makeStyles({
  content: { display: 'flex', flexDirection: 'column', gap: '12px' },
  list: { margin: 0, paddingInlineStart: '20px', maxHeight: '220px', overflowY: 'auto', overflowWrap: 'anywhere', fontSize: tokens.fontSizeBase200, color: tokens.colorNeutralForeground2 },
});

const sentences = (answer: Answer<unknown>): string[] => [...answer.notes, ...answer.warnings, ...answer.rows.filter((r): r is string => typeof r === 'string')];

export function ConfirmDialog({ title, text, confirm, ways, refreshes, tells = false, onDone, onClose }: Props) {
  const styles = useStyles();
  const queries = useQueryClient();
  const [way, setWay] = useState(ways[0]?.id);
  const [done, setDone] = useState<number | null>(null);
  const [failed, setFailed] = useState<{ n: number; error: ApiError } | null>(null);
  const [said, setSaid] = useState('');
  const [stop, setStop] = useState(() => new AbortController());
  const changes = ways.find((w) => w.id === way)?.changes ?? [];
  const would = useQuery<string[], ApiError>({
    queryKey: ['what-if', changes],
    queryFn: async () => {
      const answers = await Promise.all(changes.slice(0, ASKED_MAX).map(async ({ cmdlet, parameters }) => {
        const said = sentences(await runCmdlet(cmdlet, { ...parameters, WhatIf: true } as never));
        return said.length > 0 ? said : [shellLine(cmdlet, parameters)];
      }));
      return answers.flat();
    },
    staleTime: 0,
    retry: false,
  });

  const run = async () => {
    let failures = 0;
    let first: ApiError | null = null;
    let all = false;
    setDone(0);
    for (const [i, { cmdlet, parameters }] of changes.entries()) {
      if (stop.signal.aborted) break;
      try {
        const given = { ...parameters, Confirm: false } as never;
        await (tells ? runWithProgress(cmdlet, given, setSaid, stop.signal) : runCmdlet(cmdlet, given));
      } catch (error) {
        // It was stopped before the server had begun: there is nothing to say of it.
        if (!(error instanceof ApiError)) break;
        failures += 1;
        first ??= error;
      }
      all = i + 1 === changes.length;
      setDone(i + 1);
    }
    await Promise.all(refreshes.map((name) => queries.invalidateQueries({ queryKey: [name] })));
    setSaid('');
    if (first) {
      setFailed({ n: failures, error: first });
      setDone(null);
      setStop(new AbortController());
    } else if (all) onDone(changes);
    else onClose();
  };

  return (
    <Dialog open modalType="alert" onOpenChange={(_, data) => !data.open && onClose()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{visible(title)}</DialogTitle>
          <DialogContent className={styles.content}>
            <Text>{text}</Text>
            {ways.length > 1 && (
              <RadioGroup value={way} onChange={(_, data) => setWay(data.value)} aria-label={title}>
                {ways.map((w) => <Radio key={w.id} value={w.id} label={<>{w.label}{w.hint && <><br /><Text size={200}>{w.hint}</Text></>}</>} />)}
              </RadioGroup>
            )}
            <div>
              <Text weight="semibold">{t('would')}</Text>
              {would.isFetching ? <Spinner size="tiny" label={t('asking')} /> : (
                <ul className={styles.list}>
                  {[...new Set(would.data?.map(wouldWords))].map((line) => <li key={line}><SafeText text={line} /></li>)}
                  {changes.length > ASKED_MAX && <li>{t('more', { n: changes.length - ASKED_MAX })}</li>}
                </ul>
              )}
            </div>
            <CommandPreview changes={changes} />
            {tells && <div role="status">{done !== null && <Field validationState="none" validationMessage={said || confirm}><ProgressBar aria-label={confirm} /></Field>}</div>}
            <ErrorBar title={t('failed', { n: failed?.n ?? changes.length, of: changes.length })} error={failed?.error ?? would.error} />
          </DialogContent>
          <DialogActions>
            <Button appearance="primary" disabledFocusable={done !== null || would.isFetching || would.isError} onClick={() => void run()}>{done === null ? confirm : t('doing', { done, of: changes.length })}</Button>
            <Button onClick={() => (done === null ? onClose() : stop.abort())}>{done === null ? t('cancel') : t('stop')}</Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
