// One cmdlet and its parameters as a person would type them: in the shell, and with curl.
import { withoutEmpty } from '@api/client';

const PLAIN = /^[A-Za-z0-9_.:@/\\+-]+$/;

/** A value as the shell reads it: plain where it can be, else in single quotes, doubled within. */
export function shellValue(value: unknown): string {
  if (Array.isArray(value)) return value.map(shellValue).join(',');
  if (typeof value === 'boolean') return value ? '$true' : '$false';
  if (typeof value === 'number') return String(value);
  const text = String(value);
  return PLAIN.test(text) && !text.startsWith('-') ? text : `'${text.replaceAll("'", "''")}'`;
}

/** `Get-MessageTrace -SenderAddress '*@fabrikam.example' -Status Failed,Pending` */
export function shellLine(cmdlet: string, parameters: object = {}): string {
  const given = Object.entries(withoutEmpty(parameters)).map(([name, value]) => {
    if (value === true) return `-${name}`;
    if (value === false) return `-${name}:$false`;
    return `-${name} ${shellValue(value)}`;
  });
  return [cmdlet, ...given].join(' ');
}

/** The same over HTTP; curl asks for the password, which has no place on a command line. */
export function curlLine(cmdlet: string, parameters: object = {}, user = 'administrator', origin = location.origin): string {
  const body = JSON.stringify(withoutEmpty(parameters)).replaceAll("'", "'\\''");
  return `curl -u ${shellValue(user)} -H 'Content-Type: application/json' -d '${body}' ${origin}/api/v1/cmdlets/${cmdlet}`;
}
