// Every page: in all colours without an axe violation, at 200 % and in a narrow window without scrolling sideways, from right to left.
import { readdirSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { accessible, Console, fits, picture, settled } from './harness/console';
import { harmless, hostile } from './harness/hostile';
import { contoso, traffic } from './harness/organization';

const folder = new URL('../src/pages/', import.meta.url);
/** As the console finds them: a folder with an entry. */
const found = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('entry.ts') && file.includes('/')).map((file) => file.slice(0, -'/entry.ts'.length)).sort();
const deeper = ['mail-flow/message-trace/results?Last=2.00:00:00', 'mail-flow/connectors?kind=receive', 'mail-flow/accepted-domains?kind=remote'];
const paths = [...found.map((path) => (path === 'home' ? '' : path)), ...deeper];

let admin: Console;
beforeAll(async () => {
  admin = await Console.start();
  await contoso(admin.postroom);
  // Something to read in the protocol logs.
  for (const { Identity } of (await admin.postroom.run('Get-ReceiveConnector')).value) await admin.postroom.run('Set-ReceiveConnector', { Identity, ProtocolLoggingLevel: 'Verbose' });
  await traffic(admin.postroom);
  await hostile(admin.postroom);
});
afterAll(() => admin?.stop());
afterEach(() => admin.clean());

describe.each(paths)('/%s', (path) => {
  const name = (path.split('?')[0] ?? '').split('/').pop() || 'home';

  it('is readable in all colours, at 200 % and in a narrow window', async () => {
    const page = await admin.open(`/${path}`, { colours: 'system' });
    await settled(page);
    await harmless(page);
    await accessible(page);
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.locator('html[data-colours=dark]').waitFor();
    await accessible(page);
    if (path === '') await picture(page, 'home-dark');
    await page.emulateMedia({ colorScheme: 'light', contrast: 'more' });
    await page.locator('html[data-colours=contrast]').waitFor();
    await accessible(page);
    if (path === '') await picture(page, 'home-contrast');
    await page.emulateMedia({ contrast: 'no-preference' });
    await page.locator('html[data-colours=light]').waitFor();
    // 1280 by 1024 at 200 %.
    await page.setViewportSize({ width: 640, height: 512 });
    await settled(page);
    await fits(page);
    await page.setViewportSize({ width: 390, height: 844 });
    await settled(page);
    await fits(page);
    await accessible(page);
    if (found.includes(path) || path === '') await picture(page, `${name}-narrow`);
    await page.context().close();
  });

  it('runs from right to left, with its words in the catalogue', async () => {
    const page = await admin.open(`/${path}`, { locale: 'ar-XB' });
    await settled(page);
    expect(await page.locator('html').getAttribute('dir')).toBe('rtl');
    const bare = await page.locator('h1, nav a, [role=tab], .fui-Toolbar button, main form label').evaluateAll((all) => all.map((e) => e.textContent?.trim() ?? '').filter((text) => /\p{L}/u.test(text) && !text.startsWith('⟦')));
    expect(bare).toEqual([]);
    await accessible(page);
    await fits(page);
    await page.context().close();
  });
});
