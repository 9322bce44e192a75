// What the page reads: the settings of four scopes that are limits.
export interface Organization { MaxSendSize: string; MaxReceiveSize: string; MaxRecipientEnvelopeLimit: number | string }

export interface Server {
  Identity: string;
  MessageExpirationTimeout: string;
  DelayNotificationTimeout: string;
  MaxOutboundConnections: number | string;
  MaxPerDomainOutboundConnections: number | string;
  MaxConnectionRatePerMinute: number | string;
  PickupDirectoryMaxRecipientsPerMessage: number | string;
}

/** A connector of either direction, as far as limits go. */
export interface ConnectorLimits { Guid: string; Name: string; Enabled: boolean; MaxMessageSize: string; MaxRecipientsPerMessage?: number | string }

export interface MailboxLimits { Guid: string; DisplayName: string; PrimarySmtpAddress: string; MaxSendSize: string; MaxReceiveSize: string; RecipientLimits: number | string }

/** Each mailbox once, by name. */
export function merge(lists: (MailboxLimits[] | undefined)[]): MailboxLimits[] {
  const found = new Map(lists.flatMap((list) => list ?? []).map((mailbox) => [mailbox.Guid, mailbox]));
  return [...found.values()].sort((a, b) => a.DisplayName.localeCompare(b.DisplayName));
}
