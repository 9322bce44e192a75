// People who administer and have no mailbox: made, put into a role group, kept out, and gone.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { accessible, Console, fits, picture } from './harness/console';

const FIRST = 'Correct-Horse-9';
const SECOND = 'Another-Horse-10';
let admin: Console;
beforeAll(async () => {
  admin = await Console.start();
});
afterAll(() => admin?.stop());
afterEach(() => admin.clean());

const user = async () => (await admin.postroom.run('Get-User', { Identity: 'kim.admin' })).value[0];

describe('users', () => {
  it('makes one with a role group, who then signs in', async () => {
    const page = await admin.open('/recipients/users');
    await page.getByRole('row', { name: /Administrator/ }).waitFor();
    await page.getByRole('button', { name: 'Add a user' }).click();
    const wizard = page.getByRole('dialog');
    await wizard.getByRole('button', { name: 'Next' }).click();
    await wizard.getByText('Give a name').waitFor();
    await wizard.getByText('At least 8 characters', { exact: true }).waitFor();
    await accessible(page);
    await wizard.getByLabel('Signs in as').fill('kim.admin');
    await wizard.getByLabel('Password').fill(FIRST);
    await wizard.getByRole('button', { name: 'Next' }).click();
    await wizard.getByRole('checkbox', { name: 'Help Desk' }).check();
    await picture(page, 'user-add');
    await accessible(page);
    await wizard.getByRole('button', { name: 'Next' }).click();
    await wizard.getByRole('button', { name: 'Show command' }).click();
    expect(await wizard.locator('[data-lines=shell]').innerText()).toBe("New-User -Name kim.admin -Password '…'\nAdd-RoleGroupMember -Identity 'Help Desk' -Member kim.admin");
    await wizard.getByRole('button', { name: 'Add the user' }).click();
    await page.getByText('kim.admin may sign in now.').waitFor();
    await page.getByRole('row', { name: /kim\.admin.*Help Desk.*Allowed/ }).waitFor();
    await picture(page, 'users');
    await accessible(page);
    const own = await admin.open('/', { as: { name: 'kim.admin', password: FIRST } });
    await own.getByRole('button', { name: /^Account.*kim\.admin/ }).click();
    await own.getByText('Help Desk', { exact: true }).waitFor();
    await own.context().close();
    await page.context().close();
  });

  it('gives another role group and takes one away', async () => {
    const page = await admin.open('/recipients/users');
    await page.getByRole('searchbox').fill('help desk');
    await page.getByRole('row', { name: /Administrator/ }).waitFor({ state: 'detached' });
    await page.getByRole('row', { name: /kim\.admin/ }).click();
    const drawer = page.getByRole('dialog');
    await drawer.getByRole('tab', { name: 'Role groups' }).click();
    await drawer.getByRole('list', { name: 'Role groups' }).getByText('Help Desk').waitFor();
    await drawer.getByLabel('Add to a role group').selectOption('Records Management');
    await drawer.getByRole('button', { name: 'Add', exact: true }).click();
    await drawer.getByRole('list', { name: 'Role groups' }).getByText('Records Management').waitFor();
    await picture(page, 'user-groups');
    await accessible(page);
    await drawer.getByRole('button', { name: 'Take out of Help Desk' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Take out' }).click();
    await drawer.getByRole('list', { name: 'Role groups' }).getByText('Help Desk').waitFor({ state: 'detached' });
    expect((await user())?.RoleGroups).toEqual(['Records Management']);
    await page.context().close();
  });

  it('changes the account and the password', async () => {
    const page = await admin.open('/recipients/users');
    await page.getByRole('row', { name: /kim\.admin/ }).click();
    const drawer = page.getByRole('dialog');
    await drawer.getByRole('switch', { name: 'Sign-in is blocked' }).check();
    await drawer.getByLabel('Signs in as').fill('');
    await drawer.getByRole('button', { name: 'Show command' }).press('Enter');
    await drawer.getByText('The line comes as soon as the form can be sent: Give a name').waitFor();
    await drawer.getByLabel('Signs in as').fill('kim.admin');
    expect(await drawer.locator('[data-lines=shell]').innerText()).toMatch(/^Set-User -Identity \S+ -AccountDisabled:true$/);
    await picture(page, 'user');
    await drawer.getByRole('button', { name: 'Save' }).click();
    await drawer.getByText('Saved.').waitFor();
    expect((await user())?.AccountDisabled).toBe(true);
    await accessible(page);
    await drawer.getByRole('button', { name: /Set a password/ }).click();
    const asked = page.getByRole('dialog', { name: 'Set a password' });
    await asked.getByLabel('New password').fill(SECOND);
    await asked.getByLabel('The same once more').fill(SECOND);
    await asked.getByRole('button', { name: 'Set the password' }).click();
    await asked.getByText('The password is set.').waitFor();
    await page.context().close();
  });

  it('removes one after saying what goes, and finds room at 390 pixels', async () => {
    const page = await admin.open('/recipients/users', { width: 390, height: 844 });
    const row = page.getByRole('row', { name: 'Select kim.admin' });
    await row.getByRole('checkbox').check();
    await fits(page);
    await accessible(page);
    const remove = page.getByRole('button', { name: 'Remove' });
    if (await remove.isVisible()) await remove.click();
    else {
      await page.getByRole('button', { name: /More commands/ }).click();
      await page.getByRole('menuitem', { name: 'Remove' }).click();
    }
    const dialog = page.getByRole('alertdialog');
    await dialog.getByText('What would happen').waitFor();
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await dialog.waitFor({ state: 'detached' });
    await row.waitFor({ state: 'detached' });
    expect((await admin.postroom.run('Get-User', { RecipientTypeDetails: ['User'] })).value.map((u) => u.Name)).toEqual(['Administrator']);
    await page.context().close();
  });
});
