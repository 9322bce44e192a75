// What the page reads of an alert.
import type { Sent } from '@api/client';

export type Alert = Sent<'Get-MessageTraceAlert', 'Notify' | 'WebhookUrl' | 'RaisedSince'>;

export type AlertState = 'off' | 'raised' | 'quiet';
export const stateOf = (alert: Alert): AlertState => (!alert.Enabled ? 'off' : alert.IsRaised ? 'raised' : 'quiet');
