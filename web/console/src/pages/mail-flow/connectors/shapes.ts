// What the page reads of connectors, and how it writes what they hold.
export interface SendConnector {
  Identity: string;
  Name: string;
  Enabled: boolean;
  AddressSpaces: string[];
  DNSRoutingEnabled: boolean;
  SmartHosts: string[];
  Port: number;
  SmartHostAuthMechanism: string;
  AuthenticationUserName: string | null;
  RequireTLS: boolean;
  TlsAuthLevel: string | null;
  TlsDomain: string | null;
  IgnoreSTARTTLS: boolean;
  Fqdn: string | null;
  SourceIPAddress: string | null;
  ProtocolLoggingLevel: string;
  MaxMessageSize: string;
  ConnectionInactivityTimeOut: string;
  SmtpMaxMessagesPerConnection: number | string;
  Comment: string;
  Guid: string;
}

export interface ReceiveConnector {
  Identity: string;
  Name: string;
  Server: string;
  Enabled: boolean;
  TransportRole: string;
  Bindings: string[];
  RemoteIPRanges: string[];
  PermissionGroups: string[];
  AuthMechanism: string[];
  ExtendedRights: string[];
  Fqdn: string;
  Banner: string | null;
  ProtocolLoggingLevel: string;
  MaxMessageSize: string;
  MaxRecipientsPerMessage: number | string;
  MaxInboundConnection: number | string;
  MaxInboundConnectionPerSource: number | string;
  MessageRateLimit: number | string;
  TarpitInterval: string;
  MaxProtocolErrors: number | string;
  RequireTLS: boolean;
  Comment: string;
  Guid: string;
}

/** `SMTP:fabrikam.example;1` as a person writes it: without the type there is only one of, and the usual cost. */
export const shortSpace = (space: string): string => space.replace(/^SMTP:/i, '').replace(/;1$/, '');

/** The entries of a field that holds one on each line. */
export const lines = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);

const EVERYBODY = new Set(['0.0.0.0-255.255.255.255', '::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff']);
/** Whether a connector is for clients anywhere. */
export const isForAll = (ranges: string[]): boolean => ranges.length > 0 && ranges.every((range) => EVERYBODY.has(range));
