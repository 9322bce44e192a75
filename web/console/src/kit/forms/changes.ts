// What of a form was changed, as parameters of the cmdlet that changes it.
import { CLEARED } from '@api/client';

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
const isEmpty = (value: unknown): boolean => value === '' || value === null || (Array.isArray(value) && value.length === 0);

/** Only what differs; what was emptied is cleared. */
export function changed<V extends object>(before: V, after: V): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(after)) {
    if (same(value, (before as Record<string, unknown>)[name])) continue;
    found[name] = isEmpty(value) ? CLEARED : value;
  }
  return found;
}
