// Checks a form with a zod schema, and finds the field that a sentence of the server is about.
import type { FieldErrors, FieldValues, Resolver } from 'react-hook-form';
import type { ZodType } from 'zod';

/** For forms without nesting: the first thing wrong with each field. */
export function resolve<V extends FieldValues>(schema: ZodType<unknown, V>): Resolver<V> {
  return (values) => {
    const result = schema.safeParse(values);
    if (result.success) return { values, errors: {} };
    const errors: Record<string, { type: string; message: string }> = {};
    for (const issue of result.error.issues) errors[String(issue.path[0] ?? 'root')] ??= { type: issue.code, message: issue.message };
    return { values: {}, errors: errors as FieldErrors<V> };
  };
}

/** What keeps a form from being sent as it stands, each said once. */
export function wrongs(schema: ZodType, values: unknown): string[] {
  const result = schema.safeParse(values);
  return result.success ? [] : [...new Set(result.error.issues.map((issue) => issue.message))];
}

/** Fields have the names of the cmdlets' parameters, which the server's sentences begin with or name with a dash. */
export function fieldOf(message: string, fields: string[]): string | null {
  const named = /^(\w+): /.exec(message)?.[1] ?? / -(\w+)\b/.exec(message)?.[1];
  return fields.find((field) => field === named) ?? null;
}
