// What the page reads: the settings of four scopes that are limits.
import type { Sent } from '@api/client';

export type Organization = Sent<'Get-TransportConfig'>;

export type Server = Sent<'Get-TransportService'>;

/** A connector of either direction, as far as limits go. */
export type ConnectorLimits = Pick<Sent<'Get-SendConnector'>, 'Guid' | 'Name' | 'Enabled' | 'MaxMessageSize'> & Partial<Pick<Sent<'Get-ReceiveConnector'>, 'MaxRecipientsPerMessage'>>;

export type MailboxLimits = Pick<Sent<'Get-Mailbox'>, 'Guid' | 'DisplayName' | 'PrimarySmtpAddress' | 'MaxSendSize' | 'MaxReceiveSize' | 'RecipientLimits'>;

/** Each mailbox once, by name. */
export function merge(lists: (MailboxLimits[] | undefined)[]): MailboxLimits[] {
  const found = new Map(lists.flatMap((list) => list ?? []).map((mailbox) => [mailbox.Guid, mailbox]));
  return [...found.values()].sort((a, b) => a.DisplayName.localeCompare(b.DisplayName));
}
