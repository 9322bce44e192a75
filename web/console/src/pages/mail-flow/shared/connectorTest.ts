// What a trial of a Send connector says, and what of it is a parameter.
import type { Change } from '@kit/confirm/ConfirmDialog';

export interface TestStep {
  Step: string;
  Result: 'Success' | 'Failure';
  Server: string | null;
  Sent: string | null;
  Reply: string | null;
  Detail: string | null;
  Milliseconds: number;
  Cause: string | null;
  ActionNeededBy: string | null;
  Fix: string | null;
  MessageTraceId: string;
  MessageId: string;
}

/** Parameters that say when a connector is used, and nothing of how it sends. */
const NOT_TRIED = new Set(['AddressSpaces', 'Enabled', 'Comment']);

/** The connector that the changes would make or change, as the parameters of a trial. */
export function trialOf(changes: Change[], identity?: string): Record<string, unknown> {
  const given = Object.entries(changes[0]?.parameters ?? {}).filter(([name]) => !NOT_TRIED.has(name) && !(identity && name === 'Name'));
  return identity ? { Identity: identity, ...Object.fromEntries(given.filter(([name]) => name !== 'Identity')) } : Object.fromEntries(given);
}
