// What the page reads of the audit log.
export interface Audited {
  Identity: number; RunDate: string; Caller: string; Interface: string; CmdletName: string | null; CmdletParameters: Record<string, unknown> | null; ObjectModified: string | null; ObjectGuid: string | null; Succeeded: boolean; Error: string | null;
  ResultRows: number | null; LookedUp: unknown; Before: Record<string, unknown> | null; After: Record<string, unknown> | null;
}
