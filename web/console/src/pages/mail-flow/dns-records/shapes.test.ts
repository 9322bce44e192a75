import { expect, test } from 'vitest';
import { unchecked, zoneLine, type DnsRecord } from './shapes';

const record = (RecordType: string, Value: string | null): DnsRecord => ({ Domain: 'contoso.example', Purpose: 'Mail', RecordType, Name: 'contoso.example', Value, Note: null, State: 'Missing', Found: [], Reason: null, Fix: null, Checked: null });

test('a record is a line of a zone file', () => {
  expect(zoneLine(record('MX', '10 mx1.contoso.example'))).toBe('contoso.example. 3600 IN MX 10 mx1.contoso.example.');
  expect(zoneLine(record('TXT', 'v=spf1 mx -all'))).toBe('contoso.example. 3600 IN TXT "v=spf1 mx -all"');
  expect(zoneLine(record('TXT', 'x'.repeat(260)))).toBe(`contoso.example. 3600 IN TXT "${'x'.repeat(250)}" "${'x'.repeat(10)}"`);
  expect(zoneLine(record('A', null))).toBeNull();
});

test('what was not checked says why, once for each reason', () => {
  const not = (Reason: string | null) => ({ ...record('A', null), State: 'NotChecked' as const, Reason, Fix: 'Check it.' });
  expect(unchecked([not('no answer'), record('A', null), not('no answer'), not('no such server'), not(null)])).toEqual([{ reason: 'no answer', fix: 'Check it.', n: 2 }, { reason: 'no such server', fix: 'Check it.', n: 1 }]);
});
