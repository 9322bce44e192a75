// What the page reads of a queue and of a message in it.
import type { Sent } from '@api/client';

export type Queue = Sent<'Get-Queue', 'LastError' | 'LastRetryTime' | 'NextRetryTime' | 'FirstRetryTime'>;

export type QueuedMessage = Sent<'Get-Message', 'Subject' | 'ExpirationTime' | 'LastError' | 'Recipients'>;

export type TraceCause = Sent<'Get-TraceCause'>;
