// Where the slider of time stops, and what a stop is called; durations as the cmdlets write them.
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** How long ago, in hours, the slider stops: near the present often, far away seldom. */
export const STOPS = [0, 1, 2, 3, 6, 12, 18, 24, 36, 48, 72, 96, 120, 168, 240, 336, 504, 720, 1080, 1440, 2160] as const;

export interface StopRange { from: number; to: number }

/** The nearest stop to a number of hours. */
export function snap(hours: number): number {
  let best = 0;
  STOPS.forEach((stop, i) => {
    if (Math.abs(stop - hours) < Math.abs((STOPS[best] ?? 0) - hours)) best = i;
  });
  return best;
}

/** Two thumbs never meet: the one that moved pushes no further than one stop away from the other. */
export function moveThumb(range: StopRange, thumb: 'from' | 'to', stop: number): StopRange {
  const at = Math.max(0, Math.min(STOPS.length - 1, stop));
  return thumb === 'from' ? { from: Math.max(at, range.to + 1), to: range.to } : { from: range.from, to: Math.min(at, range.from - 1) };
}

/** Milliseconds as `d.hh:mm:ss`. */
export function duration(ms: number): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const s = Math.round(ms / 1000);
  return `${Math.floor(s / 86400)}.${two(Math.floor(s / 3600) % 24)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}

/** `d.hh:mm:ss` or `hh:mm:ss` as milliseconds; null if it is neither. */
export function parseDuration(text: string): number | null {
  const m = /^(?:(\d+)\.)?(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text);
  if (!m) return null;
  return Number(m[1] ?? 0) * DAY + Number(m[2]) * HOUR + Number(m[3]) * 60_000 + Number(m[4] ?? 0) * 1000;
}

/** Milliseconds for a reader: `3 ms`, `1.4 s`, `2 min 5 s`, `3 h 20 min`, `2 d 4 h`. */
export function spoken(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  const s = Math.round(ms / 1000);
  const pair = (a: number, au: string, b: number, bu: string) => (b ? `${a} ${au} ${b} ${bu}` : `${a} ${au}`);
  if (s < 60) return `${s} s`;
  if (s < 3600) return pair(Math.floor(s / 60), 'min', s % 60, 's');
  if (s < 86400) return pair(Math.floor(s / 3600), 'h', Math.floor(s / 60) % 60, 'min');
  return pair(Math.floor(s / 86400), 'd', Math.floor(s / 3600) % 24, 'h');
}
