// What the page reads of a record to publish.
export type State = 'Matches' | 'Differs' | 'Missing' | 'NotNeeded' | 'NotChecked';
export interface DnsRecord { Domain: string; Purpose: string; RecordType: string; Name: string; Value: string | null; Note: string | null; State: State; Found: string[]; Reason: string | null; Fix: string | null; Checked: string | null }

export const recordKey = (r: DnsRecord): string => `${r.Domain} ${r.RecordType} ${r.Name} ${r.Purpose}`;

/** A line of a zone file. Text is in quotes, parted where a string would be longer than 255 octets. */
export function zoneLine(record: DnsRecord): string | null {
  if (!record.Value) return null;
  const parts = record.Value.match(/[\s\S]{1,250}/g) ?? [];
  const quoted = parts.map((part) => `"${part.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`).join(' ');
  const named = record.Value.replace(/([A-Za-z0-9])$/, '$1.');
  return `${record.Name}. 3600 IN ${record.RecordType} ${record.RecordType === 'TXT' ? quoted : named}`;
}

/** How many records of each state there are, those that ask for something first. */
export const STATES: State[] = ['Missing', 'Differs', 'NotChecked', 'Matches', 'NotNeeded'];
export const count = (records: DnsRecord[], state: State): number => records.filter((r) => r.State === state).length;

/** Why records were not checked, each reason once, with what to do and how many they are. */
export function unchecked(records: DnsRecord[]): { reason: string; fix: string | null; n: number }[] {
  const reasons = new Map<string, { reason: string; fix: string | null; n: number }>();
  for (const { State: state, Reason, Fix } of records) {
    if (state !== 'NotChecked' || !Reason) continue;
    const known = reasons.get(Reason) ?? { reason: Reason, fix: Fix, n: 0 };
    reasons.set(Reason, { ...known, n: known.n + 1 });
  }
  return [...reasons.values()];
}
