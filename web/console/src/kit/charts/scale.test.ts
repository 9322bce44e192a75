import { describe, expect, it } from 'vitest';
import { spoken } from '../time/stops';
import { labelEvery, niceScale, timeScale } from './scale';

describe('scales', () => {
  it.each([[0, [0, 1]], [1, [0, 1]], [3, [0, 1, 2, 3]], [7, [0, 2, 4, 6, 8]], [100, [0, 50, 100]], [1234, [0, 500, 1000, 1500]]])('of %i has round marks', (greatest, marks) => expect(niceScale(greatest).marks).toEqual(marks));
  it('always reaches its greatest value', () => {
    for (let n = 1; n < 5000; n += 7) expect(niceScale(n).top).toBeGreaterThanOrEqual(n);
  });
  it.each([[40, ['0 ms', '20 ms', '40 ms']], [2_198_000, ['0 ms', '15 min', '30 min', '45 min']], [95_000, ['0 ms', '1 min', '2 min']], [5_000, ['0 ms', '2.0 s', '4.0 s', '6.0 s']], [200_000_000, ['0 ms', '1 d', '2 d', '3 d']]])('of %i ms has marks that are round on a clock', (greatest, marks) => expect(timeScale(greatest, 3).marks.map(spoken)).toEqual(marks));
  it('writes as many labels as there is room for', () => expect([labelEvery(7, 700), labelEvery(60, 600)]).toEqual([1, 6]));
});
