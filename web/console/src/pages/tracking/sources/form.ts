// A source as a form: the fields of each type, what is checked before the server is asked, and the parameters it gives.
import { z } from '@kit/forms/zod';
import { FORMATS, TYPES, type Source, type SourceType } from './shapes';
import { t } from './text';

export interface Values { Name: string; Type: SourceType; Place: string; Path: string; Bind: string; RequireTls: boolean; RemoteIPRanges: string; Secret: string; TenantId: string; ApplicationId: string; ClusterId: string; Url: string; LoginUrl: string; LogFormat: string; LogTimeZone: string; Enabled: boolean }
export type FieldName = keyof Values;

export const OF_TYPE: Record<SourceType, FieldName[]> = {
  Folder: ['Path'],
  Syslog: ['Bind', 'RequireTls', 'RemoteIPRanges'],
  Http: ['Secret'],
  ExchangeOnline: ['TenantId', 'ApplicationId', 'Secret', 'Url', 'LoginUrl'],
  ProofpointPoD: ['ClusterId', 'Secret', 'Url'],
};
export const OF_ALL: FieldName[] = ['Place', 'LogFormat', 'LogTimeZone'];
const NEEDED: Record<SourceType, FieldName[]> = { Folder: ['Path'], Syslog: ['Bind'], Http: [], ExchangeOnline: ['TenantId', 'ApplicationId', 'Secret'], ProofpointPoD: ['ClusterId', 'Secret'] };
const TOKEN_MIN = 16;
/** What the server takes as the name of a system. */
export const PLACE = /^[\w.-]{1,64}$/;

export const EMPTY: Values = { Name: '', Type: 'Folder', Place: '', Path: '', Bind: '', RequireTls: true, RemoteIPRanges: '', Secret: '', TenantId: '', ApplicationId: '', ClusterId: '', Url: '', LoginUrl: '', LogFormat: 'auto', LogTimeZone: 'UTC', Enabled: true };

/** `isNew`: a secret that is kept may be left empty later on. */
export const schemaFor = (isNew: boolean) =>
  z.object({
    Name: z.string(), Type: z.enum(TYPES), Place: z.string(), Path: z.string(), Bind: z.string(), RequireTls: z.boolean(), RemoteIPRanges: z.string(), Secret: z.string(), TenantId: z.string(), ApplicationId: z.string(), ClusterId: z.string(), Url: z.string(), LoginUrl: z.string(), LogFormat: z.enum(FORMATS), LogTimeZone: z.string(), Enabled: z.boolean(),
  }).superRefine((values, context) => {
    const wrong = (field: FieldName, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    const needed: FieldName[] = ['Name', ...NEEDED[values.Type].filter((field) => isNew || field !== 'Secret')];
    for (const field of needed) if (String(values[field]).trim() === '') wrong(field, t('needed'));
    if (values.Place !== '' && !PLACE.test(values.Place.trim())) wrong('Place', t('placeBad'));
    if (values.Type === 'Folder' && values.Path !== '' && !values.Path.startsWith('/')) wrong('Path', t('pathBad'));
    if (values.Type === 'Syslog' && values.Bind !== '' && !/^\S+:\d{1,5}$/.test(values.Bind.trim())) wrong('Bind', t('bindBad'));
    if (values.Type === 'Http' && values.Secret !== '' && values.Secret.length < TOKEN_MIN) wrong('Secret', t('tokenShort'));
  });

export const fill = (source: Source): Values => ({
  ...EMPTY, Name: source.Name, Type: source.Type, Place: source.Place, Path: source.Path ?? '', Bind: source.Bind ?? '', RequireTls: source.RequireTls ?? true, RemoteIPRanges: (source.RemoteIPRanges ?? []).join(' '), TenantId: source.TenantId ?? '', ApplicationId: source.ApplicationId ?? '', ClusterId: source.ClusterId ?? '',
  Url: source.Type === 'Http' ? '' : (source.Url ?? ''), LoginUrl: source.LoginUrl ?? '', LogFormat: source.LogFormat, LogTimeZone: source.LogTimeZone, Enabled: source.Enabled,
});

/** Only what its type takes; senders as a list. */
export function parametersOf(values: Values, names: FieldName[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, name === 'RemoteIPRanges' ? values.RemoteIPRanges.split(/[\s,;]+/).filter(Boolean) : typeof values[name] === 'string' ? String(values[name]).trim() : values[name]]));
}

/** What was changed of a source. What was emptied is not sent where empty means "as it is". */
export function changesOf(after: Values, before: Values): Record<string, unknown> {
  const names = [...OF_TYPE[after.Type], ...OF_ALL, 'Enabled' as const].filter((name) => after[name] !== before[name]);
  return parametersOf(after, names);
}
