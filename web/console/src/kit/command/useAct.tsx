// What a button does at once: says what came of it, and gives the lines for the shell and for curl that do the same.
import { useState, type ReactNode } from 'react';
import { MessageBar, MessageBarBody, MessageBarTitle } from '@fluentui/react-components';
import type { CmdletName } from '@api/client';
import type { Change } from '@kit/confirm/ConfirmDialog';
import { useRun } from '@kit/forms/useRun';
import { ErrorBar } from '@kit/page/ErrorBar';
import { SafeText } from '@kit/safe/SafeText';
import { CommandPreview } from './CommandPreview';

interface Act {
  /** Runs them one after another; `said` is shown when all are done. */
  act: (said: string, changes: Change[]) => void;
  /** Says what a dialog has done, which showed its lines itself. */
  say: (said: string) => void;
  busy: boolean;
  outcome: ReactNode;
}

export function useAct(refreshes: CmdletName[], failed: string): Act {
  const run = useRun(refreshes);
  const [done, setDone] = useState<{ said: string; changes: Change[] } | null>(null);
  const outcome = (
    <>
      <ErrorBar title={failed} error={run.error}>{run.variables && run.variables.length > 0 && <CommandPreview changes={run.variables} />}</ErrorBar>
      {done && (
        <MessageBar intent="success" layout="multiline">
          <MessageBarBody>
            <MessageBarTitle><SafeText text={done.said} /></MessageBarTitle>
            {done.changes.length > 0 && <CommandPreview changes={done.changes} />}
          </MessageBarBody>
        </MessageBar>
      )}
    </>
  );
  return {
    busy: run.isPending,
    outcome,
    act: (said, changes) => {
      setDone(null);
      run.mutate(changes, { onSuccess: () => setDone({ said, changes }) });
    },
    say: (said) => {
      run.reset();
      setDone({ said, changes: [] });
    },
  };
}
