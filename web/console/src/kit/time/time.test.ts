import { describe, expect, it } from 'vitest';
import { duration, moveThumb, parseDuration, snap, spoken, STOPS } from './stops';
import { instantOf, localTimes, showTime, wallClock, zoneName, zones, zonesLike } from './zone';

describe('the slider of time', () => {
  it('snaps to the nearest stop', () => expect([0.4, 5, 50, 9000].map((h) => STOPS[snap(h)])).toEqual([0, 6, 48, 2160]));
  it('never lets the thumbs meet', () => {
    expect(moveThumb({ from: 9, to: 0 }, 'to', 12)).toEqual({ from: 9, to: 8 });
    expect(moveThumb({ from: 9, to: 4 }, 'from', 0)).toEqual({ from: 5, to: 4 });
    expect(moveThumb({ from: 9, to: 0 }, 'from', 99)).toEqual({ from: STOPS.length - 1, to: 0 });
  });
  it.each([[172_800_000, '2.00:00:00'], [5_400_000, '0.01:30:00']])('writes %i ms as %s and reads it', (ms, text) => {
    expect(duration(ms)).toBe(text);
    expect(parseDuration(text)).toBe(ms);
  });
  it('reads nothing into what is no duration', () => expect(parseDuration('two days')).toBeNull());
  it.each([[3, '3 ms'], [1400, '1.4 s'], [125_000, '2 min 5 s'], [12_000_000, '3 h 20 min'], [187_200_000, '2 d 4 h']])('%i ms is %s', (ms, text) => expect(spoken(ms)).toBe(text));
});

describe('times in a zone', () => {
  it('shows and names the zone', () => {
    expect(showTime('2026-11-22T10:37:44.877671Z', 'Europe/Berlin')).toContain('11:37:44');
    expect(zoneName('Europe/Berlin', new Date('2026-07-01'))).toBe('Berlin (UTC+2)');
    expect(zoneName('Etc/UTC')).toBe('UTC');
    expect(showTime(null, 'Etc/UTC')).toBe('');
  });
  it.each(['Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Etc/UTC'])('goes to the wall clock of %s and back', (zone) => {
    for (const iso of ['2026-11-22T10:30:00Z', '2026-03-29T00:30:00Z', '2026-07-01T23:59:00Z']) {
      expect(instantOf(wallClock(new Date(iso), zone), zone).toISOString()).toBe(new Date(iso).toISOString());
    }
  });
  it('turns the times within a sentence', () => expect(localTimes('next attempt 2026-11-22T10:38:44.5Z: 441 4.4.1', 'Etc/UTC')).toMatch(/^next attempt .*10:38:44 UTC: 441 4\.4\.1$/));
  it('takes the first of a doubled hour', () => expect(instantOf('2026-10-25T02:30', 'Europe/Berlin').toISOString()).toBe('2026-10-25T00:30:00.000Z'));
});

describe('the list of zones', () => {
  it('has the names of now', () => {
    const all = zones();
    expect([all.includes('Asia/Kolkata'), all.includes('Asia/Calcutta'), all.includes('Europe/Kyiv'), all.includes('Europe/Kiev'), all[0], new Set(all).size === all.length]).toEqual([true, false, true, false, 'Etc/UTC', true]);
  });
  it('is shorter for what is typed', () => expect([zonesLike(zones(), 'new york'), zonesLike(zones(), 'Europe/Berl'), zonesLike(zones(), 'utc'), zonesLike(zones(), 'nowhere')]).toEqual([['America/New_York'], ['Europe/Berlin'], ['Etc/UTC'], []]));
});
