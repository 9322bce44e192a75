// What the pages read of recipients.
export interface Recipient {
  Identity: string; Guid: string; Name: string; Alias: string; DisplayName: string; RecipientType: string; RecipientTypeDetails: string;
  PrimarySmtpAddress: string; EmailAddresses: string[]; HiddenFromAddressListsEnabled: boolean; RequireSenderAuthenticationEnabled: boolean;
  MaxSendSize: string; MaxReceiveSize: string; AcceptMessagesOnlyFrom: string[]; AcceptMessagesOnlyFromDLMembers: string[]; RejectMessagesFrom: string[];
  RejectMessagesFromDLMembers: string[]; GrantSendOnBehalfTo: string[]; MailTip: string | null; FirstName: string | null; LastName: string | null; WhenCreated: string;
}

export interface Mailbox extends Recipient {
  UserPrincipalName: string; AccountDisabled: boolean; ForwardingAddress: string | null; ForwardingSmtpAddress: string | null; DeliverToMailboxAndForward: boolean;
  RecipientLimits: string; UseDatabaseQuotaDefaults: boolean; IssueWarningQuota: string; ProhibitSendQuota: string; ProhibitSendReceiveQuota: string;
  MessageCopyForSentAsEnabled: boolean; MessageCopyForSendOnBehalfEnabled: boolean; WhenSoftDeleted: string | null;
}

export interface Group extends Recipient {
  ManagedBy: string[]; MemberJoinRestriction: string; MemberDepartRestriction: string; ReportToOriginatorEnabled: boolean; ReportToManagerEnabled: boolean;
  SendOofMessageToOriginatorEnabled: boolean; BccBlocked: boolean; HiddenGroupMembershipEnabled: boolean; MemberCount: number;
}

/** A contact, or a mail user, who has an account as well. */
export interface Contact extends Recipient { ExternalEmailAddress: string; UserPrincipalName?: string; AccountDisabled?: boolean }

export interface MailboxGrant { Identity: string; User: string; AccessRights: string[]; AutoMapping: boolean }
export interface SendAsGrant { Identity: string; Trustee: string; AccessRights: string[] }
export interface Folder { FolderId: string; Name: string; FolderPath: string; FolderType: string; ItemsInFolder: number; UnreadItemsInFolder: number; FolderSize: number; NewestItemReceivedDate: string | null }
export interface AcceptedDomain { DomainName: string; DomainType: string; Default: boolean }
