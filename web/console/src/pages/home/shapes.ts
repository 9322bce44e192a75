// What Home reads of the mail flow and of the report about it.
export interface FlowCounts { In: number; Out: number; Delivered: number; Pending: number; Failed: number; Quarantined: number; FilteredAsSpam: number }
export interface Percentiles { Count: number; P50Ms: number | null; P95Ms: number | null; P99Ms: number | null }
export interface Attention { Severity: 'Error' | 'Warning'; Kind: string; Identity: string; What: string; Cause: string; Remedy: string; Command: string }
export interface MailFlowStatus { At: string; Queued: number; LastHour: FlowCounts; LastDay: FlowCounts; Latency: Percentiles; LatencyPerFiveMinutes: (Percentiles & { Start: string })[]; Attention: Attention[] }
export interface Traffic { Value: string; Count: number; Bytes: number; Delivered: number; Failed: number; Pending: number; Quarantined: number; FilteredAsSpam: number }
