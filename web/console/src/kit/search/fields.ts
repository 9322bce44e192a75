// The conditions of a search as a form, as parameters of a cmdlet, and as they stand in the address.
import { z } from '@kit/forms/zod';
import { defineText } from '@i18n/t';
import { instantOf, wallClock } from '@kit/time/zone';

const t = defineText('search-fields', { number: 'A whole number.', endFirst: 'The end is before the start.' });

export interface SearchField {
  /** The cmdlet's parameter. */
  name: string;
  label: string;
  /** `list`: several, separated by blanks or commas. `time`: a wall clock in the chosen zone, an instant for the server. */
  kind: 'text' | 'list' | 'number' | 'choice' | 'choices' | 'time';
  hint?: string;
  choices?: { value: string; label: string }[];
  /** Among those that are folded away at first. */
  more?: boolean;
  /** The time this one may not be before. */
  notBefore?: string;
}

export type Conditions = Record<string, string | number | string[]>;
export type SearchValues = Record<string, string | string[]>;

const words = (text: string): string[] => text.split(/[\s,;]+/).filter(Boolean);

/** What of the address is a condition; the rest is left alone. */
export function fromAddress(fields: SearchField[], search: URLSearchParams): Conditions {
  const found: Conditions = {};
  for (const { name, kind } of fields) {
    const values = search.getAll(name).filter(Boolean);
    const first = values[0];
    if (first === undefined) continue;
    if (kind === 'list' || kind === 'choices') found[name] = values;
    else if (kind === 'number') {
      if (/^\d+$/.test(first)) found[name] = Number(first);
    } else found[name] = first;
  }
  return found;
}

/** The address with other conditions: whatever else stands in it stays, but not what was open. */
export function toAddress(fields: SearchField[], conditions: Conditions, before: URLSearchParams): URLSearchParams {
  const next = new URLSearchParams(before);
  next.delete('open');
  for (const { name } of fields) {
    next.delete(name);
    for (const value of [conditions[name] ?? []].flat()) next.append(name, String(value));
  }
  return next;
}

export function toForm(fields: SearchField[], conditions: Conditions, zone: string): SearchValues {
  return Object.fromEntries(fields.map(({ name, kind }) => {
    const value = conditions[name];
    if (kind === 'choices') return [name, Array.isArray(value) ? value : []];
    if (kind === 'time') return [name, value ? wallClock(new Date(String(value)), zone) : ''];
    return [name, Array.isArray(value) ? value.join(' ') : String(value ?? '')];
  }));
}

export function fromForm(fields: SearchField[], values: SearchValues, zone: string): Conditions {
  const found: Conditions = {};
  for (const { name, kind } of fields) {
    const value = values[name] ?? '';
    if (Array.isArray(value)) {
      if (value.length > 0) found[name] = value;
    } else if (value.trim() !== '') {
      found[name] = kind === 'list' ? words(value) : kind === 'number' ? Number(value) : kind === 'time' ? instantOf(value, zone).toISOString() : value.trim();
    }
  }
  return found;
}

/** What can be found wrong before the server is asked. */
export function schemaOf(fields: SearchField[]) {
  const shape = Object.fromEntries(fields.map(({ name, kind }) => [name, kind === 'choices' ? z.array(z.string()) : kind === 'number' ? z.string().regex(/^\s*\d*\s*$/, { error: () => t('number') }) : z.string()]));
  return z.object(shape).superRefine((values: SearchValues, context) => {
    for (const { name, notBefore } of fields) {
      const [start, end] = [notBefore ? values[notBefore] : '', values[name]];
      if (start && end && !(end > start)) context.addIssue({ code: 'custom', path: [name], message: t('endFirst') });
    }
  });
}
