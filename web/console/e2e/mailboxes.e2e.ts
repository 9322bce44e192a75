// A shared mailbox: made, delegated to two people, written to and from, and both traced.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { accessible, Console, fits, picture } from './harness/console';
import { contoso, PASSWORD, traced, traffic } from './harness/organization';
import { sendMail } from './harness/smtp';

let console_: Console;
beforeAll(async () => {
  console_ = await Console.start();
  await contoso(console_.postroom);
  await traffic(console_.postroom);
});
afterAll(() => console_?.stop());
afterEach(() => console_.clean());

/** Chooses somebody in a picker by typing the beginning of a name. */
async function pick(page: Page, label: string, begin: string, name: string): Promise<void> {
  await page.getByRole('combobox', { name: label }).fill(begin);
  await page.getByRole('option', { name }).first().click();
}

describe('mailboxes', () => {
  it('makes a shared mailbox and delegates it to two people', async () => {
    const page = await console_.open('/recipients/mailboxes');
    await page.getByRole('row', { name: /Ann Beebe/ }).waitFor();
    await picture(page, 'mailboxes');
    await accessible(page);
    await page.getByRole('button', { name: 'Add a mailbox' }).click();
    await page.getByRole('radio', { name: /Shared mailbox/ }).check();
    await page.getByRole('button', { name: 'Next' }).click();
    // Nothing given: the errors stand at their fields, and the first has the focus.
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('Give a name').waitFor();
    await accessible(page);
    await page.getByLabel('Display name').fill('Orders');
    await page.getByLabel('Email address: Before the @').fill('orders');
    await page.getByRole('button', { name: 'Next' }).click();
    await pick(page, 'Read and manage (Full Access)', 'ann', 'Ann Beebe');
    await pick(page, 'Read and manage (Full Access)', 'bob', 'Bob Kelly');
    await pick(page, 'Send as', 'ann', 'Ann Beebe');
    await picture(page, 'mailbox-add');
    await accessible(page);
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('button', { name: 'Show command' }).last().click();
    expect(await page.locator('[data-lines=shell]').innerText()).toContain('New-Mailbox -Name Orders -Shared:true -PrimarySmtpAddress orders@contoso.example');
    await picture(page, 'mailbox-add-review');
    await accessible(page);
    await page.getByRole('button', { name: 'Add the mailbox' }).click();
    await page.getByText('Orders has a mailbox now.').waitFor();
    // The second person gets Send as in the drawer.
    await page.getByRole('row', { name: /Orders/ }).click();
    await page.getByRole('tab', { name: 'Delegation' }).click();
    const sendAs = page.getByRole('region', { name: 'Send as' });
    await sendAs.getByText('ann@contoso.example').waitFor();
    await sendAs.getByRole('combobox').fill('bob');
    await page.getByRole('option', { name: 'Bob Kelly' }).click();
    await sendAs.getByRole('button', { name: 'Add: Send as' }).click();
    await sendAs.getByText('bob@contoso.example').waitFor();
    await picture(page, 'mailbox-delegation');
    await accessible(page);
    const granted = await console_.postroom.run('Get-RecipientPermission', { Identity: 'orders@contoso.example' });
    expect(granted.value.map((g) => g.Trustee).sort()).toEqual(['ann@contoso.example', 'bob@contoso.example']);
    expect((await console_.postroom.run('Get-MailboxPermission', { Identity: 'orders@contoso.example' })).count).toBe(2);
    await page.context().close();
  });

  it('is written to and from by those it is delegated to, and both are in the trace', async () => {
    const { postroom } = console_;
    const smtp = postroom.ports.smtp ?? 0;
    const submission = postroom.ports.submission ?? 0;
    expect(await sendMail(smtp, { from: 'miriam@tailspin.example', to: 'orders@contoso.example', subject: 'Order 4711' })).toMatch(/^250/);
    for (const who of ['ann', 'bob']) {
      expect(await sendMail(submission, { from: 'orders@contoso.example', to: 'kim@contoso.example', subject: `Order 4711 confirmed by ${who}`, user: `${who}@contoso.example`, password: PASSWORD })).toMatch(/^250/);
    }
    // Who was not given the right is refused.
    expect(await sendMail(submission, { from: 'orders@contoso.example', to: 'kim@contoso.example', subject: 'Not mine', user: 'mimi@contoso.example', password: PASSWORD })).toMatch(/^5/);
    const to = (await traced(postroom, 'Order 4711', 3)).filter((row) => row.RecipientAddress === 'orders@contoso.example');
    expect(to.map((row) => row.Status)).toEqual(['Delivered']);
    const from = await postroom.run('Get-MessageTrace', { SenderAddress: 'orders@contoso.example', Status: ['Delivered'] });
    expect(from.count).toBe(2);
    const page = await console_.open('/recipients/mailboxes');
    await page.getByRole('row', { name: /Orders/ }).click();
    expect(await page.getByRole('link', { name: 'Trace mail to it' }).getAttribute('href')).toBe('/admin/mail-flow/message-trace/results?RecipientAddress=orders%40contoso.example');
    expect(await page.getByRole('link', { name: 'Trace mail from it' }).getAttribute('href')).toBe('/admin/mail-flow/message-trace/results?SenderAddress=orders%40contoso.example');
    await page.getByRole('tab', { name: 'Folders' }).click();
    await page.getByRole('row', { name: /Inbox/ }).waitFor();
    await picture(page, 'mailbox-folders');
    await accessible(page);
    await page.context().close();
  });
});
