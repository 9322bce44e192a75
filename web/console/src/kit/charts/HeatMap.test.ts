import { expect, test } from 'vitest';
import { shadeOf } from './HeatMap';

test('nothing has no shade, anything has one, the greatest has the last', () => {
  expect([shadeOf(0, 100), shadeOf(1, 100), shadeOf(100, 100), shadeOf(1, 1), shadeOf(3, 0)]).toEqual([0, 1, 5, 5, 0]);
  expect(shadeOf(10, 100)).toBeGreaterThan(shadeOf(1, 100));
});
