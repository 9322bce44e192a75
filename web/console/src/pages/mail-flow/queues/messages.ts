// What is done with messages inside a queue, without a screen.
import type { Change } from '@kit/confirm/ConfirmDialog';
import type { QueuedMessage } from './shapes';

/** Their addresses; what became of each stands behind a semicolon. */
export const recipientsOf = (message: Pick<QueuedMessage, 'Recipients'>): string[] => (message.Recipients ?? []).map((recipient) => recipient.split(';')[0] ?? recipient);

type Searched = Pick<QueuedMessage, 'Subject' | 'FromAddress' | 'Recipients' | 'LastError'>;
/** Messages with all of the words in subject, sender, recipients or error. */
export function matching<M extends Searched>(messages: M[], words: string): M[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return messages;
  return messages.filter((message) => {
    const text = [message.Subject, message.FromAddress, message.LastError, ...recipientsOf(message)].join('\n').toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}

export const bulk = (cmdlet: 'Suspend-Message' | 'Resume-Message' | 'Remove-Message', messages: Pick<QueuedMessage, 'Identity'>[], more: object = {}): Change[] => messages.map((message) => ({ cmdlet, parameters: { Identity: message.Identity, ...more } }));
