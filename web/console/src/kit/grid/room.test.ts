import { describe, expect, it } from 'vitest';
import { columnsIn } from './room';

const columns = [{ width: 200, grow: 2 }, { width: 100 }, { width: 300, grow: 1 }];

describe('the columns of a list', () => {
  it('have their widths where there is room, and share what is left', () => expect(columnsIn(columns, true, 700)).toEqual({ template: '40px minmax(200px, 2fr) 100px minmax(300px, 1fr)', least: 640 }));
  it('move together where all are in sight then', () => expect(columnsIn(columns, false, 500)).toEqual({ template: 'minmax(144px, 2fr) 100px minmax(216px, 1fr)', least: 460 }));
  it('keep their widths where it has to be moved sideways anyway', () => expect(columnsIn(columns, false, 390).least).toBe(600));
});
