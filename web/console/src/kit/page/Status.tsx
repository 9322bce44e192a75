// A status in words, with a colour and a shape that say the same.
import { Badge } from '@fluentui/react-components';
import { defineText } from '@i18n/t';

type Tone = 'good' | 'bad' | 'wait' | 'info' | 'quiet';
const t = defineText('status', {
  GettingStatus: 'Getting status', Pending: 'Pending', Delivered: 'Delivered', Expanded: 'Expanded', Resolved: 'Resolved', Failed: 'Failed', Quarantined: 'Quarantined', FilteredAsSpam: 'Filtered as spam', Recalled: 'Recalled', Refused: 'Refused',
  Ready: 'Ready', Active: 'Active', Connecting: 'Connecting', Suspended: 'Suspended', Retry: 'Retry', None: 'None', Locked: 'Locked', PendingRemove: 'Pending removal', PendingSuspend: 'Pending suspension',
  NotStarted: 'Not started', InProgress: 'In progress', Completed: 'Completed', Cancelled: 'Cancelled', Done: 'Done', Healthy: 'Healthy', Degraded: 'Degraded', Unhealthy: 'Unhealthy', Reading: 'Reading', Waiting: 'Waiting', Disabled: 'Disabled',
});
type Known = Parameters<typeof t>[0];
const tones: Record<string, Tone> = {
  Delivered: 'good', Completed: 'good', Done: 'good', Healthy: 'good', Active: 'good', Reading: 'good', Failed: 'bad', Refused: 'bad', Unhealthy: 'bad', FilteredAsSpam: 'bad', Quarantined: 'wait', Pending: 'wait', Retry: 'wait', Suspended: 'wait', Degraded: 'wait', PendingRemove: 'wait',
  PendingSuspend: 'wait', Recalled: 'wait', InProgress: 'info', Connecting: 'info', GettingStatus: 'info', NotStarted: 'info', Waiting: 'info', Expanded: 'info', Resolved: 'info',
};
const colours = { good: 'success', bad: 'danger', wait: 'warning', info: 'informative', quiet: 'subtle' } as const;
const marks: Record<Tone, string> = { good: '✓', bad: '✕', wait: '◷', info: '•', quiet: '' };

export const statusTone = (status: string): Tone => tones[status] ?? 'quiet';
export const statusWord = (status: string): string => t(status as Known);

export function Status({ status }: { status: string }) {
  const tone = statusTone(status);
  return <Badge appearance="tint" color={colours[tone]} icon={marks[tone] ? <span aria-hidden>{marks[tone]}</span> : undefined}>{statusWord(status)}</Badge>;
}
