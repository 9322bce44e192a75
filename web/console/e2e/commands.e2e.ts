// Show command on every page and every action: its shell line is taken by the shell, its curl line asks for the same and is taken by the server.
// What changes something is asked with -WhatIf. The actions are those the pages have; what only looks, and what is a wizard, is told by the first word of
// its button: one that begins otherwise is added to the two lists below.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Console, settled } from './harness/console';
import { gateway, podLine } from './harness/gateway';
import { contoso, traffic } from './harness/organization';

const folder = new URL('../src/pages/', import.meta.url);
const found = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('entry.ts') && file.includes('/')).map((file) => file.slice(0, -'/entry.ts'.length)).sort();
const deeper = ['mail-flow/message-trace/results?Last=2.00:00:00', 'mail-flow/connectors?kind=receive', 'mail-flow/accepted-domains?kind=remote', 'tracking/sources?kind=imports'];
const paths = [...found.map((path) => (path === 'home' ? '' : path)), ...deeper];
/** Only look, lead elsewhere or make a file of what is shown. */
const ONLY_LOOKS = /^(Refresh|Export|Show command|Details|Find related|Live|Edit trace|Trace|Choose columns|Start a trace|Trace a message|Check|Copy|More commands|Table|Queue heat|Today|Only|Hide empty|History|Look)/;
/** Ask for more first; their last step shows the lines, as the tests of their pages see. */
const WIZARDS = /^(Add|New|Import|Create|Make|Give)/;

let admin: Console;
let logs: string;
beforeAll(async () => {
  admin = await Console.start();
  await contoso(admin.postroom);
  await traffic(admin.postroom);
  await gateway(admin.postroom);
  await admin.postroom.run('New-MessageTraceAlert', { Name: 'Waits', Query: 'Pending now', Threshold: 1, Notify: ['ann@contoso.example'] });
  logs = mkdtempSync(join(tmpdir(), 'postroom-logs-'));
  writeFileSync(join(logs, 'once.json'), `${podLine('Imported once', '4AM3vVx1004444', 3, { disposition: 'continue' })}\n`);
  await admin.postroom.run('Import-MessageTrace', { Path: join(logs, 'once.json'), Place: 'archive' });
});
afterAll(async () => {
  await admin?.stop();
  rmSync(logs, { recursive: true, force: true });
});
afterEach(() => admin.clean());

const changes = (line: string): boolean => !/^(Get|Search|Test)-/.test(line);
const texts = async (all: Locator): Promise<string[]> => (await all.allInnerTexts()).flatMap((text) => text.split('\n')).filter(Boolean);

/** What curl would be given for each line, after a POSIX shell has read it. */
function curlArguments(lines: string[]): string[][] {
  const said = execFileSync('bash', ['-c', `curl() { printf '%s\\0' "$@" $'\\n'; }\n${lines.join('\n')}`], { encoding: 'utf8' });
  return said.split('\0\n\0').slice(0, -1).map((one) => one.split('\0'));
}

/** The server takes each line of curl, and the shell's says the same; returns what is wrong with them. The shell's are kept for `taken`, but for those of which the page says itself why they are refused. */
async function wrong(shell: string[], curl: string[], typed: string[], page = ''): Promise<string[]> {
  const said: string[] = [];
  if (shell.length === 0 || shell.length !== curl.length) said.push(`${shell.length} lines for the shell, ${curl.length} for curl`);
  await Promise.all(curlArguments(curl).map(async (given, i) => {
    const name = given.at(-1)?.split('/').pop() ?? '';
    const body = JSON.parse(given[given.indexOf('-d') + 1] ?? '') as object;
    if (!shell[i]?.startsWith(name)) said.push(`curl runs ${name}, the shell ${shell[i] ?? 'nothing'}`);
    try {
      await admin.postroom.run(name, changes(name) ? { ...body, WhatIf: true } : body);
    } catch (error) {
      const heard = (error as Error).message;
      const why = heard.startsWith(`${name}: `) ? heard.slice(name.length + 2).trim() : heard;
      if (why && page.includes(why)) return;
      said.push(`${curl[i]}: ${why}`);
    }
    const line = shell[i] ?? '';
    typed.push(changes(line) ? `${line} -WhatIf` : line);
  }));
  return said;
}

/** The shell takes all lines of a page, typed one after the other: each start of it costs more than what it is asked. */
async function taken(lines: string[]): Promise<string[]> {
  if (lines.length === 0) return [];
  return admin.postroom.shell(lines.join('\n')).then(() => [], (error: unknown) => [`${lines.join('; ')}: ${String((error as { stderr?: string }).stderr ?? error)}`]);
}

/** Unfolds the lines that are in sight within, and checks them. */
async function shown(within: Locator, typed: string[]): Promise<string[]> {
  for (const button of await within.getByRole('button', { name: 'Show command', expanded: false }).all()) await button.click();
  return wrong(await texts(within.locator('[data-lines=shell]')), await texts(within.locator('[data-lines=curl]')), typed, await within.innerText());
}

async function close(page: Page): Promise<void> {
  const open = page.locator('[role=dialog], [role=alertdialog]');
  while (await open.count()) {
    const discard = page.getByRole('button', { name: 'Discard changes' });
    const last = open.last();
    const before = await open.count();
    if (await discard.count()) {
      // The question goes first, and the details it was about behind it.
      await discard.click();
      await expect.poll(() => open.count()).toBe(0);
    } else await (await last.getByRole('button', { name: 'Cancel' }).count() ? last.getByRole('button', { name: 'Cancel' }) : last.getByRole('button', { name: 'Close' }).first()).click();
    await expect.poll(() => open.count()).toBeLessThan(before);
  }
}

/** Another value of the same kind. */
function another(value: string): string {
  if (/^unlimited$/i.test(value)) return '70000';
  if (/^\d+(\.\d+)? ?[KMG]?B$/i.test(value)) return '11 MB';
  if (/^(\d+\.)?\d\d:\d\d:\d\d$/.test(value)) return '00:00:07';
  if (/^[\da-f.:/-]+(\s|$)/i.test(value) && /[.:]/.test(value)) return `${value}\n192.0.2.7`;
  return /^\d*$/.test(value) ? '7' : `${value}x`;
}

/** Changes something in a form that would only be sent by Save; again if it was that of the tab before, on its way out. */
async function touch(drawer: Locator): Promise<void> {
  const form = drawer.locator('form').filter({ has: drawer.page().getByRole('button', { name: 'Save', exact: true }) }).last();
  const add = form.getByRole('textbox', { name: 'Another address' });
  const text = form.locator('input:not([type]):enabled, input[type=text]:enabled, textarea:enabled').and(form.locator(':not([role=combobox])')).first();
  const soon = { timeout: 2_000 };
  for (let i = 0; i < 5; i += 1) {
    try {
      if (await add.count()) {
        // An entry of a list counts once it is in it.
        await add.fill('another@contoso.example', soon);
        await add.press('Enter', soon);
      } else if (await text.count()) await text.fill(another(await text.inputValue(soon)), soon);
      else await form.locator('input[type=checkbox]:enabled, input[type=radio]:enabled:not(:checked)').first().click({ force: true, ...soon });
      await form.getByRole('button', { name: 'Show command' }).first().waitFor(soon);
      return;
    } catch {
      // The next turn finds the form that stays.
    }
  }
}

/** What must be given before there is a line. */
async function give(within: Locator): Promise<void> {
  for (const field of await within.locator('input[required]:enabled').all()) if ((await field.inputValue()) === '') await field.fill('ann@contoso.example');
}

describe.each(paths)('/%s', (path) => {
  it('has a command for what it shows, for each action on what is chosen, and for each form in the details', async () => {
    const page = await admin.open(`/${path}`);
    page.setDefaultTimeout(10_000);
    await settled(page);
    const bad: string[] = [];
    const typed: string[] = [];
    const note = (what: string, said: string[]) => bad.push(...said.map((one) => `${what}: ${one}`));
    const bar = page.locator('main .fui-Toolbar').first();
    const top = bar.getByRole('button', { name: 'Show command' });
    if (await top.count()) {
      await top.click();
      const dialog = page.getByRole('dialog');
      await dialog.waitFor();
      note('page', await wrong(await texts(dialog.locator('[data-line=shell]')), await texts(dialog.locator('[data-line=curl]')), typed));
      await close(page);
    } else bad.push('page: no Show command');

    const first = page.locator('[role=row][aria-rowindex="2"]');
    const names = (await texts(bar.getByRole('button'))).filter((name) => !ONLY_LOOKS.test(name) && !WIZARDS.test(name));
    for (const name of names) {
      const check = first.getByRole('checkbox');
      if ((await check.count()) && !(await check.isChecked())) await check.check();
      const button = bar.getByRole('button', { name, exact: true });
      if ((await button.getAttribute('aria-disabled')) === 'true' || (await button.isDisabled())) continue;
      const bars = page.locator('main .fui-MessageBar').filter({ has: page.getByRole('button', { name: 'Show command' }) });
      const before = (await bars.allInnerTexts()).join();
      await button.click();
      const dialog = page.locator('[role=alertdialog], [role=dialog]').last();
      await expect.poll(async () => (await dialog.count()) > 0 || (await bars.allInnerTexts()).join() !== before, { timeout: 10_000 }).toBe(true).catch(() => bad.push(`${name}: neither asks nor says what it did`));
      await settled(page);
      if (await dialog.count()) note(name, (await dialog.getByRole('button', { name: 'Show command' }).count()) ? await shown(dialog, typed) : ['no Show command']);
      await close(page);
    }

    if ((await first.count()) && (await first.evaluate((row) => getComputedStyle(row).cursor)) === 'pointer') {
      await first.locator('[role=gridcell]').nth(1).click();
      const drawer = page.getByRole('dialog');
      if (await drawer.waitFor({ timeout: 5_000 }).then(() => true, () => false)) {
        await settled(page);
        const tabs = await texts(drawer.getByRole('tab'));
        for (const tab of tabs.length > 0 ? tabs : ['']) {
          if (tab) {
            await drawer.getByRole('tab', { name: tab, exact: true }).click();
            // What was typed into the tab before is not sent.
            const discard = page.getByRole('button', { name: 'Discard changes' });
            const chosen = drawer.getByRole('tab', { name: tab, exact: true, selected: true, includeHidden: true });
            await discard.or(chosen).first().waitFor();
            if (await discard.count()) await discard.click();
            await drawer.getByRole('tab', { name: tab, exact: true, selected: true }).waitFor();
          }
          await settled(page);
          const save = drawer.getByRole('button', { name: 'Save', exact: true });
          if (await save.count()) await touch(drawer);
          await give(drawer);
          const has = await drawer.getByRole('button', { name: 'Show command' }).count();
          if (has) note(tab || 'details', await shown(drawer, typed));
          else if (await save.count()) bad.push(`${tab}: no Show command`);
        }
      }
    }
    bad.push(...(await taken(typed)));
    expect(bad).toEqual([]);
    // What a page was refused it says: seen above.
    admin.complaints.splice(0, admin.complaints.length, ...admin.complaints.filter((text) => !text.includes('status of 409')));
    await page.context().close();
  });
});
