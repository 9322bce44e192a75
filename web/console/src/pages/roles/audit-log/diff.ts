// A record of the audit log for a reader: what differs between before and after, whose mail was looked up.
import type { Audited } from './shapes';

export interface Difference { property: string; before: string; after: string }

/** A value on one line; nothing for what is not there. */
export function word(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(word).join(', ');
  if (typeof value === 'object') return Object.entries(value).map(([name, inner]) => `${name}: ${word(inner)}`).join(', ');
  return String(value);
}

/** `send_as` as `SendAs`: as the cmdlets call it. */
export const propertyName = (key: string): string => key.replace(/(^|_)([a-z])/g, (_, _line: string, letter: string) => letter.toUpperCase());

export function differences({ Before, After }: Pick<Audited, 'Before' | 'After'>): Difference[] {
  const keys = [...new Set([...Object.keys(Before ?? {}), ...Object.keys(After ?? {})])];
  return keys.filter((key) => JSON.stringify(Before?.[key]) !== JSON.stringify(After?.[key])).map((key) => ({ property: propertyName(key), before: word(Before?.[key]), after: word(After?.[key]) }));
}

/** Cmdlets with these verbs show and change nothing. */
const SHOWS = /^(?:Get|Search|Find|Export|Test)-/;

/** Records of look-ups say how many rows they showed, or whose mail; a change without an object of its own, such as an import, says how many rows it answered too. */
export const isLookUp = (r: Pick<Audited, 'CmdletName' | 'LookedUp' | 'ResultRows'>): boolean => r.LookedUp !== null || (r.ResultRows !== null && SHOWS.test(r.CmdletName ?? ''));

/** Parameters that name what a command was about, where the record names no object. */
const NAMING = ['Identity', 'Name', 'Place', 'Path'];

/** What a record is about: the object, whose mail was looked up, or what its parameters name. */
export function about(r: Pick<Audited, 'ObjectModified' | 'LookedUp' | 'CmdletParameters'>): string {
  const given = NAMING.map((name) => word(r.CmdletParameters?.[name])).find((text) => text !== '');
  return r.ObjectModified ?? (word(r.LookedUp) || (given ?? ''));
}
