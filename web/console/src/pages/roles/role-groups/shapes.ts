// What the page reads of role groups.
export interface RoleGroup { Identity: string; Name: string; Guid: string; Description: string | null; Roles: string[]; Members: string[]; ManagedBy: string[]; RecipientDomainScope: string[]; BuiltIn: boolean; WhenCreated: string }
export interface RoleGroupMember { Name: string; RecipientTypeDetails: string; UserPrincipalName: string; PrimarySmtpAddress: string | null; Guid: string }
export interface Role { Name: string; Description: string; Cmdlets: string[]; RoleGroups: string[] }
export interface Domain { DomainName: string }
