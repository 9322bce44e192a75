// An alert as a form: what is checked before the server is asked, and the parameters it gives.
import { CLEARED } from '@api/client';
import { z } from '@kit/forms/zod';
import type { Alert } from './shapes';
import { t } from './text';

export interface Values { Name: string; Query: string; Threshold: string; Notify: string[]; WebhookUrl: string; Enabled: boolean }
export const EMPTY: Values = { Name: '', Query: '', Threshold: '10', Notify: [], WebhookUrl: '', Enabled: true };

export const makeSchema = () =>
  z.object({
    Name: z.string(), Query: z.string().min(1, { error: () => t('needed') }), Threshold: z.string().regex(/^\s*[1-9]\d*\s*$/, { error: () => t('number') }), Notify: z.array(z.string()), WebhookUrl: z.string().regex(/^(https?:\/\/\S+)?$/, { error: () => t('url') }), Enabled: z.boolean(),
  }).superRefine((values, context) => {
    if (values.Notify.length === 0 && values.WebhookUrl === '') context.addIssue({ code: 'custom', path: ['Notify'], message: t('tell') });
  });

export const fill = (alert: Alert): Values => ({ Name: alert.Name, Query: alert.Query, Threshold: String(alert.Threshold), Notify: alert.Notify ?? [], WebhookUrl: alert.WebhookUrl ?? '', Enabled: alert.Enabled });

const numbered = (values: Values) => ({ ...values, Name: values.Name.trim(), Threshold: Number(values.Threshold) });

export const newParameters = (values: Values): Record<string, unknown> => {
  const { Enabled: _enabled, ...given } = numbered(values);
  return given;
};

/** Only what differs; a webhook or addresses that were emptied are taken away. */
export function changesOf(after: Values, before: Values): Record<string, unknown> {
  const given: Record<string, unknown> = numbered(after);
  const names = (Object.keys(after) as (keyof Values)[]).filter((name) => JSON.stringify(after[name]) !== JSON.stringify(before[name]));
  return Object.fromEntries(names.map((name) => [name, after[name] === '' || (Array.isArray(after[name]) && after[name].length === 0) ? CLEARED : given[name]]));
}
