// What the page reads of domains.
import type { Sent } from '@api/client';

export type AcceptedDomain = Sent<'Get-AcceptedDomain'>;

export type RemoteDomain = Sent<'Get-RemoteDomain', 'CharacterSet'>;

/** `fabrikam.example`, `*.fabrikam.example`. */
export const DOMAIN = /^(\*\.)?[\p{L}\p{N}_-]+(\.[\p{L}\p{N}_-]+)+$/u;
/** The remote domain for all that have no entry of their own. */
export const isForAllOthers = (domain: RemoteDomain): boolean => domain.DomainName === '*';
