// A person without a role: her own mail, whole, and nothing that is not hers to use.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { accessible, Console, fits, picture, settled } from './harness/console';
import { contoso, PASSWORD, traced, traffic } from './harness/organization';
import { waitFor } from './harness/server';
import { sendMail } from './harness/smtp';

let admin: Console;
const ann = { name: 'ann@contoso.example', password: PASSWORD };
beforeAll(async () => {
  admin = await Console.start();
  await contoso(admin.postroom);
  await traffic(admin.postroom);
  await sendMail(admin.postroom.ports.submission ?? 0, { from: ann.name, to: 'partner@fabrikam.example', subject: 'Offer', user: ann.name, password: PASSWORD });
  await traced(admin.postroom, 'Offer', 1);
});
afterAll(() => admin?.stop());
afterEach(() => admin.clean());

describe('one\'s own mail', () => {
  it('starts without what only others may use', async () => {
    const page = await admin.open('/mail-flow/message-trace', { as: ann });
    await page.getByText('An address, a subject or a Message-ID').waitFor();
    await page.getByRole('button', { name: 'My mail of the last two days' }).waitFor();
    expect(await page.getByText(/may not run|needs the role/).count()).toBe(0);
    expect(await page.getByRole('tab').count()).toBe(0);
    await accessible(page);
    await picture(page, 'own-mail');
    await page.getByRole('button', { name: 'Start a trace' }).click();
    const dialog = page.getByRole('dialog', { name: 'New message trace' });
    await dialog.getByRole('button', { name: 'Detailed search options' }).click();
    await dialog.getByRole('textbox', { name: 'Message ID', exact: true }).waitFor();
    expect(await dialog.getByText('Original client IP').count()).toBe(0);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'My mail of the last two days' }).click();
    await page.getByRole('row', { name: /Lunch on Friday/ }).first().waitFor();
    await page.context().close();
  });

  it('shows what came, with its stages', async () => {
    const page = await admin.open('/mail-flow/message-trace/results?Last=2.00:00:00&Subject=Contract', { as: ann });
    await page.getByRole('row', { name: /Contract/ }).click();
    const dialog = page.getByRole('dialog', { name: /Contract/ });
    await dialog.getByText('It is in your mailbox, in the folder Inbox.').waitFor();
    expect(await dialog.locator('[data-stage]').evaluateAll((steps) => steps.map((step) => step.getAttribute('data-state')))).toEqual(['Done', 'Done', 'Done']);
    await accessible(page);
    await picture(page, 'own-mail-detail');
    for (const tab of ['Whole message', 'Events']) {
      await dialog.getByRole('tab', { name: tab }).click();
      await settled(page);
      await accessible(page);
    }
    expect(await dialog.getByRole('tab').count()).toBe(3);
    await page.context().close();
  });

  it('shows what she sent, to a group by numbers, on a narrow screen too', async () => {
    const page = await admin.open('/mail-flow/message-trace/results?Last=2.00:00:00&Subject=Lunch&SenderAddress=ann%40contoso.example', { as: ann, width: 390 });
    await page.getByRole('row', { name: /team@/ }).click();
    const dialog = page.getByRole('dialog', { name: 'Lunch on Friday' });
    await dialog.getByText(/Expanded: .*delivered/).first().waitFor();
    await fits(page);
    await accessible(page);
    await page.context().close();
  });

  it('says that it waits, and when it failed why', async () => {
    const path = '/mail-flow/message-trace/results?Last=2.00:00:00&Subject=Offer';
    const page = await admin.open(path, { as: ann });
    await page.getByRole('row', { name: /partner@/ }).click();
    const dialog = page.getByRole('dialog', { name: 'Offer' });
    await dialog.getByText(/It is on its way to partner@fabrikam.example/).waitFor();
    expect(await dialog.locator('[data-stage=Delivered]').getAttribute('data-state')).toBe('Open');
    const waiting = await waitFor(async () => (await admin.postroom.run('Get-Message', { Filter: "Subject -eq 'Offer'" })).value[0], 20_000, 'the message in its queue');
    await admin.postroom.run('Remove-Message', { Identity: waiting.Identity, WithNDR: true, Confirm: false });
    await dialog.getByText('We found an issue').waitFor();
    await dialog.getByText('Why', { exact: true }).waitFor();
    await expect.poll(() => dialog.locator('[data-stage=Delivered]').getAttribute('data-state')).toBe('Failed');
    await accessible(page);
    await page.context().close();
  });

  it('finds a person\'s mail, sent and received', async () => {
    const page = await admin.open('/mail-flow/message-trace', { as: ann });
    await page.getByRole('search').getByRole('textbox').fill('bob@contoso.example');
    await page.getByRole('search').getByRole('textbox').press('Enter');
    await page.getByRole('row', { name: /Re: Lunch/ }).waitFor();
    await page.context().close();
  });
});
