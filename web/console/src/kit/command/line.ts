// One cmdlet and its parameters as a person would type them: in the shell, and with curl.
import { CLEARED, withoutEmpty } from '@api/client';

const PLAIN = /^[A-Za-z0-9_.:@/\\+-]+$/;

const SECRET = /(Password|Secret)$/;

/** A password or a secret is typed by who runs the line, not shown to who stands behind. */
const shown = (parameters: object) => Object.entries(withoutEmpty(parameters)).map(([name, value]) => [name, SECRET.test(name) ? '…' : value] as const);

/** A value as the shell reads it: plain where it can be, else in single quotes, doubled within. */
export function shellValue(value: unknown): string {
  if (Array.isArray(value)) return value.map(shellValue).join(',');
  // Not $true: a POSIX shell would read that as a variable of its own.
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return String(value);
  if (value === CLEARED) return '$null';
  if (typeof value === 'object' && value !== null) return `@{${Object.entries(value).map(([name, list]) => `${name}=${[list].flat().map((item) => shellValue(item)).join(',')}`).join('; ')}}`;
  const text = String(value);
  return PLAIN.test(text) && !text.startsWith('-') ? text : `'${text.replaceAll("'", "''")}'`;
}

/** `Get-MessageTrace -SenderAddress '*@fabrikam.example' -Status Failed,Pending` */
export function shellLine(cmdlet: string, parameters: object = {}): string {
  const given = shown(parameters).map(([name, value]) => {
    if (typeof value === 'boolean') return `-${name}:${value}`;
    return `-${name} ${shellValue(value)}`;
  });
  return [cmdlet, ...given].join(' ');
}

/** The same over HTTP; curl asks for the password, which has no place on a command line. */
export function curlLine(cmdlet: string, parameters: object = {}, user = 'administrator', origin = location.origin): string {
  const body = JSON.stringify(Object.fromEntries(shown(parameters))).replaceAll("'", "'\\''");
  return `curl -u ${shellValue(user)} -H 'Content-Type: application/json' -d '${body}' ${origin}/api/v1/cmdlets/${cmdlet}`;
}
