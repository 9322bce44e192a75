// Runs several cmdlets one after another, as one piece of work.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { runCmdlet, type ApiError, type CmdletName } from '@api/client';
import type { Change } from '@kit/confirm/ConfirmDialog';

/** Stops at the first that fails; what was done until then stays, and the lists are read anew either way. */
export function useRun(refreshes: CmdletName[]) {
  const queries = useQueryClient();
  return useMutation<string[], ApiError, Change[]>({
    mutationFn: async (changes) => {
      const warnings: string[] = [];
      for (const { cmdlet, parameters } of changes) warnings.push(...(await runCmdlet(cmdlet, parameters as never)).warnings);
      return warnings;
    },
    onSettled: () => Promise.all(refreshes.map((read) => queries.invalidateQueries({ queryKey: [read] }))),
  });
}
