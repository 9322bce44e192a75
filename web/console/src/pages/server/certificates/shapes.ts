// What the page reads of a certificate, and what it says of its time.
import type { Sent } from '@api/client';
import { curlLine } from '@kit/command/line';

export type Certificate = Sent<'Get-ExchangeCertificate', 'FriendlyName'>;

export const SERVICES = ['SMTP', 'IMAP', 'POP', 'IIS'] as const;
export type Service = (typeof SERVICES)[number];
const DAY = 86_400_000;
/** From here on the server warns of a certificate. */
const SOON_DAYS = 30;

export const daysLeft = (certificate: Certificate, now: number): number => Math.floor((Date.parse(certificate.NotAfter) - now) / DAY);
export const nameOf = (certificate: Certificate): string => certificate.FriendlyName || certificate.Subject.replace(/^CN=/, '');
export type Validity = 'Valid' | 'soon' | 'DateInvalid';
export const validity = (certificate: Certificate, now: number): Validity => (certificate.Status !== 'Valid' ? 'DateInvalid' : daysLeft(certificate, now) <= SOON_DAYS ? 'soon' : 'Valid');

const HOST = /^(\*\.)?([a-z0-9_]([a-z0-9_-]*[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?$/i;
/** Names as typed, and the first that cannot be one. */
export function readDomains(text: string): { names: string[]; wrong: string | null } {
  const names = text.split(/[\s,;]+/).filter(Boolean);
  return { names, wrong: names.find((name) => !HOST.test(name)) ?? null };
}

/** The bytes of a file as the server takes them. */
export async function base64(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

/** The import over HTTP, where the content of the files goes along: the shell that runs the line reads them. */
export function importLine(given: { FileName?: string; KeyFileName?: string; FriendlyName: string; Services: Service[] }, user: string, origin?: string): string {
  const line = curlLine('Import-ExchangeCertificate', given, user || undefined, origin);
  return line.replace(/("(?:Key)?FileName":)"((?:[^"\\]|\\.)*)"/g, (_, name: string, file: string) => `${name}"'"$(base64 -w0 ${shellQuoted(JSON.parse(`"${file.replaceAll(`'\\''`, "'")}"`) as string)})"'"`);
}

const shellQuoted = (text: string): string => (/^[\w.@%+=:,/-]+$/.test(text) && !text.startsWith('-') ? text : `'${text.replaceAll("'", "'\\''")}'`);
