// What the page reads of a source, of an import and of a file that was sent.
import type { Sent } from '@api/client';
import type { paths } from '@api/schema';

export type Source = Sent<'Get-TraceSource', 'LastRecord' | 'Lag' | 'LastRead' | 'Path' | 'Bind' | 'RequireTls' | 'RemoteIPRanges' | 'Url' | 'TenantId' | 'ApplicationId' | 'LoginUrl' | 'ClusterId' | 'HasSecret' | 'Error' | 'Refused' | 'UnknownLines'> & { Type: SourceType };

export const TYPES = ['Folder', 'Syslog', 'Http', 'ExchangeOnline', 'ProofpointPoD'] as const;
export type SourceType = (typeof TYPES)[number];
export const FORMATS = ['auto', 'TrackingLog', 'Postfix', 'Exim', 'Sendmail', 'ExchangeOnline', 'Graph', 'ProofpointPoD', 'SmartSearch'] as const;

export type Imported = Sent<'Import-MessageTrace', 'LogFormat' | 'First' | 'Last' | 'UnknownLines' | 'Refused'>;
export type Entry = Sent<'Get-MessageTraceImport', 'FileCount' | 'StartTime' | 'EndTime' | 'ImportedBy' | 'Lines' | 'Events' | 'UnknownLines' | 'FirstEvent' | 'LastEvent' | 'Reason'>;
export type Posted = Required<paths['/api/v1/sources/{name}/records']['post']['responses'][200]['content']['application/json']>;

/** `hh:mm:ss` in seconds. */
export function lagSeconds(lag: string | null): number | null {
  const m = lag ? /^(\d+):(\d\d):(\d\d)$/.exec(lag) : null;
  return m ? Number(m[1]) * 3600 + Number(m[2]) * 60 + Number(m[3]) : null;
}
