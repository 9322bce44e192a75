// A list of 100,000 rows: what is in the page stays small, the keyboard reaches the last row. The rows are made up here, for no
// server has so many after a minute; how fast they scroll is printed, not judged: that depends on the machine.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Console } from './harness/console';

const ROWS = 100_000;
const IN_PAGE_MAX = 60;
let admin: Console;
beforeAll(async () => {
  admin = await Console.start();
});
afterAll(() => admin?.stop());

async function answerWithRows(page: Page) {
  const newest = Date.now();
  const rows = Array.from({ length: ROWS }, (_, i) => ({
    MessageTraceId: `id-${i}`, MessageId: `<${i}@client.example>`, Received: new Date(newest - i * 1000).toISOString(), SenderAddress: `user${i}@contoso.example`, RecipientAddress: `user${i}@fabrikam.example`, Subject: `Message ${i}`, Status: i % 7 ? 'Delivered' : 'Failed', Size: i,
    Stage: 'Delivered', Detail: 'Delivered to Inbox',
  }));
  await page.route('**/api/v1/traces/stream**', (route) => route.fulfill({ contentType: 'text/event-stream', body: `event: ready\ndata: {"count":${ROWS}}\n\n` }));
  await page.route('**/api/v1/cmdlets/Get-MessageTrace', (route) => {
    const { Cursor, ResultSize } = JSON.parse(route.request().postData() ?? '{}') as { Cursor?: string; ResultSize: number };
    const from = Number(Cursor ?? 0);
    const to = Math.min(ROWS, from + ResultSize);
    return route.fulfill({ contentType: 'application/json', body: JSON.stringify({ value: rows.slice(from, to), count: ROWS, sources: [], gaps: [], next: to < ROWS ? String(to) : null, warnings: [], notes: [] }) });
  });
}

/** Scrolls by 120 pixels a frame for two seconds. */
const scroll = (page: Page) =>
  page.evaluate(async () => {
    const grid = document.querySelector('[role=grid]');
    const frames: number[] = [];
    let most = 0;
    let last = performance.now();
    const end = last + 2000;
    await new Promise<void>((done) => {
      const step = (now: number) => {
        frames.push(now - last);
        last = now;
        most = Math.max(most, document.querySelectorAll('[role=row]').length);
        grid?.scrollBy(0, 120);
        if (now < end) requestAnimationFrame(step);
        else done();
      };
      requestAnimationFrame(step);
    });
    frames.sort((a, b) => a - b);
    return { frames: frames.length, p50: frames[Math.floor(frames.length / 2)], p95: frames[Math.floor(frames.length * 0.95)], most };
  });

it('keeps few rows in the page and reaches them all', async () => {
  const page = await admin.ready();
  await answerWithRows(page);
  await page.goto(`${admin.url}/admin/mail-flow/message-trace/results?Last=2.00:00:00&sort=Subject:asc`);
  await page.getByText('100,000 rows').waitFor();
  // Any order but the server's needs them all.
  await page.getByText(/ loaded$/).waitFor({ state: 'detached', timeout: 45_000 });
  const measured = await scroll(page);
  console.log(`scrolling ${ROWS} rows: ${JSON.stringify(measured)}`);
  expect(measured.most).toBeLessThanOrEqual(IN_PAGE_MAX);
  await page.getByRole('grid').focus();
  await page.keyboard.press('End');
  await page.locator(`[role=row][aria-rowindex="${ROWS + 1}"]`).waitFor();
  expect(await page.getByRole('grid').getAttribute('aria-rowcount')).toBe(String(ROWS + 1));
  await page.context().close();
});
