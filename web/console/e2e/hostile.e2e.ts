// What strangers write is shown harmlessly wherever it is shown.
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Console, settled } from './harness/console';
import { harmless, hostile } from './harness/hostile';
import { contoso } from './harness/organization';

let admin: Console;
beforeAll(async () => {
  admin = await Console.start();
  await contoso(admin.postroom);
  await hostile(admin.postroom);
});
afterAll(() => admin?.stop());
afterEach(() => admin.clean());

const EVE = /Eve <|fdp\.exe|eve@/;

/** Each tab of what is open. */
async function tabs(page: Page): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  await settled(page);
  await harmless(page);
  for (const tab of await dialog.getByRole('tab').all()) {
    await tab.click();
    await settled(page);
    await harmless(page);
  }
}

const row = (page: Page) => page.getByRole('row', { name: EVE }).first();
const openRow = async (page: Page) => {
  await row(page).click();
  await tabs(page);
};
const removeRow = async (page: Page) => {
  await row(page).getByRole('checkbox').check();
  await page.getByRole('button', { name: /^Remove/ }).click();
  await page.getByRole('alertdialog').getByText('What would happen').waitFor();
  await page.getByRole('alertdialog').getByRole('listitem').first().waitFor();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Show command' }).click();
  await harmless(page);
};

const places: [path: string, what: string, look: (page: Page) => Promise<void>][] = [
  ['/', 'the figures', async (page) => page.getByRole('figure').first().waitFor()],
  ['/recipients/mailboxes', 'the details', openRow],
  ['/recipients/mailboxes', 'the question before it is removed', removeRow],
  ['/recipients/groups', 'the details and the tree', openRow],
  ['/recipients/contacts', 'the details', openRow],
  ['/mail-flow/queues', 'the messages inside', async (page) => {
    await page.getByRole('row', { name: /127\.0\.0\.1/ }).first().click();
    await tabs(page);
    await page.getByText(EVE).first().waitFor();
  }],
  ['/mail-flow/connectors', 'the details', openRow],
  ['/mail-flow/limits', 'the exceptions', async (page) => page.getByText(EVE).first().waitFor()],
  ['/mail-flow/message-trace?tab=custom', 'saved queries', async (page) => page.getByText(EVE).first().waitFor()],
  ['/mail-flow/message-trace/results?Last=2.00:00:00', 'the details', openRow],
  ['/mail-flow/message-trace/results?Last=2.00:00:00&RecipientAddress=partner%40fabrikam.example', 'the details of what waits', openRow],
  ['/tracking/tracking-log', 'the fields of an event', openRow],
  ['/tracking/gateway-search', 'what is unfolded', async (page) => {
    await row(page).getByRole('button').click();
    await page.getByRole('region', { name: 'Decision' }).waitFor();
  }],
  ['/tracking/alerts', 'the details and the query to choose', async (page) => {
    await openRow(page);
    await page.locator('option', { hasText: EVE }).first().waitFor({ state: 'attached' });
  }],
  ['/roles/role-groups', 'the details', openRow],
  ['/roles/audit-log', 'a change', openRow],
];

describe('what strangers write', () => {
  it.each(places)('%s: %s', async (path, _what, look) => {
    const page = await admin.open(path);
    let asked = 0;
    page.on('dialog', (dialog) => {
      asked += 1;
      void dialog.dismiss();
    });
    await look(page);
    await settled(page);
    await harmless(page);
    expect(asked).toBe(0);
    await page.context().close();
  });

  it('is shown with what it hides', async () => {
    const page = await admin.open('/mail-flow/message-trace/results?Last=2.00:00:00');
    await row(page).waitFor();
    expect(await row(page).innerText()).toContain('<img src=x onerror=alert(1)>');
    await page.context().close();
  });
});
