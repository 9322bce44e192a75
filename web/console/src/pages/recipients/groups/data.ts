// What the page asks for, and what is asked again after a change.
import type { CmdletName } from '@api/client';
import type { Kind } from '@kit/people/DirectoryPicker';
import { GROUPS, PEOPLE } from '@kit/people/DirectoryPicker';

export const READS: CmdletName[] = ['Get-DistributionGroup', 'Get-DistributionGroupMember', 'Get-Recipient'];
export const MEMBERS: Kind[] = [...PEOPLE, ...GROUPS];
export const isGroup = (kind: string): boolean => kind.includes('Group');
