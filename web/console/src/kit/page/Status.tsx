// A status in words, with a colour and a shape that say the same.
import { makeStyles, mergeClasses, shorthands, tokens } from '@fluentui/react-components';
import { defineText } from '@i18n/t';

type Tone = 'good' | 'bad' | 'wait' | 'info' | 'quiet';
const t = defineText('status', {
  GettingStatus: 'Getting status', Pending: 'Pending', Delivered: 'Delivered', Expanded: 'Expanded', Resolved: 'Resolved', Failed: 'Failed', Quarantined: 'Quarantined', FilteredAsSpam: 'Filtered as spam', Recalled: 'Recalled', Refused: 'Refused',
  Ready: 'Ready', Active: 'Active', Connecting: 'Connecting', Suspended: 'Suspended', Retry: 'Retry', None: 'None', Locked: 'Locked', PendingRemove: 'Pending removal', PendingSuspend: 'Pending suspension',
  NotStarted: 'Not started', InProgress: 'In progress', Completed: 'Completed', Cancelled: 'Cancelled', Done: 'Done', Healthy: 'Healthy', Degraded: 'Degraded', Unhealthy: 'Unhealthy', Reading: 'Reading', Waiting: 'Waiting', Disabled: 'Disabled', Running: 'Running', Stopped: 'Stopped',
});
type Known = Parameters<typeof t>[0];
const tones: Record<string, Tone> = {
  Delivered: 'good', Completed: 'good', Done: 'good', Healthy: 'good', Active: 'good', Reading: 'good', Failed: 'bad', Refused: 'bad', Unhealthy: 'bad', FilteredAsSpam: 'bad', Quarantined: 'wait', Pending: 'wait', Retry: 'wait', Suspended: 'wait', Degraded: 'wait', PendingRemove: 'wait',
  PendingSuspend: 'wait', Recalled: 'wait', Stopped: 'wait', InProgress: 'info', Running: 'info', Connecting: 'info', GettingStatus: 'info', NotStarted: 'info', Waiting: 'info', Expanded: 'info', Resolved: 'info',
};
const marks: Record<Tone, string> = { good: '✓', bad: '✕', wait: '◷', info: '•', quiet: '' };

// The looks of Fluent's Badge on one plain element: a list has one in every row.
const useStyles = makeStyles({
  status: { display: 'inline-flex', boxSizing: 'border-box', alignItems: 'center', gap: '4px', height: '20px', padding: '0 6px', borderRadius: tokens.borderRadiusCircular, border: `1px solid ${tokens.colorNeutralStroke2}`, fontSize: tokens.fontSizeBase200, lineHeight: tokens.lineHeightBase200, fontWeight: tokens.fontWeightSemibold, whiteSpace: 'nowrap' },
  good: { backgroundColor: tokens.colorPaletteGreenBackground1, color: tokens.colorPaletteGreenForeground1, ...shorthands.borderColor(tokens.colorPaletteGreenBorder1) },
  bad: { backgroundColor: tokens.colorPaletteRedBackground1, color: tokens.colorPaletteRedForeground1, ...shorthands.borderColor(tokens.colorPaletteRedBorder1) },
  wait: { backgroundColor: tokens.colorPaletteYellowBackground1, color: tokens.colorPaletteYellowForeground1, ...shorthands.borderColor(tokens.colorPaletteYellowBorder1) },
  info: { backgroundColor: tokens.colorNeutralBackground4, color: tokens.colorNeutralForeground3 },
  quiet: { backgroundColor: tokens.colorNeutralBackground1, color: tokens.colorNeutralForeground3 },
});

export const statusTone = (status: string): Tone => tones[status] ?? 'quiet';
export const statusWord = (status: string): string => t(status as Known);

export function Status({ status }: { status: string }) {
  const styles = useStyles();
  const tone = statusTone(status);
  return <span className={mergeClasses(styles.status, styles[tone])}>{marks[tone] && <span aria-hidden>{marks[tone]}</span>}{statusWord(status)}</span>;
}
