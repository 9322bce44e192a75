// Ways in and out: made, checked, changed; a host that is down, its queue, and mail that leaves when the connector is put right.
import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { accessible, Console, picture } from './harness/console';
import { contoso, PASSWORD } from './harness/organization';
import { waitFor } from './harness/server';
import { sendMail, startSink } from './harness/smtp';

let console_: Console;
beforeAll(async () => {
  console_ = await Console.start();
  await contoso(console_.postroom);
});
afterAll(() => console_?.stop());
afterEach(() => console_.clean());

/** A port at which nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  const port = await new Promise<number>((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)));
  await new Promise((done) => server.close(done));
  return port;
}
const next = (page: Page) => page.getByRole('button', { name: 'Next' }).click();
const mail = (subject: string) => sendMail(console_.postroom.ports.submission ?? 0, { from: 'ann@contoso.example', to: 'pat@tailspin.example', subject, user: 'ann@contoso.example', password: PASSWORD });

describe('Send connectors', () => {
  it('are made step by step, with errors at their fields, and checked without sending', async () => {
    const page = await console_.open('/mail-flow/connectors');
    await page.getByRole('row', { name: /To Fabrikam/ }).waitFor();
    await accessible(page);
    await page.getByRole('button', { name: 'Add a connector' }).click();
    await next(page);
    await page.getByText('Give a name').waitFor();
    await page.getByRole('textbox', { name: 'Name' }).fill('To Tailspin');
    await next(page);
    await page.getByRole('textbox', { name: 'Domains' }).fill('tailspin.example\nnot a/domain');
    await next(page);
    await page.getByText('a/domain is no domain').waitFor();
    await accessible(page);
    await page.getByRole('textbox', { name: 'Domains' }).fill('tailspin.example;5');
    await next(page);
    await page.getByRole('radio', { name: /Through smart hosts/ }).check();
    await page.getByRole('textbox', { name: 'Smart hosts', exact: true }).fill('127.0.0.1');
    await page.getByRole('textbox', { name: 'Port' }).fill(String(await closedPort()));
    await picture(page, 'connector-routing');
    await accessible(page);
    await next(page);
    await page.getByRole('radio', { name: /Always, with a valid certificate for a name/ }).check();
    await next(page);
    await page.getByText('With smart hosts, give the name').waitFor();
    await page.getByRole('radio', { name: /If the next host offers it/ }).check();
    await picture(page, 'connector-security');
    await accessible(page);
    await next(page);
    await page.getByRole('button', { name: 'Show command' }).last().click();
    expect(await page.locator('[data-lines=shell]').innerText()).toMatch(/^New-SendConnector -Name 'To Tailspin' -AddressSpaces 'tailspin\.example;5' -SmartHosts 127\.0\.0\.1 -Port \d+$/);
    await picture(page, 'connector-review');
    await accessible(page);
    await page.getByRole('button', { name: 'Add the connector' }).click();
    // The new connector opens where its way can be checked.
    const drawer = page.getByRole('dialog', { name: 'To Tailspin' });
    await drawer.getByRole('textbox', { name: 'Sender' }).fill('ann@contoso.example');
    expect(await drawer.getByRole('textbox', { name: 'Recipients' }).inputValue()).toBe('postmaster@tailspin.example');
    await drawer.getByRole('button', { name: 'Check', exact: true }).click();
    await drawer.getByText('Would be sent on').waitFor();
    await drawer.getByText('To Tailspin, up to 35 MB').waitFor();
    await drawer.getByText(/nothing was sent/).waitFor();
    await picture(page, 'connector-check');
    await accessible(page);
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'hidden' });
    expect(page.url()).not.toContain('open=');
    await picture(page, 'connectors');
    await page.context().close();
  });

  it('show what waits for a host that is down; mail leaves when the connector is put right', async () => {
    const { postroom } = console_;
    expect(await mail('Offer 17')).toMatch(/^250/);
    await waitFor(async () => (await postroom.run('Get-Queue')).value.find((q) => q.Status === 'Retry'), 30_000, 'the queue to wait');
    const page = await console_.open('/mail-flow/connectors');
    await page.getByRole('row', { name: /To Tailspin/ }).click();
    const drawer = page.getByRole('dialog', { name: 'To Tailspin' });
    await drawer.getByRole('tab', { name: 'What waits' }).click();
    await drawer.getByText('1 message').waitFor();
    await picture(page, 'connector-waiting');
    await accessible(page);
    await drawer.getByRole('link', { name: /Open the queue/ }).click();
    await page.getByRole('dialog').getByText(/of the Send connector To Tailspin does not listen/).first().waitFor();
    await page.goBack();
    const sink = await startSink();
    await page.getByRole('dialog', { name: 'To Tailspin' }).getByRole('button', { name: 'Edit' }).click();
    await next(page);
    await next(page);
    await page.getByRole('textbox', { name: 'Port' }).fill(String(sink.port));
    await next(page);
    await next(page);
    await page.getByRole('button', { name: 'Show command' }).last().click();
    expect(await page.locator('[data-lines=shell]').innerText()).toMatch(/^Set-SendConnector -Identity \S+ -Port \d+$/);
    await page.getByRole('button', { name: 'Save the changes' }).click();
    await page.getByText('Connector To Tailspin was changed').waitFor();
    await page.getByRole('dialog', { name: 'To Tailspin' }).getByRole('button', { name: 'Retry now' }).click();
    await waitFor(() => sink.taken.length > 0, 30_000, 'the mail that waited');
    expect(sink.taken[0]).toContain('Offer 17');
    await sink.close();
    await page.context().close();
  });

  it('say what would happen before they are turned off or removed', async () => {
    const page = await console_.open('/mail-flow/connectors');
    await page.getByRole('row', { name: /To Tailspin/ }).getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Turn off' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Turn off' }).click();
    await page.getByText('The connector is off.').waitFor();
    expect((await console_.postroom.run('Get-SendConnector', { Identity: 'To Tailspin' })).value[0]?.Enabled).toBe(false);
    await page.getByRole('row', { name: /To Tailspin/ }).getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByRole('alertdialog').getByText('It would remove the Send connector "To Tailspin".').waitFor();
    await accessible(page);
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByText('The connector is removed.').waitFor();
    expect((await console_.postroom.run('Get-SendConnector')).count).toBe(1);
    await page.context().close();
  });
});

describe('Receive connectors', () => {
  it('are made, and changed in their tabs', async () => {
    const page = await console_.open('/mail-flow/connectors?kind=receive');
    await page.getByRole('row', { name: /Default Frontend/ }).waitFor();
    await picture(page, 'connectors-receive');
    await accessible(page);
    await page.getByRole('button', { name: 'Add a connector' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Printers');
    await next(page);
    await page.getByRole('textbox', { name: 'Addresses and ports' }).fill('127.0.0.1');
    await page.getByRole('textbox', { name: 'Clients' }).fill('192.0.2.10 192.0.2.11');
    await next(page);
    await page.getByText('127.0.0.1 is no address with a port').waitFor();
    await page.getByRole('textbox', { name: 'Addresses and ports' }).fill('127.0.0.1:0');
    await next(page);
    await page.getByRole('button', { name: 'Add the connector' }).click();
    await page.getByRole('row', { name: /Printers/ }).click();
    const drawer = page.getByRole('dialog', { name: 'Printers' });
    await drawer.getByRole('tab', { name: 'Who may use it' }).click();
    await drawer.getByRole('checkbox', { name: /Anybody, for recipients here/ }).check();
    await picture(page, 'connector-receive-who');
    await accessible(page);
    await drawer.getByRole('button', { name: 'Save' }).click();
    await drawer.getByText('Saved.').waitFor();
    await drawer.getByRole('tab', { name: 'Limits' }).click();
    await drawer.getByRole('textbox', { name: 'Largest message' }).fill('99999 TB');
    await drawer.getByRole('button', { name: 'Save' }).click();
    // What the server says against it stands at the field.
    await drawer.getByText(/out of bounds/).waitFor();
    // The browser notes the refusal by itself.
    expect(console_.complaints.splice(0)).toEqual([expect.stringContaining('the server responded with a status of 4')]);
    await drawer.getByRole('textbox', { name: 'Largest message' }).fill('5 MB');
    await drawer.getByRole('button', { name: 'Save' }).click();
    await drawer.getByText('Saved.').waitFor();
    const printers = (await console_.postroom.run('Get-ReceiveConnector', { Identity: 'Printers' })).value[0];
    expect(printers).toMatchObject({ PermissionGroups: ['AnonymousUsers'], RemoteIPRanges: ['192.0.2.10', '192.0.2.11'], MaxMessageSize: '5 MB (5,242,880 bytes)' });
    await page.context().close();
  });

  it('are readable in the dark', async () => {
    const page = await console_.open('/mail-flow/connectors', { colours: 'dark' });
    await page.getByRole('row', { name: /To Fabrikam/ }).click();
    await page.getByRole('tab', { name: 'Dry check' }).click();
    await accessible(page);
    await page.context().close();
  });
});
