// What the pages read of recipients.
import type { Sent } from '@api/client';

export type Recipient = Sent<'Get-Recipient', 'MailTip' | 'FirstName' | 'LastName' | 'ExternalEmailAddress'>;

export type Mailbox = Sent<'Get-Mailbox', 'MailTip' | 'FirstName' | 'LastName' | 'ForwardingAddress' | 'ForwardingSmtpAddress' | 'WhenSoftDeleted'>;

export type Group = Sent<'Get-DistributionGroup', 'MailTip' | 'FirstName' | 'LastName'>;

/** A contact, or a mail user, who has an account as well. */
export type Contact = Sent<'Get-MailContact', 'MailTip' | 'FirstName' | 'LastName'> & Partial<Pick<Sent<'Get-MailUser'>, 'UserPrincipalName' | 'AccountDisabled'>>;

export type MailboxGrant = Sent<'Get-MailboxPermission'>;
export type SendAsGrant = Sent<'Get-RecipientPermission'>;
export type Folder = Sent<'Get-MailboxFolderStatistics', 'NewestItemReceivedDate'>;
export type AcceptedDomain = Sent<'Get-AcceptedDomain'>;
