// What a button does at once: says what came of it, and gives the lines for the shell and for curl that do the same.
import type { ReactNode } from 'react';
import type { CmdletName } from '@api/client';
import type { Change } from '@kit/confirm/ConfirmDialog';
import { useRun } from '@kit/forms/useRun';
import { ErrorBar } from '@kit/page/ErrorBar';
import { CommandPreview } from './CommandPreview';
import { useTold } from './useTold';

interface Act {
  /** Runs them one after another; `said` is shown when all are done. */
  act: (said: string, changes: Change[]) => void;
  /** Says what a dialog has done, with its lines. */
  say: (said: string, changes?: Change[]) => void;
  busy: boolean;
  outcome: ReactNode;
}

export function useAct(refreshes: CmdletName[], failed: string): Act {
  const run = useRun(refreshes);
  const { told, tell } = useTold();
  const outcome = (
    <>
      <ErrorBar title={failed} error={run.error}>{run.variables && run.variables.length > 0 && <CommandPreview changes={run.variables} />}</ErrorBar>
      {told}
    </>
  );
  return {
    busy: run.isPending,
    outcome,
    act: (said, changes) => {
      tell('');
      run.mutate(changes, { onSuccess: () => tell(said, changes) });
    },
    say: (said, changes) => {
      run.reset();
      tell(said, changes);
    },
  };
}
