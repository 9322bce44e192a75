// What the page reads of a queue and of a message in it.
import type { Sent } from '@api/client';

export type Queue = Sent<'Get-Queue', 'NextHopConnector' | 'NextHopConnectorName' | 'Cause' | 'ActionNeededBy' | 'Fix' | 'LastError' | 'LastRetryTime' | 'NextRetryTime' | 'FirstRetryTime'>;

/** Several queues may lead to one host by different connectors. */
export const queueName = (queue: Pick<Queue, 'NextHopDomain' | 'NextHopConnectorName'>): string => (queue.NextHopConnectorName ? `${queue.NextHopDomain}, ${queue.NextHopConnectorName}` : queue.NextHopDomain);

export type QueuedMessage = Sent<'Get-Message', 'Subject' | 'ExpirationTime' | 'LastError' | 'Recipients'>;

export type QueueHistory = Sent<'Get-QueueHistory'>;

/** The history as a table: a row for each queue in which anybody waited, a value for each span. */
export function heatRows(history: QueueHistory[]): { starts: string[]; rows: { name: string; values: number[] }[] } {
  const starts = [...new Set(history.map((cell) => cell.Start))].sort();
  const queues = new Map<string, number[]>();
  for (const cell of history) {
    const values = queues.get(cell.NextHop) ?? starts.map(() => 0);
    values[starts.indexOf(cell.Start)] = cell.Waiting;
    queues.set(cell.NextHop, values);
  }
  return { starts, rows: [...queues].map(([name, values]) => ({ name, values })) };
}
