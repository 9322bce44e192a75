// What an import is told, as parameters of the cmdlet and of the call that takes a file.
import { withoutEmpty } from '@api/client';
import { shellValue } from '@kit/command/line';
import { z } from '@kit/forms/zod';
import { PLACE } from './form';
import { FORMATS } from './shapes';
import { t } from './text';

export interface Values { from: 'computer' | 'server'; Path: string; Place: string; LogFormat: (typeof FORMATS)[number]; TimeZone: string; Year: string }
export const EMPTY: Values = { from: 'server', Path: '', Place: '', LogFormat: 'auto', TimeZone: 'UTC', Year: '' };

const isNamed = (text: string) => text.trim() !== '';

export const makeSchema = () =>
  z.object({ from: z.enum(['computer', 'server']), Path: z.string(), Place: z.string().refine(isNamed, { error: () => t('needed') }).refine((place) => place === '' || PLACE.test(place.trim()), { error: () => t('placeBad') }), LogFormat: z.enum(FORMATS), TimeZone: z.string(), Year: z.string().regex(/^(\d{4})?$/, { error: () => t('yearBad') }) }).superRefine((v, context) => {
    if (v.from === 'computer') return;
    if (!isNamed(v.Path)) context.addIssue({ code: 'custom', path: ['Path'], message: t('needed') });
    else if (!v.Path.trim().startsWith('/')) context.addIssue({ code: 'custom', path: ['Path'], message: t('pathBad') });
  });

export const parametersOf = (values: Values) => ({ Path: values.Path.trim(), Place: values.Place.trim(), LogFormat: values.LogFormat === 'auto' ? undefined : values.LogFormat, TimeZone: values.TimeZone === 'UTC' ? undefined : values.TimeZone, Year: values.Year ? Number(values.Year) : undefined });

/** The address a file is sent to. */
export function uploadPath(values: Values, name: string): string {
  const given = { ...parametersOf(values), Path: undefined };
  const query = new URLSearchParams({ Name: name });
  for (const [key, value] of Object.entries(withoutEmpty(given))) query.set(key, String(value));
  return `/api/v1/imports?${query.toString()}`;
}

/** The same with curl. */
export const uploadLine = (values: Values, name: string, user: string, origin = location.origin): string => `curl -u ${shellValue(user || 'administrator')} --data-binary ${shellValue(`@${name}`)} -H 'Content-Type: application/octet-stream' '${origin}${uploadPath(values, name)}'`;
