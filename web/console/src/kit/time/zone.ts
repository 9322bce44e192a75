// Times in the one zone that was chosen. What a form holds is the wall clock there; what the server gets is an instant.
import { formatLocale } from '@i18n/t';

export const UTC = 'Etc/UTC';
const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string, kind: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${formatLocale()} ${zone} ${kind}`;
  let made = formats.get(key);
  if (!made) formats.set(key, (made = new Intl.DateTimeFormat(formatLocale(), { timeZone: zone, ...options })));
  return made;
}

/** What browsers still call by the name it had once, and its name now. */
const RENAMED: Record<string, string> = {
  'Africa/Asmera': 'Africa/Asmara', 'America/Buenos_Aires': 'America/Argentina/Buenos_Aires', 'America/Catamarca': 'America/Argentina/Catamarca', 'America/Coral_Harbour': 'America/Atikokan', 'America/Cordoba': 'America/Argentina/Cordoba', 'America/Godthab': 'America/Nuuk', 'America/Indianapolis': 'America/Indiana/Indianapolis',
  'America/Jujuy': 'America/Argentina/Jujuy', 'America/Louisville': 'America/Kentucky/Louisville', 'America/Mendoza': 'America/Argentina/Mendoza', 'Asia/Calcutta': 'Asia/Kolkata', 'Asia/Katmandu': 'Asia/Kathmandu', 'Asia/Rangoon': 'Asia/Yangon', 'Asia/Saigon': 'Asia/Ho_Chi_Minh', 'Atlantic/Faeroe': 'Atlantic/Faroe', 'Europe/Kiev': 'Europe/Kyiv',
  'Pacific/Enderbury': 'Pacific/Kanton', 'Pacific/Ponape': 'Pacific/Pohnpei', 'Pacific/Truk': 'Pacific/Chuuk', UTC,
};

function isKnown(zone: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: zone }));
  } catch {
    return false;
  }
}

/** The name of a zone now, if this browser knows it. */
function nameNow(zone: string): string {
  const now = RENAMED[zone];
  return now && isKnown(now) ? now : zone;
}

/** The zone of this browser. */
export const browserZone = (): string => nameNow(Intl.DateTimeFormat().resolvedOptions().timeZone || UTC);

/** Date and time to the second; to the millisecond if `exact`. */
export function showTime(instant: string | null | undefined, zone: string, exact = false): string {
  const at = instant ? new Date(instant) : null;
  if (!at || Number.isNaN(at.getTime())) return '';
  const options: Intl.DateTimeFormatOptions = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' };
  return format(zone, exact ? 'exact' : 'time', exact ? { ...options, fractionalSecondDigits: 3 } : options).format(at);
}

export function showClock(instant: string | number | Date, zone: string): string {
  return format(zone, 'clock', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(new Date(instant));
}

export function showDay(instant: string | number | Date, zone: string): string {
  return format(zone, 'day', { month: 'short', day: 'numeric' }).format(new Date(instant));
}

/** `UTC`, `Berlin (UTC+1)`: what stands in a column head. */
export function zoneName(zone: string, at = new Date()): string {
  if (zone === UTC || zone === 'UTC') return 'UTC';
  const offset = format(zone, 'offset', { timeZoneName: 'shortOffset' }).formatToParts(at).find((p) => p.type === 'timeZoneName')?.value ?? '';
  const place = zone.slice(zone.lastIndexOf('/') + 1).replaceAll('_', ' ');
  return `${place} (${offset.replace('GMT', 'UTC')})`;
}

let known: string[] | undefined;

/** The zones this browser knows by their names now, UTC and its own first. */
export function zones(): string[] {
  known ??= (Intl.supportedValuesOf?.('timeZone') ?? []).map(nameNow).sort();
  return [...new Set([UTC, browserZone(), ...known])];
}

export const zoneWords = (zone: string): string => (zone === UTC ? 'UTC' : zone.replaceAll('_', ' '));

/** Those whose name has all that was typed, in any order. */
export function zonesLike(all: string[], typed: string): string[] {
  const parts = typed.toLowerCase().split(/[\s_/]+/).filter(Boolean);
  return all.filter((zone) => parts.every((part) => zoneWords(zone).toLowerCase().includes(part)));
}

/** `2026-11-22T10:30` on the wall clock of a zone. */
export function wallClock(at: Date, zone: string): string {
  const p = Object.fromEntries(
    new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
      .formatToParts(at).map((part) => [part.type, part.value]),
  );
  return `${p.year}-${p.month}-${p.day}T${p.hour}:${p.minute}`;
}

/** The instant of a wall clock's time. In the hour that clocks skip it is the one before; of a doubled hour, the first. */
export function instantOf(wall: string, zone: string): Date {
  const asUtc = Date.parse(`${wall}:00Z`);
  let at = asUtc;
  for (let i = 0; i < 3; i += 1) {
    const shift = Date.parse(`${wallClock(new Date(at), zone)}:00Z`) - asUtc;
    if (shift === 0) break;
    at -= shift;
  }
  const earlier = at - 3_600_000;
  return new Date(wallClock(new Date(earlier), zone) === wall ? earlier : at);
}

/** Instants within a sentence of the server, such as `next attempt 2026-11-22T10:38:44Z`, on the chosen clock. */
export function localTimes(text: string | null | undefined, zone: string): string | null {
  return text ? text.replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z\b/g, (instant) => `${showTime(instant, zone)} ${zoneName(zone, new Date(instant))}`) : null;
}
