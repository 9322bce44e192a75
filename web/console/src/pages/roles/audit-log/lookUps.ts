// The cmdlets that show somebody's mail, and are recorded each time they are run.
export const LOOK_UPS = [
  'Get-MessageTrace', 'Get-MessageTraceV2', 'Get-MessageTraceDetail', 'Get-MessageTraceDetailV2', 'Get-MessageTraceTree', 'Get-MessageTrackingLog', 'Get-MessageTrackingReport', 'Search-MessageTrackingReport', 'Get-GatewayTrace', 'Get-HistoricalSearch',
  'Get-MailboxItem', 'Export-MailboxItem', 'Export-Message', 'Get-ProtocolLog',
];
