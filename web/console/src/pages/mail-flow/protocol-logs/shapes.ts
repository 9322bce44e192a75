// What the page reads of a line of a protocol log, and lines put together to conversations.
export interface LogLine {
  Timestamp: string;
  Direction: 'Receive' | 'Send';
  ConnectorId: string;
  SessionId: string;
  SequenceNumber: number;
  LocalEndpoint: string;
  RemoteEndpoint: string;
  Event: 'Connect' | 'Disconnect' | 'Send' | 'Receive' | 'Information';
  Data: string;
  Context: string;
}

/** A line has no id of its own; its place in its session is one. */
export const lineKey = (line: LogLine): string => `${line.SessionId} ${line.SequenceNumber}`;

/** What a line says, in one string. */
export const said = (line: LogLine): string => [line.Data, line.Context].filter(Boolean).join(' · ');

/** The lines of a session in the order they were said. */
export const inOrder = (lines: LogLine[]): LogLine[] => [...lines].sort((a, b) => a.SequenceNumber - b.SequenceNumber);

/** Whether the line is a reply that refuses, of either side. */
export const refuses = (line: LogLine): boolean => /^[45]\d\d[ -]/.test(line.Data);
