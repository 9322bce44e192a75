// What a dialog, a wizard or a button has done, in a sentence, with the lines for the shell and for curl that do the same.
import { useState, type ReactNode } from 'react';
import { MessageBar, MessageBarBody, MessageBarTitle } from '@fluentui/react-components';
import type { Change } from '@kit/confirm/ConfirmDialog';
import { SafeText } from '@kit/safe/SafeText';
import { CommandPreview } from './CommandPreview';

/** `told` stands above the list; `tell('')` takes it away. */
export function useTold(): { told: ReactNode; tell: (said: string, changes?: Change[]) => void } {
  const [done, setDone] = useState<{ said: string; changes: Change[] }>({ said: '', changes: [] });
  const told = done.said !== '' && (
    <MessageBar intent="success" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle><SafeText text={done.said} /></MessageBarTitle>
        {done.changes.length > 0 && <CommandPreview changes={done.changes} />}
      </MessageBarBody>
    </MessageBar>
  );
  return { told, tell: (said, changes = []) => setDone({ said, changes }) };
}
