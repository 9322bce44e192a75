// What the page reads of a queue and of a message in it.
export interface Queue {
  Identity: string;
  DeliveryType: string;
  NextHopDomain: string;
  NextHopCategory: string;
  NextHopConnector: string;
  Status: string;
  MessageCount: number;
  DeferredMessageCount: number;
  LastError: string | null;
  LastRetryTime: string | null;
  NextRetryTime: string | null;
  FirstRetryTime: string | null;
  RetryCount: number;
  IncomingRate: number;
  OutgoingRate: number;
  Velocity: number;
}

export interface QueuedMessage {
  Identity: string;
  Queue: string;
  FromAddress: string;
  Subject: string | null;
  NetworkMessageId: string;
  Status: string;
  Size: number;
  DateReceived: string;
  ExpirationTime: string | null;
  LastError: string | null;
  RetryCount: number;
  Recipients: string[] | null;
}

export interface TraceCause { Identity: string; FoundBy: string; Cause: string; ActionNeededBy: string; Fix: string }

export interface QueueHistory { NextHop: string; Start: string; End: string; Waiting: number; Passed: number }

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
