// What the page reads of an alert.
export interface Alert { Identity: string; Guid: string; Name: string; Query: string; Threshold: number; Notify: string[] | null; WebhookUrl: string | null; Enabled: boolean; IsRaised: boolean; RaisedSince: string | null }

export type AlertState = 'off' | 'raised' | 'quiet';
export const stateOf = (alert: Alert): AlertState => (!alert.Enabled ? 'off' : alert.IsRaised ? 'raised' : 'quiet');
