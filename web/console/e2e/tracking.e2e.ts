// The views of other systems' administrators: the tracking log of Exchange, and a gateway's Smart Search.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { accessible, Console, picture } from './harness/console';
import { gateway } from './harness/gateway';
import { contoso, traffic } from './harness/organization';

let admin: Console;
beforeAll(async () => {
  admin = await Console.start();
  await contoso(admin.postroom);
  await traffic(admin.postroom);
  await gateway(admin.postroom);
});
afterAll(() => admin?.stop());
afterEach(() => admin.clean());

describe('tracking log', () => {
  it('shows the events of a recipient, every field of one, and leads to the trace', async () => {
    const page = await admin.open('/tracking/tracking-log');
    await page.getByRole('row', { name: /DELIVER/ }).first().waitFor();
    await picture(page, 'tracking-log');
    await accessible(page);
    await page.getByLabel('Recipients', { exact: true }).fill('bob@contoso.example');
    await page.getByLabel('Recipients', { exact: true }).press('Enter');
    await page.waitForURL(/Recipients=bob/);
    await page.getByRole('row', { name: /invoice/ }).first().waitFor({ state: 'detached' });
    await page.getByRole('row', { name: /DELIVER.*Lunch on Friday/ }).first().click();
    const drawer = page.getByRole('dialog');
    await drawer.getByText('STOREDRIVER').waitFor();
    await drawer.getByText('Folder').first().waitFor();
    await picture(page, 'tracking-log-event');
    await accessible(page);
    await drawer.getByRole('button', { name: 'Only events of this message' }).click();
    await page.waitForURL(/NetworkMessageId=/);
    await page.getByRole('row', { name: /EXPAND/ }).first().click();
    await page.getByRole('dialog').getByRole('button', { name: 'Message trace' }).click();
    await page.waitForURL(/message-trace\/results\?MessageTraceId=/);
    await page.getByRole('grid', { name: 'Search results' }).getByRole('row', { name: /Lunch on Friday/ }).first().waitFor();
    await page.context().close();
  });

  it('takes a search from the address, names it as a command, and says what is wrong with a form', async () => {
    const page = await admin.open('/tracking/tracking-log?EventId=FAIL&EventId=DEFER&Source=SMTP');
    await page.getByLabel('Source', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Show command' }).click();
    expect(await page.locator('[data-line=shell]').innerText()).toBe('Get-MessageTrackingLog -EventId FAIL,DEFER -Source SMTP');
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByLabel('Internal message ID').fill('seven');
    await page.getByLabel('Internal message ID').press('Enter');
    await page.getByText('A whole number.').waitFor();
    await picture(page, 'tracking-log-conditions');
    await accessible(page);
    await page.context().close();
  });
});

describe('gateway search', () => {
  it('unfolds a message in place, found by its queue id', async () => {
    const page = await admin.open('/tracking/gateway-search');
    const row = page.getByRole('row', { name: /Offer of the week/ });
    await row.waitFor();
    expect(await row.innerText()).toMatch(/quarantine/i);
    await page.getByRole('button', { name: 'More conditions' }).click();
    await page.getByLabel('QID').fill('4AM3vVx1001234');
    await page.getByLabel('QID').press('Enter');
    await page.getByText('1 entry').waitFor();
    await page.getByRole('button', { name: 'Fewer conditions' }).click();
    await page.getByRole('grid').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'Decision' }).getByText('definitespam').first().waitFor();
    expect(page.url()).toContain('open=');
    await picture(page, 'gateway-search');
    await accessible(page);
    await page.getByRole('button', { name: 'Message trace' }).click();
    await page.waitForURL(/message-trace\/results/);
    await page.getByRole('grid', { name: 'Search results' }).getByRole('row', { name: /Offer of the week/ }).waitFor();
    await page.context().close();
  });

  it('offers the action a gateway took', async () => {
    const page = await admin.open('/tracking/gateway-search?FinalAction=quarantine');
    await page.getByRole('row', { name: /Offer of the week/ }).waitFor();
    expect(await page.getByRole('row', { name: /Minutes of Monday/ }).count()).toBe(0);
    await page.context().close();
  });
});
