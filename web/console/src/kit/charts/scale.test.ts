import { describe, expect, it } from 'vitest';
import { labelEvery, niceScale } from './scale';

describe('scales', () => {
  it.each([[0, [0, 1]], [1, [0, 1]], [3, [0, 1, 2, 3]], [7, [0, 2, 4, 6, 8]], [100, [0, 50, 100]], [1234, [0, 500, 1000, 1500]]])('of %i has round marks', (greatest, marks) => expect(niceScale(greatest).marks).toEqual(marks));
  it('always reaches its greatest value', () => {
    for (let n = 1; n < 5000; n += 7) expect(niceScale(n).top).toBeGreaterThanOrEqual(n);
  });
  it('writes as many labels as there is room for', () => expect([labelEvery(7, 700), labelEvery(60, 600)]).toEqual([1, 6]));
});
