// Signing in as a person does, and what each role sees of the console: the menu, and what the server refuses all the same.
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { accessible, Console, fits, picture, settled, type Person } from './harness/console';
import { contoso, PASSWORD, traffic } from './harness/organization';

const RECIPIENTS = ['recipients/mailboxes', 'recipients/groups', 'recipients/contacts'];
const USERS = 'recipients/users';
const MAIL_FLOW = ['mail-flow/message-trace', 'mail-flow/queues', 'mail-flow/connectors', 'mail-flow/accepted-domains', 'mail-flow/limits', 'mail-flow/dns-records', 'mail-flow/map', 'mail-flow/protocol-logs'];
/** Everybody sees the sessions that are their own. */
const OWN = 'roles/sessions';
/** What a role group sees, and a page it does not see with what that page asks the server. */
const roles: [group: string, sees: string[], not: [path: string, cmdlet: string] | null][] = [
  ['Organization Management', ['', ...RECIPIENTS, USERS, ...MAIL_FLOW, 'tracking/tracking-log', 'tracking/gateway-search', 'tracking/sources', 'tracking/alerts', 'roles/role-groups', 'roles/audit-log', OWN, 'server/certificates'], null],
  ['Recipient Management', ['', ...RECIPIENTS, 'mail-flow/message-trace', 'mail-flow/map', 'tracking/tracking-log', 'tracking/gateway-search', 'tracking/alerts', OWN], ['mail-flow/queues', 'Get-Queue']],
  ['Records Management', ['mail-flow/message-trace', 'tracking/tracking-log', 'tracking/gateway-search', 'tracking/alerts', 'roles/audit-log', OWN], ['recipients/mailboxes', 'Get-Mailbox']],
  ['Help Desk', ['', ...RECIPIENTS, 'mail-flow/message-trace', 'mail-flow/map', 'tracking/gateway-search', OWN], ['roles/role-groups', 'Get-RoleGroup']],
  ['View-Only Organization Management', ['', ...RECIPIENTS, USERS, ...MAIL_FLOW, 'tracking/gateway-search', 'tracking/sources', 'tracking/alerts', 'roles/role-groups', OWN, 'server/certificates'], ['roles/audit-log', 'Search-AdminAuditLog']],
];

let admin: Console;
const person = (group: string): Person => ({ name: `${group.replaceAll(' ', '.')}@contoso.example`, password: PASSWORD });
beforeAll(async () => {
  admin = await Console.start();
  await contoso(admin.postroom);
  await traffic(admin.postroom);
  for (const [group] of roles) {
    const { name, password } = person(group);
    await admin.postroom.run('New-Mailbox', { Name: `Of ${group}`, Alias: name.split('@')[0], PrimarySmtpAddress: name, Password: password });
    await admin.postroom.run('Add-RoleGroupMember', { Identity: group, Member: name });
  }
});
afterAll(() => admin?.stop());
afterEach(() => admin.clean());

/** Pages of the menu, by their path. */
async function menu(page: Page): Promise<string[]> {
  await page.getByRole('navigation').getByRole('link').first().waitFor();
  const hrefs = await page.getByRole('navigation').getByRole('link').evaluateAll((links) => links.map((link) => new URL((link as HTMLAnchorElement).href).pathname));
  return hrefs.map((href) => href.replace(/^\/admin\/?/, ''));
}

/** What the page's own session gets from the server. */
const ask = (page: Page, cmdlet: string, parameters: object = {}) =>
  page.evaluate(async (given) => {
    const answer = await fetch(`/api/v1/cmdlets/${given.cmdlet}`, { method: 'POST', headers: { 'content-type': 'application/json', 'X-Requested-With': 'postroom-console' }, body: JSON.stringify(given.parameters) });
    return answer.status;
  }, { cmdlet, parameters });

/** The browser notes each refusal; it was the point. */
const refused = (status: number) => {
  const said = admin.complaints.splice(0);
  expect(said.filter((line) => !line.includes(`status of ${status}`))).toEqual([]);
};

describe('signing in', () => {
  it('is asked for first, says when it is wrong, and leads to the page that was asked for', async () => {
    const { context, page } = await admin.blank({});
    await page.goto(`${admin.url}/admin/mail-flow/queues?only=waiting`);
    await page.waitForURL(/\/sign-in\?return=/);
    refused(401);
    await picture(page, 'sign-in');
    await accessible(page);
    await admin.signIn(page, { name: 'administrator', password: 'not this one' });
    await page.getByRole('alert').getByText('The user name or the password is wrong.').waitFor();
    refused(403);
    await accessible(page);
    await admin.signIn(page, admin.administrator);
    await page.waitForURL(/\/admin\/mail-flow\/queues\?only=waiting/);
    await page.getByRole('heading', { name: 'Queues' }).waitFor();
    const [cookie] = await context.cookies();
    expect(cookie).toMatchObject({ name: '__Host-postroom', httpOnly: true, secure: true, sameSite: 'Lax' });
    expect(await page.evaluate(() => document.cookie)).toBe('');
    await page.getByRole('button', { name: /^Account/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.waitForURL(/\/sign-in$/);
    await page.goto(`${admin.url}/admin/`);
    await page.waitForURL(/\/sign-in/);
    refused(401);
    await context.close();
  });

  it.each([['dark', 1440], ['light', 390]] as const)('has a page that is readable in %s at %i', async (colours, width) => {
    const { context, page } = await admin.blank({ width });
    await page.emulateMedia({ colorScheme: colours });
    await page.goto(`${admin.url}/sign-in`);
    await page.getByLabel('User name').waitFor();
    await accessible(page);
    await fits(page);
    await context.close();
  });
});

describe.each(roles)('%s', (group, sees, not) => {
  it('sees what it may, in the menu and on each page', async () => {
    const page = await admin.open('/', { as: person(group) });
    expect((await menu(page)).sort()).toEqual([...sees].sort());
    // Without Home, the first page of one's own.
    if (!sees.includes('')) await page.waitForURL(new RegExp(`/admin/(${sees.join('|')})`));
    await page.getByRole('button', { name: new RegExp(`^Account.*${group.replaceAll(' ', '.')}`) }).click();
    await page.getByText(group, { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    for (const path of sees.filter((path) => path !== '')) {
      await page.getByRole('navigation').locator(`a[href$="/admin/${path}"]`).click();
      await page.getByRole('navigation').locator(`a[href$="/admin/${path}"][aria-current=page]`).waitFor();
      await page.getByRole('heading', { level: 1 }).waitFor();
      await settled(page);
    }
    await accessible(page);
    await page.context().close();
  });

  if (not) {
    const [path, cmdlet] = not;
    it(`is shown nothing at /${path}, and refused by the server`, async () => {
      const page = await admin.open(`/${path}`, { as: person(group) });
      await page.getByRole('heading', { name: 'Nothing here for you' }).waitFor();
      await accessible(page);
      expect(await ask(page, cmdlet)).toBe(403);
      refused(403);
      await page.context().close();
    });
  }
});

it('offers the help desk to look, and nothing that changes', async () => {
  const page = await admin.open('/recipients/mailboxes', { as: person('Help Desk') });
  await page.getByRole('row', { name: /Ann Beebe/ }).click();
  await page.getByRole('dialog').getByRole('tab').first().waitFor();
  for (const tab of await page.getByRole('dialog').getByRole('tab').all()) {
    await tab.click();
    await settled(page);
    expect(await page.getByRole('dialog').getByRole('button', { name: /^(Save|Add|Remove|Take)/ }).count()).toBe(0);
  }
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  expect(await page.getByRole('button', { name: /^(Add|Remove|Hide|Message size)/ }).count()).toBe(0);
  expect(await ask(page, 'New-Mailbox', { Name: 'Zoe', PrimarySmtpAddress: 'zoe@contoso.example', Password: PASSWORD })).toBe(403);
  refused(403);
  await page.context().close();
});
