// What the page reads of the audit log.
import type { Sent } from '@api/client';

export type Audited = Sent<'Search-AdminAuditLog', 'CmdletName' | 'CmdletParameters' | 'ObjectModified' | 'ObjectGuid' | 'Error' | 'ResultRows' | 'Before' | 'After'>;
