// How fast the console is, on this machine, with a release build: `npm run measure`, or `make bench-console`.
//
// ROUNDS (5) for each figure, of which the median counts; OUT: a file that gets the figures under "Admin center". A filter is measured
// against the store of a running server, if there is one: POSTROOM_URL, POSTROOM_USER, POSTROOM_PASSWORD.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import type { Page } from 'playwright-core';
import { it } from 'vitest';
import { Console } from './harness/console';
import { contoso, traffic } from './harness/organization';
import { openRows, scroll } from './harness/rows';

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const SCROLL_SECONDS = 5;
const HEADING = '## Admin center';
const FILTERS = ['Failed', 'Delivered', 'Pending', 'Quarantined'];
type Line = [what: string, figure: string, goal: string];

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const ms = (value: number) => `${value.toFixed(0)} ms`;

async function rounds<T>(of: () => Promise<T>): Promise<T[]> {
  const all: T[] = [];
  for (let i = 0; i < ROUNDS; i += 1) all.push(await of());
  return all;
}

/** One page in a context of its own, so with nothing cached. */
async function firstView(admin: Console, path: string, shown: string) {
  const page = await admin.ready();
  await page.goto(`${admin.url}/admin${path}`);
  await page.locator(shown).first().waitFor();
  const view = await page.evaluate(() => {
    const all = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')] as PerformanceResourceTiming[];
    const files = all.filter((entry) => !entry.name.includes('/api/'));
    return {
      paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
      ready: performance.now(),
      bytes: files.reduce((sum, entry) => sum + entry.transferSize, 0),
      files: files.length,
    };
  });
  await page.context().close();
  return view;
}

/** From the click on a status to the rows it leaves. */
const filtered = (page: Page, status: string) =>
  page.evaluate(async (name) => {
    const frame = () => new Promise((next) => requestAnimationFrame(next));
    const answers = () => performance.getEntriesByType('resource').filter((entry) => entry.name.endsWith('/Get-MessageTrace')).length;
    const before = answers();
    const tab = [...document.querySelectorAll('main [role=tab]')].find((t) => t.textContent === name) as HTMLElement;
    const begin = performance.now();
    tab.click();
    while (answers() === before || document.querySelector('[role=grid]')?.getAttribute('aria-busy') === 'true') await frame();
    return performance.now() - begin;
  }, status);

async function filters(admin: Console): Promise<Line | null> {
  const { POSTROOM_URL: url, POSTROOM_USER: name, POSTROOM_PASSWORD: password } = process.env;
  if (!url || !name || !password) return null;
  const { context, page } = await admin.blank({});
  await page.goto(`${url}/sign-in`);
  await admin.signIn(page, { name, password });
  await page.waitForURL(/\/admin\//);
  await page.goto(`${url}/admin/mail-flow/message-trace/results?Last=90.00:00:00`);
  await page.locator('[role=grid][aria-busy=false] [role=row][aria-rowindex="2"]').waitFor();
  const total = await page.locator('[data-total]').getAttribute('data-total');
  const all = (await rounds(async () => {
    const times: number[] = [];
    for (const status of FILTERS) times.push(await filtered(page, status));
    return times;
  })).flat();
  await context.close();
  return [`A filter changed, ${Number(total).toLocaleString('en')} rows in the store`, `${ms(median(all))}, at most ${ms(Math.max(...all))}`, '150 ms'];
}

function write(lines: Line[], about: string): void {
  const text = `### ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC, ${about}\n\n| What | Median of ${ROUNDS} | Goal |\n|---|---|---|\n${lines.map((line) => `| ${line.join(' | ')} |`).join('\n')}\n`;
  console.log(text);
  const out = process.env.OUT;
  if (!out) return;
  const before = existsSync(out) ? readFileSync(out, 'utf8') : '# Benchmarks\n';
  const at = before.indexOf(`${HEADING}\n`);
  const after = at < 0 ? `${before.trimEnd()}\n\n${HEADING}\n\n${text}` : `${before.slice(0, at)}${HEADING}\n\n${text}\n${before.slice(at + HEADING.length + 1).trimStart()}`;
  writeFileSync(out, after);
}

it('measures', async () => {
  const load = loadavg()[0] ?? 0;
  const admin = await Console.start();
  await contoso(admin.postroom);
  await traffic(admin.postroom);
  const home = await rounds(() => firstView(admin, '/', '[role=figure], figure'));
  const list = await rounds(() => firstView(admin, '/recipients/mailboxes', '[role=row][aria-rowindex="2"]'));
  const scrolled = await rounds(async () => {
    const page = await admin.ready();
    await openRows(page, admin.url);
    const said = await scroll(page, SCROLL_SECONDS);
    await page.context().close();
    return said;
  });
  const filter = await filters(admin);
  const lines: Line[] = [
    ['Home, cold: first contentful paint', ms(median(home.map((v) => v.paint))), '1 s'],
    ['Home, cold: its figures are there', ms(median(home.map((v) => v.ready))), '1 s'],
    ['Mailboxes, cold: its rows are there', ms(median(list.map((v) => v.ready))), '1 s'],
    ['First load of Home, compressed', `${(median(home.map((v) => v.bytes)) / 1024).toFixed(0)} KiB in ${home[0]?.files ?? 0} files`, '300 KiB'],
    ['Scrolling 100,000 rows: frames a second', median(scrolled.map((s) => s.frames / s.seconds)).toFixed(0), '60'],
    ['Scrolling 100,000 rows: a frame, p50 and p95', `${ms(median(scrolled.map((s) => s.p50)))}, ${ms(median(scrolled.map((s) => s.p95)))}`, ''],
    ['Scrolling 100,000 rows: longest task', `${ms(median(scrolled.map((s) => s.longestTask)))}, at most ${ms(Math.max(...scrolled.map((s) => s.longestTask)))}`, '100 ms'],
    ...(filter ? [filter] : []),
  ];
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  write(lines, `commit ${commit}, ${cpus().length} cores, load ${load.toFixed(1)} before, Chromium ${admin.browser.version()} without a graphics card`);
  await admin.stop();
}, 900_000);
