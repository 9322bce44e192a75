// Objects whose shape a source decides, in words.

/** An object whose shape a source decides, as `Name: value` pairs. */
export function words(object: Record<string, unknown>): string {
  return Object.entries(object).filter(([, value]) => value !== null && value !== '' && value !== false).map(([name, value]) => `${name}: ${Array.isArray(value) ? value.map(String).join(', ') : typeof value === 'object' ? words(value as Record<string, unknown>) : String(value)}`).join('; ');
}
