// What the page reads of role groups.
import type { Sent } from '@api/client';

export type RoleGroup = Sent<'Get-RoleGroup', 'Description'>;
export type RoleGroupMember = Sent<'Get-RoleGroupMember', 'PrimarySmtpAddress'>;
export type Role = Sent<'Get-ManagementRole'>;
export type Domain = Sent<'Get-AcceptedDomain'>;
