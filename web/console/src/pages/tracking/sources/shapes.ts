// What the page reads of a source, of an import and of a file that was sent.
export interface Source {
  Identity: string;
  Name: string;
  Type: SourceType;
  Place: string;
  Enabled: boolean;
  State: string;
  LastRecord: string | null;
  Lag: string | null;
  LastRead: string | null;
  Records: number;
  New: number;
  Unknown: number;
  Path: string | null;
  Bind: string | null;
  RequireTls: boolean | null;
  RemoteIPRanges?: string[] | null;
  Url: string | null;
  TenantId: string | null;
  ApplicationId: string | null;
  LoginUrl: string | null;
  ClusterId: string | null;
  HasSecret: boolean | null;
  LogFormat: string;
  LogTimeZone: string;
  Error: string | null;
  Refused: string[] | null;
  UnknownLines: string[] | null;
}

export const TYPES = ['Folder', 'Syslog', 'Http', 'ExchangeOnline', 'ProofpointPoD'] as const;
export type SourceType = (typeof TYPES)[number];
export const FORMATS = ['auto', 'TrackingLog', 'Postfix', 'Exim', 'Sendmail', 'ExchangeOnline', 'Graph', 'ProofpointPoD', 'SmartSearch'] as const;

export interface Imported { Name: string; LogFormat: string | null; Records: number; Events: number; New: number; Unknown: number; Certain: number; Probable: number; First: string | null; Last: string | null; TooOld: number; Open: number; UnknownLines: string[] | null; Refused: string | null }
export interface Posted { records: number; new: number; unknown: number; unknownLines: string[] }

/** `hh:mm:ss` in seconds. */
export function lagSeconds(lag: string | null): number | null {
  const m = lag ? /^(\d+):(\d\d):(\d\d)$/.exec(lag) : null;
  return m ? Number(m[1]) * 3600 + Number(m[2]) * 60 + Number(m[3]) : null;
}
