// Sizes as the cmdlets write them, for lists and details: `50 MB (52,428,800 bytes)`, `Unlimited`. What forms take is in sizes.ts, with the checker of forms.
export const UNLIMITED = 'Unlimited';

/** The short form, which is also what a form holds. */
export const shortSize = (size: string | null | undefined): string => (size ?? '').replace(/ \([\d,]+ bytes\)$/, '');

/** The number of bytes, for sorting and sums; null if there is no limit. */
export function bytes(size: string | null | undefined): number | null {
  const m = /\(([\d,]+) bytes\)$/.exec(size ?? '');
  return m?.[1] ? Number(m[1].replaceAll(',', '')) : null;
}

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const;
/** Bytes for a reader, in units of 1024. */
export function showBytes(n: number): string {
  let at = 0;
  let left = n;
  while (left >= 1024 && at < UNITS.length - 1) {
    left /= 1024;
    at += 1;
  }
  return `${left >= 100 || at === 0 ? Math.round(left) : left.toFixed(1)} ${UNITS[at]}`;
}
