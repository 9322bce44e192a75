// What the page reads of domains.
export interface AcceptedDomain {
  Identity: string;
  Name: string;
  DomainName: string;
  DomainType: string;
  Default: boolean;
  MatchSubDomains: boolean;
  AddressBookEnabled: boolean;
  Guid: string;
}

export interface RemoteDomain {
  Identity: string;
  Name: string;
  DomainName: string;
  AllowedOOFType: string;
  AutoReplyEnabled: boolean;
  AutoForwardEnabled: boolean;
  NDREnabled: boolean;
  DeliveryReportEnabled: boolean;
  NDRDiagnosticInfoEnabled: boolean;
  MeetingForwardNotificationEnabled: boolean;
  IsInternal: boolean;
  ContentType: string;
  CharacterSet: string | null;
  Guid: string;
}

/** `fabrikam.example`, `*.fabrikam.example`. */
export const DOMAIN = /^(\*\.)?[\p{L}\p{N}_-]+(\.[\p{L}\p{N}_-]+)+$/u;
/** The remote domain for all that have no entry of their own. */
export const isForAllOthers = (domain: RemoteDomain): boolean => domain.DomainName === '*';
