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
