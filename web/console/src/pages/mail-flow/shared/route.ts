// What a dry check answers, and which limit stopped a message.
export interface Route {
  RecipientAddress: string;
  Outcome: string;
  Path: string[];
  Detail: string;
  NextHop: string | null;
  NextHopServers: string[];
  Connector: string | null;
  ConnectorMaxMessageSize: string | null;
  Reply: string | null;
  Cause: string | null;
  ActionNeededBy: string | null;
  Fix: string | null;
}

export type Scope = 'organization' | 'connector' | 'sender' | 'recipient';
const SCOPES: [RegExp, Scope][] = [
  [/\bSizeLimit\.Org\b|\bSendSizeLimit\.Org\b/, 'organization'],
  [/\bROUTING\.SizeLimit\b/, 'connector'],
  [/\bSendSizeLimit\.Sender\b/, 'sender'],
  [/\bRecipSizeLimit\b/, 'recipient'],
];

/** Which of the four limits a reply speaks of; null if none. */
export const stoppedBy = (reply: string | null): Scope | null => SCOPES.find(([words]) => words.test(reply ?? ''))?.[1] ?? null;
