import { describe, expect, it } from 'vitest';
import { base64, daysLeft, importLine, readDomains, validity, type Certificate } from './shapes';

const now = Date.parse('2026-11-22T12:00:00Z');
const until = (NotAfter: string, Status = 'Valid') => ({ NotAfter, Status }) as Certificate;

describe('a certificate', () => {
  it.each([['2031-11-21T12:00:00Z', 'Valid', 'Valid'], ['2026-12-22T11:00:00Z', 'Valid', 'soon'], ['2026-11-01T00:00:00Z', 'DateInvalid', 'DateInvalid']])('until %s (%s) is %s', (end, status, said) => expect(validity(until(end, status), now)).toBe(said));
  it('has whole days left', () => expect(daysLeft(until('2026-11-24T11:00:00Z'), now)).toBe(1));
  it.each([['mail.contoso.example *.contoso.example', null], ['mail contoso!', 'contoso!'], ['', null]])('for %s: wrong is %s', (text, wrong) => expect(readDomains(text).wrong).toBe(wrong));
  it('is imported with curl, which reads the files', () =>
    expect(importLine({ FileName: 'full chain.pem', KeyFileName: "it's.pem", FriendlyName: 'Mail', Services: ['SMTP'] }, 'ann', 'https://mx1')).toBe(
      `curl -u ann -H 'Content-Type: application/json' -d '{"FileName":"'"$(base64 -w0 'full chain.pem')"'","KeyFileName":"'"$(base64 -w0 'it'\\''s.pem')"'","FriendlyName":"Mail","Services":["SMTP"]}' https://mx1/api/v1/cmdlets/Import-ExchangeCertificate`,
    ));
  it('goes as base64', async () => expect(await base64(new File(['PEM\n'], 'a.pem'))).toBe('UEVNCg=='));
});
