// Who may do what, who did what, and who looked up whose mail.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { accessible, Console, fits, picture } from './harness/console';
import { contoso, traffic } from './harness/organization';
import { pick } from './harness/people';

let console_: Console;
beforeAll(async () => {
  console_ = await Console.start();
  await contoso(console_.postroom);
  await traffic(console_.postroom);
});
afterAll(() => console_?.stop());
afterEach(() => console_.clean());

describe('role groups', () => {
  it('makes one for a domain, with a member', async () => {
    const page = await console_.open('/roles/role-groups');
    await page.getByRole('row', { name: /Help Desk/ }).waitFor();
    await picture(page, 'role-groups');
    await accessible(page);
    await page.getByRole('button', { name: 'Add a role group' }).click();
    await page.getByLabel('Name').fill('Branch help desk');
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('Choose at least one role').waitFor();
    await page.getByRole('checkbox', { name: /^View-Only Recipients/ }).check();
    await picture(page, 'role-group-add');
    await accessible(page);
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('checkbox', { name: 'contoso.example' }).check();
    await page.getByRole('button', { name: 'Next' }).click();
    await pick(page, page.getByRole('combobox', { name: 'Members' }), 'bob', 'Bob Kelly');
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('button', { name: 'Add the role group' }).click();
    await page.getByText('The role group Branch help desk was made.').waitFor();
    expect((await console_.postroom.run('Get-RoleGroup', { Identity: 'Branch help desk' })).value[0]).toMatchObject({ Roles: ['View-Only Recipients'], RecipientDomainScope: ['contoso.example'], Members: ['Bob Kelly'] });
    await page.getByRole('row', { name: /Branch help desk/ }).click();
    await page.getByRole('tab', { name: 'Members' }).click();
    await pick(page, page.getByRole('combobox', { name: 'Add a member' }), 'mimi', 'Mimi Chan');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText('mimi@contoso.example').waitFor();
    await picture(page, 'role-group-members');
    await accessible(page);
    await page.getByRole('button', { name: 'Take bob@contoso.example out of the group' }).click();
    await page.getByRole('alertdialog').getByText('What would happen').waitFor();
    await page.getByRole('button', { name: 'Take out' }).click();
    await page.getByRole('alertdialog').waitFor({ state: 'detached' });
    await page.getByRole('list', { name: 'Members' }).getByText('bob@contoso.example').waitFor({ state: 'detached' });
    await page.context().close();
  });
});

describe('audit log', () => {
  it('says who changed what, before and after', async () => {
    await console_.postroom.run('Set-Mailbox', { Identity: 'kim', MaxSendSize: '20 MB' });
    const page = await console_.open('/roles/audit-log?cmdlet=Set-Mailbox');
    await page.getByRole('row', { name: /Set-Mailbox/ }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('rowheader', { name: 'MaxSendSize' }).waitFor();
    expect(await dialog.locator('pre').innerText()).toBe('Set-Mailbox -Identity kim -MaxSendSize 20971520');
    await picture(page, 'audit-log-change');
    await accessible(page);
    await page.context().close();
  });

  it('says who looked up whose mail', async () => {
    await console_.postroom.run('Get-MessageTrace', { RecipientAddress: ['ann@contoso.example'] });
    const page = await console_.open('/roles/audit-log?what=look-ups&object=ann%40contoso.example');
    await page.getByRole('row', { name: /Get-MessageTrace/ }).first().waitFor();
    await picture(page, 'audit-log');
    await accessible(page);
    await page.getByRole('row', { name: /Get-MessageTrace/ }).first().click();
    await page.getByText('A look-up: it shows mail and changes nothing.').waitFor();
    await accessible(page);
    await page.context().close();
  });

  it.each([['/roles/audit-log', 'dark', 1440], ['/roles/audit-log', 'light', 390], ['/roles/role-groups', 'contrast', 390]] as const)('%s is readable in %s at %i', async (path, colours, width) => {
    const page = await console_.open(path, { colours, width });
    await page.getByRole('row').nth(1).click();
    await page.getByRole('dialog').waitFor();
    await accessible(page);
    await fits(page);
    await page.context().close();
  });
});
