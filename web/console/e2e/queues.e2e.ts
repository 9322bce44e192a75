// A downstream server that is down: its queue, its cause, its retry after it is up.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { accessible, Console, picture } from './harness/console';
import { contoso, PASSWORD, traffic } from './harness/organization';
import { waitFor } from './harness/server';
import { sendMail, startSink } from './harness/smtp';

let console_: Console;
let port: number;
beforeAll(async () => {
  console_ = await Console.start();
  // A port nobody listens at, until the partner does.
  const sink = await startSink();
  port = sink.port;
  await sink.close();
  await contoso(console_.postroom, port);
  await traffic(console_.postroom);
});
afterAll(() => console_?.stop());
afterEach(() => console_.clean());

describe('queues', () => {
  it('shows what waits and why', async () => {
    const page = await console_.open('/mail-flow/queues');
    await expect.poll(() => page.title()).toBe('Queues - Postroom admin center');
    const row = page.getByRole('row', { name: /127\.0\.0\.1/ }).filter({ hasText: 'Retry' }).filter({ hasText: 'To Fabrikam' });
    await row.waitFor();
    await picture(page, 'queues');
    await accessible(page);
    await row.click();
    await page.getByRole('dialog').getByText(/To Fabrikam/).first().waitFor();
    await page.getByRole('dialog').getByText(/Who can act/).waitFor();
    expect(page.url()).toContain('open=');
    await page.getByRole('tab', { name: 'Messages inside' }).click();
    await page.getByRole('dialog').getByText('Lunch on Friday').waitFor();
    await picture(page, 'queue-messages');
    await accessible(page);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('grid');
    await page.context().close();
  });

  it('acts on several messages of a queue at once', async () => {
    const submission = console_.postroom.ports.submission ?? 0;
    for (const subject of ['Bulk one', 'Bulk two']) await sendMail(submission, { from: 'bob@contoso.example', to: 'partner@fabrikam.example', subject, user: 'bob@contoso.example', password: PASSWORD });
    await waitFor(async () => (await console_.postroom.run('Get-Message')).count === 3, 20_000, 'three messages to wait');
    const page = await console_.open('/mail-flow/queues');
    await page.getByRole('row', { name: /127\.0\.0\.1/ }).click();
    await page.getByRole('tab', { name: 'Messages inside' }).click();
    const dialog = page.getByRole('dialog');
    const inside = dialog.getByRole('grid', { name: 'Messages inside' });
    await inside.getByRole('row', { name: /Bulk two/ }).waitFor();
    await dialog.getByRole('searchbox', { name: /Filter by sender/ }).fill('bob bulk');
    await inside.getByRole('row', { name: /Lunch/ }).waitFor({ state: 'detached' });
    await inside.getByRole('checkbox', { name: 'Select all rows' }).check();
    await dialog.getByRole('button', { name: 'Suspend', exact: true }).click();
    await expect.poll(() => inside.getByRole('row', { name: /Bulk.*Suspended/ }).count()).toBe(2);
    await inside.getByRole('button', { name: 'Subject' }).click();
    await inside.getByRole('row', { name: /Bulk one/ }).click();
    await inside.getByRole('link', { name: 'Message trace' }).waitFor();
    await accessible(page);
    await picture(page, 'queue-messages-bulk');
    await dialog.getByRole('button', { name: /^Remove/ }).click();
    const confirm = page.getByRole('alertdialog');
    await confirm.getByText('Remove 2 messages?').waitFor();
    await confirm.getByRole('button', { name: 'Remove', exact: true }).click();
    await dialog.getByText('No message in this queue has these words.').waitFor();
    expect((await console_.postroom.run('Get-Message')).count).toBe(1);
    await page.context().close();
  });

  it('offers to remove without NDR first and says what would go', async () => {
    const page = await console_.open('/mail-flow/queues');
    await page.getByRole('row', { name: /127\.0\.0\.1/ }).getByRole('checkbox').check();
    await page.getByRole('button', { name: /^Remove mail/ }).click();
    const dialog = page.getByRole('alertdialog');
    await dialog.getByText('What would happen').waitFor();
    expect(await dialog.getByRole('radio').first().getAttribute('value')).toBe('without');
    await dialog.getByRole('list').getByText(/Lunch|message|Remove/i).first().waitFor();
    await picture(page, 'queue-remove');
    await accessible(page);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    expect((await console_.postroom.run('Get-Message')).count).toBe(1);
    await page.context().close();
  });

  it('says why the server refuses an action, with the line that was refused', async () => {
    const page = await console_.open('/mail-flow/queues');
    await page.route('**/api/v1/cmdlets/Retry-Queue', (route) => route.fulfill({ status: 409, json: { error: { code: 'Conflict', message: 'the queue is suspended' } } }));
    await page.getByRole('row', { name: /127\.0\.0\.1/ }).getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Retry', exact: true }).click();
    const bar = page.locator('main .fui-MessageBar').filter({ hasText: 'the queue is suspended' });
    await bar.getByRole('button', { name: 'Show command' }).click();
    expect(await bar.locator('[data-lines=shell]').innerText()).toMatch(/^Retry-Queue /);
    await accessible(page);
    console_.complaints.splice(0, console_.complaints.length, ...console_.complaints.filter((text) => !text.includes('status of 409')));
    await page.context().close();
  });

  it('gives the command', async () => {
    const page = await console_.open('/mail-flow/queues');
    await page.getByRole('button', { name: 'Show command' }).click();
    expect(await page.locator('[data-line=shell]').innerText()).toBe('Get-Queue');
    await picture(page, 'show-command');
    await accessible(page);
    await page.context().close();
  });

  it('retries when the next host is up, and the trace says it is delivered', async () => {
    const page = await console_.open('/mail-flow/queues');
    const row = page.getByRole('row', { name: /127\.0\.0\.1/ });
    await row.getByRole('checkbox').check();
    const sink = await startSink(port);
    await page.getByRole('button', { name: 'Retry', exact: true }).click();
    await page.getByText('The queue is tried now.').waitFor();
    await page.getByRole('button', { name: 'Show command' }).first().waitFor();
    await waitFor(() => sink.taken.length > 0, 20_000, 'the partner to get its mail');
    expect(sink.taken[0]).toContain('Lunch on Friday');
    await page.getByRole('row', { name: /127\.0\.0\.1.*Ready/ }).or(page.getByText('No queues.')).first().waitFor();
    await waitFor(async () => (await console_.postroom.run('Get-MessageTrace', { RecipientAddress: ['partner@fabrikam.example'] })).value.find((r) => r.Status === 'Delivered'), 20_000, 'the trace to know');
    await accessible(page);
    await page.context().close();
    await sink.close();
  });

  it('has its menu behind a button in a narrow window', async () => {
    const page = await console_.open('/mail-flow/queues', { width: 390 });
    await page.getByRole('button', { name: 'Menu' }).click();
    await page.getByRole('link', { name: 'Queues' }).waitFor();
    await accessible(page);
    await picture(page, 'menu-narrow');
    await page.context().close();
  });

  it('runs from right to left', async () => {
    const page = await console_.open('/mail-flow/queues', { locale: 'ar-XB' });
    expect(await page.locator('html').getAttribute('dir')).toBe('rtl');
    await page.getByRole('navigation').getByRole('link').first().waitFor();
    const bare = await page.getByRole('navigation').getByRole('link').allInnerTexts();
    expect(bare.filter((text) => !text.startsWith('⟦'))).toEqual([]);
    await accessible(page);
    await picture(page, 'queues-right-to-left');
    await page.context().close();
  });
});
