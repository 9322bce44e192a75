// A list of 100,000 rows: what is in the page stays small, the keyboard reaches the last row. How fast they scroll is measured by
// `npm run measure`: that depends on the machine.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Console } from './harness/console';
import { openRows, ROWS, scroll } from './harness/rows';

const IN_PAGE_MAX = 60;
let admin: Console;
beforeAll(async () => {
  admin = await Console.start();
});
afterAll(() => admin?.stop());

it('keeps few rows in the page and reaches them all', async () => {
  const page = await admin.ready();
  await openRows(page, admin.url);
  expect((await scroll(page, 1)).mostRows).toBeLessThanOrEqual(IN_PAGE_MAX);
  await page.getByRole('grid').focus();
  await page.keyboard.press('End');
  await page.locator(`[role=row][aria-rowindex="${ROWS + 1}"]`).waitFor();
  expect(await page.getByRole('grid').getAttribute('aria-rowcount')).toBe(String(ROWS + 1));
  await page.context().close();
});
