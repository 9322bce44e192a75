// What the trace pages read of a row, of a detail and of a whole message.
export interface TraceRow {
  MessageTraceId: string;
  MessageId: string | null;
  Received: string;
  InternalMessageId: number | null;
  SenderAddress: string | null;
  FromAddress: string | null;
  RecipientAddress: string;
  FinalRecipientAddress: string | null;
  FinalStatus: string | null;
  Subject: string | null;
  Status: string;
  Size: number;
  FromIP: string | null;
  ToIP: string | null;
  Direction: string | null;
  Folder: string | null;
  Server: string | null;
  Place: string | null;
  Stage: string;
  Detail: string | null;
}

export interface StageStep { Name: string; State: string; At: string | null }
export interface TimePart { Hop: string | null; What: string; Ms: number; IsSlowest: boolean; Agents: { Agent: string; Ms: number }[] }
export interface TimeBudget { Start: string; End: string; IsFinal: boolean; TotalMs: number; Parts: TimePart[] }
export type Rule = Record<string, unknown>;

export interface TraceEvent {
  Date: string;
  Event: string;
  Action: string | null;
  Detail: string | null;
  Data: string | null;
  MessageId: string | null;
  Status: string;
  Stage: string;
  StageBar: StageStep[];
  Headline: string | null;
  Cause: string | null;
  ActionNeededBy: string | null;
  Fix: string | null;
  RemoteReply: string | null;
  Evidence: string | null;
  RemoteQueueId: string | null;
  FolderNow: string | null;
  TimeBudget: TimeBudget | null;
  RulesMatched: Rule[];
  RulesEvaluated: Rule[];
  Groups: { Address: string; Count: number; Members: string[] }[];
  Forwards: Record<string, unknown>[];
  SentBy: { AuthenticatedAs: string | null; From: string | null; Right: string | null } | null;
  Hops: Record<string, unknown>[];
}

export interface TreeNode {
  RecipientAddress: string;
  Status: string;
  Stage: string;
  Detail: string | null;
  ReplacedBy: string | null;
  Folder: string | null;
  ToIP: string | null;
  Place: string | null;
  Counts: Record<string, number>;
  ShownBefore: boolean;
  Nodes: TreeNode[];
}

export interface TraceTree {
  MessageTraceId: string;
  MessageId: string | null;
  Received: string;
  SenderAddress: string | null;
  Subject: string | null;
  FromIP: string | null;
  Direction: string | null;
  Size: number;
  Counts: Record<string, number>;
  Nodes: TreeNode[];
  Linked: (Partial<TraceTree> & { Relation?: string; Kind?: string })[];
}

export interface SavedQuery { Identity: string; Name: string; Kind: string; Owner: string | null; Description: string | null; TimeRange: string; Needs: string | null; Parameters: Record<string, unknown>; WhenCreated: string | null }
export interface Report { JobId: string; ReportTitle: string; ReportType: string; Status: string; Progress: number | null; Lines: number | null; Rows: number | null; TotalRows: number | null; FileSize: number | null; FileName: string | null; Url: string | null; SubmitDate: string | null; ExpiryDate: string | null; SubmittedBy: string | null; Error: string | null }

export const rowKey = (row: { MessageTraceId: string; RecipientAddress: string }): string => `${row.MessageTraceId}~${row.RecipientAddress}`;
/** Refused before it became a message: the trace calls it Failed, a reader would look for it in vain. */
export const shownStatus = (row: { Status: string; Stage: string }): string => (row.Stage === 'NotReceived' ? 'Refused' : row.Status);
