// What the trace pages read of a row, of a detail and of a whole message.
import type { Row, Sent } from '@api/client';

export type TraceRow = Sent<'Get-MessageTrace', 'MessageId' | 'InternalMessageId' | 'SenderAddress' | 'FromAddress' | 'FinalRecipientAddress' | 'FinalStatus' | 'Subject' | 'FromIP' | 'ToIP' | 'Direction' | 'Folder' | 'Server' | 'Place' | 'Detail'>;

/** Readers without a role see less of it: what is then not shown at all is null too. */
type HiddenFromSome = 'Stage' | 'StageBar' | 'Groups' | 'Forwards' | 'Hops' | 'RulesMatched' | 'RulesEvaluated';
export type TraceEvent = Sent<'Get-MessageTraceDetail', 'Action' | 'Detail' | 'Data' | 'MessageId' | 'Headline' | 'Cause' | 'ActionNeededBy' | 'Fix' | 'RemoteReply' | 'Evidence' | 'RemoteQueueId' | 'FolderNow' | 'TimeBudget' | 'SentBy' | HiddenFromSome>;

export type TraceTree = Omit<Sent<'Get-MessageTraceTree', 'MessageId' | 'SenderAddress' | 'Subject' | 'FromIP' | 'Direction'>, 'Nodes'> & { Nodes: TreeNode[] };
type Node = NonNullable<Row<'Get-MessageTraceTree'>['Nodes']>[number];
/** The document says of nodes inside nodes only that they are the same again. */
export interface TreeNode extends Required<Omit<Node, 'Nodes' | 'Stage'>> { Nodes: TreeNode[]; Stage?: Node['Stage'] }

export type StageStep = NonNullable<TraceEvent['StageBar']>[number];
export type Hop = NonNullable<TraceEvent['Hops']>[number];
export type TimeBudget = NonNullable<TraceEvent['TimeBudget']>;
export type TimePart = TimeBudget['Parts'][number];
export type Rule = NonNullable<TraceEvent['RulesMatched']>[number];

export type SavedQuery = Sent<'Get-MessageTraceQuery', 'Owner' | 'Description' | 'Needs' | 'WhenCreated'>;
export type Report = Sent<'Get-HistoricalSearch', 'Progress' | 'Lines' | 'Rows' | 'TotalRows' | 'FileSize' | 'FileName' | 'Url' | 'SubmitDate' | 'ExpiryDate' | 'SubmittedBy' | 'Error'>;

export const rowKey = (row: { MessageTraceId: string; RecipientAddress: string }): string => `${row.MessageTraceId}~${row.RecipientAddress}`;
/** Refused before it became a message: the trace calls it Failed, a reader would look for it in vain. */
export const shownStatus = (row: { Status: string; Stage?: string | null }): string => (row.Stage === 'NotReceived' ? 'Refused' : row.Status);
