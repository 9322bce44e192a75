// A trace of 100,000 made-up rows: no server has so many after a minute.
import type { Page } from 'playwright-core';

export const ROWS = 100_000;

export async function answerWithRows(page: Page): Promise<void> {
  const newest = Date.now();
  const rows = Array.from({ length: ROWS }, (_, i) => ({
    MessageTraceId: `id-${i}`, MessageId: `<${i}@client.example>`, Received: new Date(newest - i * 1000).toISOString(), SenderAddress: `user${i}@contoso.example`, RecipientAddress: `user${i}@fabrikam.example`, Subject: `Message ${i}`, Status: i % 7 ? 'Delivered' : 'Failed', Size: i,
    Stage: 'Delivered', Detail: 'Delivered to Inbox',
  }));
  // Open as long as the page is, as the server's is: an answer that ends would have the page read everything again.
  await page.addInitScript((count) => {
    window.EventSource = class extends EventTarget {
      constructor() {
        super();
        setTimeout(() => this.dispatchEvent(new MessageEvent('ready', { data: JSON.stringify({ count }) })));
      }
      close() {}
    } as unknown as typeof EventSource;
  }, ROWS);
  await page.route('**/api/v1/cmdlets/Get-MessageTrace', (route) => {
    const { Cursor, ResultSize } = JSON.parse(route.request().postData() ?? '{}') as { Cursor?: string; ResultSize: number };
    const from = Number(Cursor ?? 0);
    const to = Math.min(ROWS, from + ResultSize);
    return route.fulfill({ contentType: 'application/json', body: JSON.stringify({ value: rows.slice(from, to), count: ROWS, sources: [], gaps: [], next: to < ROWS ? String(to) : null, warnings: [], notes: [] }) });
  });
}

/** Opens them all, sorted by subject: any order but the server's needs every row. */
export async function openRows(page: Page, url: string): Promise<void> {
  await answerWithRows(page);
  await page.goto(`${url}/admin/mail-flow/message-trace/results?Last=2.00:00:00&sort=Subject:asc`);
  await page.getByText('100,000 rows').waitFor();
  await page.getByText(/ loaded$/).waitFor({ state: 'detached', timeout: 120_000 });
}

export interface Scrolled { frames: number; seconds: number; p50: number; p95: number; times: number[]; longestTask: number; mostRows: number }

/** Scrolls by 120 pixels a frame for some seconds; tasks under 50 ms are not told by the browser and count as 0. */
export const scroll = (page: Page, seconds: number): Promise<Scrolled> =>
  page.evaluate(async (given) => {
    const grid = document.querySelector('[role=grid]');
    const frames: number[] = [];
    let mostRows = 0;
    let longestTask = 0;
    const tasks = new PerformanceObserver((list) => {
      for (const task of list.getEntries()) longestTask = Math.max(longestTask, task.duration);
    });
    tasks.observe({ entryTypes: ['longtask'] });
    const begin = performance.now();
    let last = begin;
    await new Promise<void>((done) => {
      const step = (now: number) => {
        frames.push(now - last);
        last = now;
        mostRows = Math.max(mostRows, document.querySelectorAll('[role=row]').length);
        grid?.scrollBy(0, 120);
        if (now < begin + given * 1000) requestAnimationFrame(step);
        else done();
      };
      requestAnimationFrame(step);
    });
    await new Promise((next) => setTimeout(next, 200));
    tasks.disconnect();
    frames.sort((a, b) => a - b);
    return { frames: frames.length, seconds: given, p50: frames[Math.floor(frames.length / 2)] ?? 0, p95: frames[Math.floor(frames.length * 0.95)] ?? 0, times: frames, longestTask, mostRows };
  }, seconds);
