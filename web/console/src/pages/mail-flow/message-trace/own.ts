// What a person without a role sees: mail of their own, in fewer columns. The stages are read from the events that are shown to them.
import { useCan } from '@api/session';
import type { StageStep, TraceEvent } from './shapes';

/** Whoever may trace the mail of others may save searches as well: both take the same roles. */
export function useOwnOnly(): boolean {
  const can = useCan();
  return !can('Get-MessageTraceQuery');
}

const HANDLED = ['Send', 'Send external', 'Deliver', 'Fail', 'Defer'];
const ENDED = ['Delivered', 'Expanded', 'FilteredAsSpam', 'Quarantined', 'Recalled'];

/** The three stages of a row whose own stage bar is not shown; `open`: of those that it stands for some are still waited for. */
export function stagesOf(status: string, events: Pick<TraceEvent, 'Event' | 'Date'>[], received: string | null, open = false): StageStep[] {
  const first = (names: string[]) => events.find((event) => names.includes(event.Event))?.Date ?? null;
  const last = (names: string[]) => events.findLast((event) => names.includes(event.Event))?.Date ?? null;
  const processed = first(HANDLED);
  const replaced = ENDED.includes(status);
  const ended = replaced && !open;
  const failed = status === 'Failed';
  return [
    { Name: 'Received', State: 'Done', At: first(['Receive']) ?? received },
    { Name: 'Processed', State: processed || replaced || failed ? 'Done' : 'Open', At: processed },
    { Name: 'Delivered', State: failed ? 'Failed' : ended ? 'Done' : 'Open', At: failed ? last(['Fail']) : ended ? last(['Deliver', 'Send external', 'Send']) : null },
  ] as StageStep[];
}
