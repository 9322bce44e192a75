// A group with a group and a contact in it: made step by step, its tree seen, its mail delivered to all.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { accessible, Console, fits, picture } from './harness/console';
import { contoso, PASSWORD, traced } from './harness/organization';
import { pick } from './harness/people';
import { waitFor } from './harness/server';
import { sendMail } from './harness/smtp';

let console_: Console;
beforeAll(async () => {
  console_ = await Console.start();
  await contoso(console_.postroom);
});
afterAll(() => console_?.stop());
afterEach(() => console_.clean());

describe('contacts', () => {
  it('adds a contact, which the picker then offers', async () => {
    const page = await console_.open('/recipients/contacts');
    await page.getByRole('row', { name: /Partner/ }).waitFor();
    await page.getByRole('button', { name: 'Add a contact' }).click();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByLabel('Display name').fill('Supplier');
    await page.getByLabel('Address outside').fill('supplier');
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('Give an address such as kim@contoso.example').waitFor();
    await accessible(page);
    await page.getByLabel('Address outside').fill('supplier@fabrikam.example');
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText('Supplier was added.').waitFor();
    await picture(page, 'contacts');
    await accessible(page);
    await page.getByRole('row', { name: /Supplier/ }).click();
    await page.getByLabel('Address outside').fill('orders@fabrikam.example');
    await picture(page, 'contact-details');
    await accessible(page);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    expect((await console_.postroom.run('Get-MailContact', { Identity: 'Supplier' })).value[0]).toMatchObject({ ExternalEmailAddress: 'SMTP:orders@fabrikam.example' });
    await page.context().close();
  });
});

describe('groups', () => {
  it('makes a group with a group and a contact in it', async () => {
    const page = await console_.open('/recipients/groups');
    await page.getByRole('row', { name: /Managers/ }).waitFor();
    await picture(page, 'groups');
    await accessible(page);
    await page.getByRole('button', { name: 'Add a group' }).click();
    await page.getByRole('radio', { name: /^Distribution group/ }).check();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByLabel('Display name').fill('Project');
    await page.getByLabel('Email address: Before the @').fill('project');
    await page.getByRole('button', { name: 'Next' }).click();
    await pick(page, page.getByRole('combobox', { name: 'Owners' }), 'ann', 'Ann Beebe');
    await page.getByRole('button', { name: 'Next' }).click();
    for (const [begin, name] of [['team', 'Team'], ['suppl', 'Supplier'], ['ann', 'Ann Beebe']] as const) await pick(page, page.getByRole('combobox', { name: 'Members' }), begin, name);
    await picture(page, 'group-add');
    await accessible(page);
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('Team, Supplier, Ann Beebe').waitFor();
    await picture(page, 'group-add-review');
    await page.getByRole('button', { name: 'Add the group' }).click();
    await page.getByText('The group Project was made.').waitFor();
    await page.getByRole('row', { name: /Project/ }).click();
    await page.getByRole('tab', { name: 'Members' }).click();
    // Three levels: the project, the team in it, the managers in the team.
    await page.getByRole('treeitem', { name: /^Team/ }).click();
    await page.getByRole('treeitem', { name: /^Managers/ }).click();
    await page.getByRole('treeitem', { name: /^Kim Akers/ }).waitFor();
    await page.getByRole('treeitem', { name: /^Supplier/ }).waitFor();
    await picture(page, 'group-members');
    await accessible(page);
    await page.context().close();
  });

  it('reaches the members of the groups inside', async () => {
    const { postroom } = console_;
    expect(await sendMail(postroom.ports.submission ?? 0, { from: 'ann@contoso.example', to: 'project@contoso.example', subject: 'Kick-off', user: 'ann@contoso.example', password: PASSWORD })).toMatch(/^250/);
    await waitFor(async () => (await traced(postroom, 'Kick-off', 9)).filter((r) => r.Status === 'Delivered').length === 4, 20_000, 'all four to have it');
    const rows = await traced(postroom, 'Kick-off', 9);
    expect(rows.filter((r) => r.Status === 'Expanded').map((r) => r.RecipientAddress).sort()).toEqual(['managers@contoso.example', 'project@contoso.example', 'team@contoso.example']);
    expect(rows.filter((r) => r.Status === 'Delivered').map((r) => r.RecipientAddress).sort()).toEqual(['ann@contoso.example', 'bob@contoso.example', 'kim@contoso.example', 'mimi@contoso.example']);
  });

  it('shows a circle and stops there', async () => {
    await console_.postroom.run('Add-DistributionGroupMember', { Identity: 'Managers', Member: 'Project' });
    const page = await console_.open('/recipients/groups?search=proj&tab=members');
    await page.getByRole('row', { name: /Project/ }).click();
    await page.getByRole('treeitem', { name: /^Team/ }).click();
    await page.getByRole('treeitem', { name: /^Managers/ }).click();
    await page.getByText(/in a circle/).waitFor();
    await page.getByRole('button', { name: 'Take Team out of the group' }).click();
    await page.getByRole('alertdialog').getByText('What would happen').waitFor();
    await page.getByRole('button', { name: 'Take out' }).click();
    await page.getByRole('treeitem', { name: /^Team/ }).waitFor({ state: 'hidden' });
    await page.getByRole('tab', { name: 'Settings' }).click();
    await page.getByRole('switch', { name: /Only senders inside/ }).uncheck();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    await picture(page, 'group-settings');
    await accessible(page);
    expect((await console_.postroom.run('Get-DistributionGroup', { Identity: 'Project' })).value[0]).toMatchObject({ RequireSenderAuthenticationEnabled: false, MemberCount: 2 });
    await page.context().close();
  });

  it.each([['/recipients/groups', 'dark', 1440], ['/recipients/groups', 'light', 390], ['/recipients/contacts', 'contrast', 390]] as const)('%s is readable in %s at %i', async (path, colours, width) => {
    const page = await console_.open(path, { colours, width });
    await page.getByRole('row').nth(1).click();
    await page.getByRole('tab').last().click();
    await page.getByText('Delivery restrictions').waitFor();
    await accessible(page);
    await fits(page);
    await page.context().close();
  });
});
