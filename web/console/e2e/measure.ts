// How fast the console is, on this machine, with a release build: `npm run measure`, or `make bench-console`.
//
// ROUNDS (5) for each figure, of which the middle (p50) and what 95 of 100 stay under (p95) are told; OUT: a file that gets the figures under "Admin center". A filter is measured
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
/** A word is typed letter by letter: so long after each the next comes. */
const KEY_MS = 120;
type Line = [what: string, p50: string, p95: string, goal: string];

/** The value so many hundredths of all are at or under (nearest rank). */
const percentile = (values: number[], hundredths: number) => [...values].sort((a, b) => a - b)[Math.max(0, Math.ceil((values.length * hundredths) / 100) - 1)] ?? 0;
const ms = (value: number) => `${value.toFixed(0)} ms`;
const line = (what: string, values: number[], goal: string, show: (value: number) => string = ms): Line => [what, show(percentile(values, 50)), show(percentile(values, 95)), goal];

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

/** From the click on a status to the frame with the rows it leaves. */
const filtered = (page: Page, status: string) =>
  page.evaluate(async (name) => {
    const frame = () => new Promise((next) => requestAnimationFrame(next));
    // As it is read: each tab also holds its words a second time, unseen, to keep its width when they are bold.
    const tab = [...document.querySelectorAll<HTMLElement>('main [role=tab]')].find((t) => t.innerText.trim() === name);
    if (!tab) throw new Error(`no tab for ${name}`);
    const begin = performance.now();
    tab.click();
    // The address changes before the rows: those of the last status must be gone.
    const rows = () => [...document.querySelectorAll('[role=grid][aria-busy=false] [role=row][aria-rowindex]:not([aria-rowindex="1"])')];
    do await frame();
    while (rows().length === 0 || !rows().every((row) => row.textContent?.includes(name)));
    return performance.now() - begin;
  }, status);

/** The longest word of the subjects in sight: one that is found, and seldom. */
const someWord = (page: Page) =>
  page.evaluate(() => {
    const at = [...document.querySelectorAll('[role=columnheader]')].findIndex((head) => head.textContent === 'Subject');
    const subjects = [...document.querySelectorAll('[role=row][aria-rowindex]')].map((row) => row.querySelectorAll('[role=gridcell]')[at]?.textContent ?? '');
    return subjects.flatMap((text) => text.match(/\b[a-z]{5,14}\b/g) ?? []).reduce((a, b) => (b.length > a.length ? b : a), '');
  });

/** A word is typed into the box: from its last letter to the frame with the rows it leaves. */
const typed = (page: Page, word: string) =>
  page.evaluate(async ([letters, gap]) => {
    const frame = () => new Promise((next) => requestAnimationFrame(next));
    const box = document.querySelector('main input[type=search]') as HTMLInputElement;
    const put = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set;
    const type = (text: string) => {
      put?.call(box, text);
      box.dispatchEvent(new Event('input', { bubbles: true }));
    };
    for (let i = 1; i < letters.length; i += 1) {
      type(letters.slice(0, i));
      await new Promise((next) => setTimeout(next, gap));
    }
    const begin = performance.now();
    type(letters);
    const rows = () => [...document.querySelectorAll('[role=grid][aria-busy=false] [role=row][aria-rowindex]:not([aria-rowindex="1"])')];
    do await frame();
    while (rows().length === 0 || !rows().every((row) => row.textContent?.toLowerCase().includes(letters)));
    const took = performance.now() - begin;
    type('');
    while (new URLSearchParams(location.search).has('Subject') || document.querySelector('[role=grid]')?.getAttribute('aria-busy') === 'true') await frame();
    return took;
  }, [word, KEY_MS] as const);

async function filters(admin: Console): Promise<Line[]> {
  const { POSTROOM_URL: url, POSTROOM_USER: name, POSTROOM_PASSWORD: password } = process.env;
  if (!url || !name || !password) return [];
  const { context, page } = await admin.blank({});
  await page.goto(`${url}/sign-in`);
  await admin.signIn(page, { name, password });
  await page.waitForURL(/\/admin\//);
  const clicks: number[] = [];
  const words: number[] = [];
  let total = '';
  for (let i = 0; i < ROUNDS; i += 1) {
    // Begun anew: the page remembers for a minute what it was answered.
    await page.goto(`${url}/admin/mail-flow/message-trace/results?Last=90.00:00:00`);
    await page.locator('[role=grid][aria-busy=false] [role=row][aria-rowindex="2"]').waitFor();
    total = (await page.locator('[data-total]').getAttribute('data-total')) ?? '';
    const word = await someWord(page);
    for (const status of FILTERS) clicks.push(await filtered(page, status));
    words.push(await typed(page, word));
  }
  await context.close();
  const rows = `${Number(total).toLocaleString('en')} rows in the store`;
  return [line(`A status chosen, ${rows}`, clicks, '150 ms'), line(`A word typed into the subject box, from its last letter, ${rows}`, words, '150 ms')];
}

function write(lines: Line[], about: string): void {
  const text = `### ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC, ${about}\n\n| What, ${ROUNDS} rounds | p50 | p95 | Goal |\n|---|---|---|---|\n${lines.map((one) => `| ${one.join(' | ')} |`).join('\n')}\n`;
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
  const frames = scrolled.flatMap((s) => s.times);
  const lines: Line[] = [
    line('Home, cold: first contentful paint', home.map((v) => v.paint), '1 s'),
    line('Home, cold: its figures are there', home.map((v) => v.ready), '1 s'),
    line('Mailboxes, cold: its rows are there', list.map((v) => v.ready), '1 s'),
    line(`First load of Home, compressed, ${home[0]?.files ?? 0} files`, home.map((v) => v.bytes / 1024), '300 KiB', (kib) => `${kib.toFixed(0)} KiB`),
    line('Scrolling 100,000 rows: a frame', frames, '17 ms', (value) => `${value.toFixed(1)} ms`),
    line('Scrolling 100,000 rows: longest task', scrolled.map((s) => s.longestTask), '100 ms'),
    ...(await filters(admin)),
  ];
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  write(lines, `commit ${commit}, ${cpus().length} cores, load ${load.toFixed(1)} before, Chromium ${admin.browser.version()} without a graphics card`);
  await admin.stop();
}, 900_000);
