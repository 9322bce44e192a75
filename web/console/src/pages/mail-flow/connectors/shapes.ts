// What the page reads of connectors, and how it writes what they hold.
import type { Sent } from '@api/client';

export type SendConnector = Sent<'Get-SendConnector', 'AuthenticationUserName' | 'TlsAuthLevel' | 'TlsDomain' | 'Fqdn' | 'SourceIPAddress'>;

export type ReceiveConnector = Sent<'Get-ReceiveConnector', 'Banner'>;

/** `SMTP:fabrikam.example;1` as a person writes it: without the type there is only one of, and the usual cost. */
export const shortSpace = (space: string): string => space.replace(/^SMTP:/i, '').replace(/;1$/, '');

/** The entries of a field that holds one on each line. */
export const lines = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);

const EVERYBODY = new Set(['0.0.0.0-255.255.255.255', '::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff']);
/** Whether a connector is for clients anywhere. */
export const isForAll = (ranges: string[]): boolean => ranges.length > 0 && ranges.every((range) => EVERYBODY.has(range));
