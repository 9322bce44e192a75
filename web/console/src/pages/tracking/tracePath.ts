// The way from a record to the trace of its message.
import { resultsPath } from '../mail-flow/message-trace/query';

/** By the id of the message here; else by its Message-ID, which other systems know too. */
export function tracePath(traceId: string | null, messageId: string | null): string | null {
  if (traceId) return resultsPath({ MessageTraceId: traceId });
  return messageId ? resultsPath({ MessageId: [messageId] }) : null;
}
