// What the page reads, and what is asked again after a change.
import type { CmdletName, Parameters, Sent } from '@api/client';

export type User = Sent<'Get-User', 'PasswordLastSet'>;
export type RoleGroup = Sent<'Get-RoleGroup', 'Description'>;
export const READS: CmdletName[] = ['Get-User', 'Get-RoleGroup', 'Get-RoleGroupMember'];
export const ASKED: Parameters<'Get-User'> = { RecipientTypeDetails: ['User'], ResultSize: 'Unlimited' };
