// Limits at four scopes, and the one that stops a message: in the dry check, and when it is really sent.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { accessible, Console, picture } from './harness/console';
import { contoso, PASSWORD } from './harness/organization';
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

describe('limits', () => {
  it('are changed at each scope', async () => {
    const { postroom } = console_;
    const page = await console_.open('/mail-flow/limits');
    await page.getByRole('region', { name: 'Organization' }).getByText('10 MB').first().waitFor();
    await accessible(page);
    await page.getByRole('button', { name: 'Edit: Organization' }).click();
    const organization = page.getByRole('dialog', { name: 'Organization' });
    await organization.getByRole('textbox', { name: 'Largest message sent' }).fill('a lot');
    await organization.getByRole('button', { name: 'Save' }).click();
    await organization.getByText('Give a size such as').waitFor();
    await organization.getByRole('textbox', { name: 'Largest message sent' }).fill('99999 TB');
    await organization.getByRole('button', { name: 'Save' }).click();
    await organization.getByText(/is out of bounds/).waitFor();
    // The browser notes the refusal by itself.
    expect(console_.complaints.splice(0)).toEqual([expect.stringContaining('the server responded with a status of 4')]);
    await picture(page, 'limits-edit');
    await accessible(page);
    await organization.getByRole('textbox', { name: 'Largest message sent' }).fill('12 MB');
    await organization.getByRole('button', { name: 'Save' }).click();
    await organization.getByText('Saved.').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Edit: This server' }).click();
    const server = page.getByRole('dialog', { name: 'This server' });
    await server.getByRole('textbox', { name: 'Given up after' }).fill('1.00:00:00');
    await server.getByRole('button', { name: 'Save' }).click();
    await server.getByText('Saved.').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('region', { name: 'Connectors' }).getByRole('button', { name: 'To Fabrikam' }).click();
    const connector = page.getByRole('dialog', { name: 'To Fabrikam' });
    await connector.getByRole('textbox', { name: 'Largest message' }).fill('5 MB');
    await connector.getByRole('button', { name: 'Save' }).click();
    await connector.getByText('Saved.').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Give a mailbox its own limits' }).click();
    await pick(page, page.getByRole('combobox', { name: 'Mailbox' }), 'bob', 'Bob Kelly');
    await page.getByRole('textbox', { name: 'Largest message received' }).fill('1 MB');
    await accessible(page);
    await page.getByRole('button', { name: 'Give them' }).click();
    await page.getByText('Bob Kelly has limits of its own now.').waitFor();
    await page.getByRole('region', { name: 'Mailboxes' }).getByText('In 1 MB').waitFor();
    expect((await postroom.run('Get-TransportConfig')).value[0]?.MaxSendSize).toBe('12 MB (12,582,912 bytes)');
    expect((await postroom.run('Get-TransportService')).value[0]?.MessageExpirationTimeout).toBe('1.00:00:00');
    expect((await postroom.run('Get-SendConnector', { Identity: 'To Fabrikam' })).value[0]?.MaxMessageSize).toBe('5 MB (5,242,880 bytes)');
    await page.context().close();
  });

  it('say which one wins, as it is when the message is sent', async () => {
    const page = await console_.open('/mail-flow/limits');
    await page.getByRole('textbox', { name: 'Sender' }).fill('ann@contoso.example');
    await page.getByRole('textbox', { name: 'Recipients', exact: true }).fill('bob@contoso.example partner@fabrikam.example kim@contoso.example');
    await page.getByRole('textbox', { name: 'Size' }).fill('6 MB');
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    const way = (address: string) => page.locator('[data-routes] > li').filter({ hasText: address });
    await way('bob@contoso.example').getByText("Stopped by the limit of the recipient's mailbox").waitFor();
    await way('partner@fabrikam.example').getByText('Stopped by the limit of the connector').waitFor();
    await way('kim@contoso.example').getByText('Within all limits on this way').waitFor();
    await picture(page, 'limits');
    await page.locator('[data-routes]').evaluate((list) => list.scrollIntoView({ block: 'center' }));
    await picture(page, 'limits-wins');
    await accessible(page);
    await page.getByRole('textbox', { name: 'Size' }).fill('13 MB');
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    await way('kim@contoso.example').getByText('Stopped by the limit of the organization').waitFor();
    // What was said holds: Bob's mailbox refuses a message of two megabytes.
    const text = `${'x'.repeat(70)}\r\n`.repeat(30_000);
    await sendMail(console_.postroom.ports.submission ?? 0, { from: 'ann@contoso.example', to: 'bob@contoso.example', subject: 'Large', text, user: 'ann@contoso.example', password: PASSWORD });
    const failed = await waitFor(async () => (await console_.postroom.run('Get-MessageTrace', { Subject: 'Large' })).value.find((row) => row.Status === 'Failed'), 20_000, 'the message to fail');
    expect(failed.RecipientAddress).toBe('bob@contoso.example');
    await page.context().close();
  });

  it('that were changed and not saved are asked about before Back, Forward and the menu lose them', async () => {
    const page = await console_.open('/mail-flow/limits');
    const question = page.getByRole('alertdialog');
    const answer = (name: string) => question.getByRole('button', { name }).click();
    const step = (by: number) => page.evaluate((steps) => history.go(steps), by);
    await page.getByRole('button', { name: 'Edit: Organization' }).click();
    const organization = page.getByRole('dialog', { name: 'Organization' });
    const size = organization.getByRole('textbox', { name: 'Largest message sent' });
    await size.fill('77 MB');
    await step(-1);
    await answer('Keep editing');
    await question.waitFor({ state: 'hidden' });
    expect([new URL(page.url()).searchParams.get('open'), await size.inputValue()]).toEqual(['organization', '77 MB']);
    // The menu lies below the drawer; a key or a program reaches it.
    const menu = () => page.locator('a[href$="/mail-flow/queues"]').first().evaluate((link: HTMLElement) => link.click());
    await menu();
    await answer('Keep editing');
    expect(new URL(page.url()).pathname).toBe('/admin/mail-flow/limits');
    await step(-1);
    await answer('Discard changes');
    await organization.waitFor({ state: 'hidden' });
    expect(new URL(page.url()).search).toBe('');
    // A drawer that is not in the address.
    await page.goto(`${console_.url}/admin/recipients/mailboxes?search=bob`);
    await page.getByRole('row', { name: /Bob Kelly/ }).click();
    const details = page.getByRole('dialog', { name: 'Bob Kelly' });
    await details.waitFor();
    await step(-1);
    await details.waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Add a mailbox' }).click();
    const adding = page.getByRole('dialog', { name: 'Add a mailbox' });
    await adding.getByRole('radio', { name: /Shared/ }).check();
    await step(1);
    await question.waitFor();
    expect(new URL(page.url()).searchParams.has('open')).toBe(false);
    await answer('Discard changes');
    await adding.waitFor({ state: 'hidden' });
    await details.waitFor();
    // Nothing is unsaved: nothing is asked.
    await step(-1);
    await details.waitFor({ state: 'hidden' });
    await page.goto(`${console_.url}/admin/mail-flow/limits`);
    await page.getByRole('button', { name: 'Edit: Organization' }).click();
    await size.fill('78 MB');
    await menu();
    await answer('Discard changes');
    await page.waitForURL(/mail-flow\/queues/);
    await page.getByRole('heading', { name: 'Queues', level: 1 }).waitFor();
    await page.context().close();
  });
});
