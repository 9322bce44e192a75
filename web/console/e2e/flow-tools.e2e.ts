// What helps whoever runs the mail flow: a test over a connector, what was said on the wire, the map, the records to publish, the queues over time.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { accessible, Console, picture } from './harness/console';
import { podLine } from './harness/gateway';
import { contoso, traced, traffic } from './harness/organization';
import { startSink } from './harness/smtp';

let console_: Console;
beforeAll(async () => {
  console_ = await Console.start();
  await contoso(console_.postroom);
  for (const { Identity } of (await console_.postroom.run('Get-ReceiveConnector')).value) await console_.postroom.run('Set-ReceiveConnector', { Identity, ProtocolLoggingLevel: 'Verbose' });
  await console_.postroom.run('Set-SendConnector', { Identity: 'To Fabrikam', ProtocolLoggingLevel: 'Verbose' });
  await traffic(console_.postroom);
});
afterAll(() => console_?.stop());
afterEach(() => console_.clean());

describe('a test over a Send connector', () => {
  it('shows each step, and why the last one failed', async () => {
    const page = await console_.open('/mail-flow/connectors');
    await page.getByRole('row', { name: /To Fabrikam/ }).click();
    const drawer = page.getByRole('dialog');
    await drawer.getByRole('tab', { name: 'Send a test' }).click();
    await drawer.getByRole('textbox', { name: 'Recipient' }).fill('nobody');
    await drawer.getByRole('button', { name: 'Send a test message' }).click();
    await drawer.getByText('Give an address such as').waitFor();
    await drawer.getByRole('textbox', { name: 'Recipient' }).fill('pat@fabrikam.example');
    await drawer.getByRole('button', { name: 'Send a test message' }).click();
    await drawer.getByText('The message was not taken.').waitFor();
    const steps = drawer.getByRole('list', { name: 'Steps of the test' });
    expect(await steps.getByRole('listitem').count()).toBe(2);
    expect(await steps.innerText()).toMatch(/refused/i);
    await picture(page, 'connector-test-failed');
    await accessible(page);
    await page.context().close();
  });

  it('ends with the reply of the next host, and the message is in the trace', async () => {
    const sink = await startSink();
    await console_.postroom.run('New-SendConnector', { Name: 'To Tailspin', AddressSpaces: ['tailspin.example'], SmartHosts: ['127.0.0.1'], Port: sink.port });
    const page = await console_.open('/mail-flow/connectors');
    await page.getByRole('row', { name: /To Tailspin/ }).click();
    const drawer = page.getByRole('dialog');
    await drawer.getByRole('tab', { name: 'Send a test' }).click();
    expect(await drawer.getByRole('textbox', { name: 'Recipient' }).inputValue()).toBe('postmaster@tailspin.example');
    await drawer.getByRole('button', { name: 'Show command' }).click();
    expect(await drawer.locator('[data-lines=shell]').innerText()).toBe("Test-SendConnector -Identity 'To Tailspin' -To postmaster@tailspin.example");
    await drawer.getByRole('button', { name: 'Show command' }).click();
    await drawer.getByRole('button', { name: 'Send a test message' }).click();
    await drawer.getByText('The next host took over the message.').waitFor();
    expect(sink.taken[0]).toContain('Test of the Send connector To Tailspin');
    await picture(page, 'connector-test');
    await accessible(page);
    await expect.poll(async () => (await traced(console_.postroom, 'Test of the Send connector To Tailspin', 1))[0]).toMatchObject({ Status: 'Delivered', RecipientAddress: 'postmaster@tailspin.example' });
    await page.context().close();
    await sink.close();
  });

  it('tries a connector that is not made yet', async () => {
    const sink = await startSink();
    const page = await console_.open('/mail-flow/connectors');
    await page.getByRole('button', { name: 'Add a connector' }).click();
    const wizard = page.getByRole('dialog');
    const next = () => wizard.getByRole('button', { name: 'Next' }).click();
    await wizard.getByRole('textbox', { name: 'Name' }).fill('To Wingtip');
    await next();
    await wizard.getByRole('textbox', { name: 'Domains' }).fill('wingtip.example');
    await next();
    await wizard.getByRole('radio', { name: /Through smart hosts/ }).check();
    await wizard.getByRole('textbox', { name: 'Smart hosts', exact: true }).fill('127.0.0.1');
    await wizard.getByRole('textbox', { name: 'Port' }).fill(String(sink.port));
    await next();
    await next();
    await wizard.getByRole('button', { name: /^Try it/ }).click();
    await wizard.getByRole('textbox', { name: 'Recipient' }).fill('pat@wingtip.example');
    await wizard.getByRole('button', { name: 'Send a test message' }).click();
    await wizard.getByText('The next host took over the message.').waitFor();
    await picture(page, 'connector-test-new');
    await accessible(page);
    expect((await console_.postroom.run('Get-SendConnector')).value.map((c) => c.Name)).not.toContain('To Wingtip');
    await page.context().close();
    await sink.close();
  });
});

describe('protocol logs', () => {
  it('lead from a line to its whole conversation', async () => {
    const page = await console_.open('/mail-flow/protocol-logs?Text=nobody%40contoso.example');
    const row = page.getByRole('row', { name: /RCPT TO:<nobody@contoso\.example>/ });
    await row.first().waitFor();
    await row.first().click();
    const drawer = page.getByRole('dialog');
    const said = drawer.getByRole('list', { name: 'Conversation' });
    await said.getByText('550 5.1.10', { exact: false }).first().waitFor();
    expect(await said.innerText()).toContain('MAIL FROM:<miriam@tailspin.example>');
    await picture(page, 'protocol-log-session');
    await accessible(page);
    await page.context().close();
  });

  it('are listed, the newest first, and searched', async () => {
    const page = await console_.open('/mail-flow/protocol-logs');
    await page.getByRole('row', { name: /The other end said/ }).first().waitFor();
    await picture(page, 'protocol-logs');
    await accessible(page);
    await page.getByLabel('Direction').selectOption('Send');
    await page.getByRole('button', { name: 'Search', exact: true }).click();
    await page.waitForURL(/Direction=Send/);
    await page.getByRole('button', { name: 'Show command' }).click();
    expect(await page.locator('[data-line=shell]').innerText()).toBe('Get-ProtocolLog -Direction Send');
    const signedIn = (await console_.postroom.run('Get-ProtocolLog', { Text: 'AUTH' })).value.map((line) => String(line.Data)).filter((said) => said.startsWith('AUTH'));
    expect(new Set(signedIn)).toEqual(new Set(['AUTH PLAIN <credentials>']));
    await page.context().close();
  });
});

describe('the map', () => {
  it('draws the ways mail took, and has them as a table', async () => {
    const page = await console_.open('/mail-flow/map');
    await page.getByText('Senders outside').waitFor();
    await page.getByText('To Fabrikam').first().waitFor();
    await picture(page, 'map');
    await accessible(page);
    await page.getByRole('button', { name: 'View as table' }).click();
    await page.getByRole('cell', { name: 'Mailboxes' }).waitFor();
    const ways = (await console_.postroom.run('Get-MailFlowMap')).value;
    expect(await page.getByRole('row').count()).toBe(ways.length + 1);
    await picture(page, 'map-table');
    await accessible(page);
    await page.context().close();
  });
});

describe('DNS records', () => {
  it('say what to publish, and that nobody answered', async () => {
    const page = await console_.open('/mail-flow/dns-records');
    await page.getByRole('row', { name: /MX/ }).first().waitFor();
    await picture(page, 'dns-records');
    await accessible(page);
    await page.getByRole('row', { name: /v=spf1/ }).click();
    const drawer = page.getByRole('dialog');
    await drawer.getByText(/no answer/).waitFor();
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await drawer.getByRole('button', { name: 'Copy as a line of a zone file' }).click();
    await drawer.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^contoso\.example\. 3600 IN TXT "v=spf1 mx a:mx1\.contoso\.example ~all"$/);
    await picture(page, 'dns-record');
    await accessible(page);
    await page.context().close();
  });
});

describe('queues over time', () => {
  it('shows what waited where', async () => {
    const page = await console_.open('/mail-flow/queues');
    await page.getByRole('row', { name: /127\.0\.0\.1/ }).waitFor();
    // All commands find room beside each other.
    expect(await page.getByRole('button', { name: /More commands/ }).count()).toBe(0);
    await page.getByRole('button', { name: 'History' }).click();
    await page.getByRole('figure', { name: 'What waited where' }).waitFor();
    await page.getByRole('img', { name: /127\.0\.0\.1\]?: .*1/ }).waitFor();
    await picture(page, 'queue-heat');
    await accessible(page);
    await page.getByRole('button', { name: 'View as table' }).click();
    await page.getByRole('cell', { name: '[127.0.0.1]' }).waitFor();
    await page.context().close();
  });
});

describe('sessions', () => {
  it('shows who is signed in with a browser, and ends it', async () => {
    const other = await console_.browser.newPage();
    await other.goto(`${console_.postroom.http}/sign-in`);
    await other.getByLabel(/User/).fill('administrator');
    await other.getByLabel('Password').fill(console_.postroom.password);
    await other.getByRole('button', { name: 'Sign in' }).click();
    await other.waitForURL(/\/admin/);
    const page = await console_.open('/roles/sessions');
    // The session of the test itself is the current one.
    await page.getByRole('row', { name: /Chrome, Linux/ }).filter({ hasNotText: 'Yes' }).click();
    const drawer = page.getByRole('dialog');
    await drawer.getByText('Signed in, ').waitFor();
    await picture(page, 'session');
    await accessible(page);
    await drawer.getByRole('button', { name: /^Sign out …/ }).click();
    const asking = page.getByRole('alertdialog');
    await asking.getByText('What would happen').waitFor();
    await asking.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('The session is signed out.').waitFor();
    await page.getByRole('row', { name: /Chrome, Linux/ }).filter({ hasNotText: 'Yes' }).waitFor({ state: 'detached' });
    const answer = await other.request.get(`${console_.postroom.http}/api/v1/session`);
    expect(answer.status()).toBe(401);
    await other.close();
    await page.context().close();
  });
});

describe('a log of this computer', () => {
  it('is sent, read, and in the trace', async () => {
    const page = await console_.open('/tracking/sources?new=import');
    const drawer = page.getByRole('dialog');
    await drawer.getByRole('radio', { name: /On this computer/ }).check();
    await drawer.getByLabel('Place').fill('archive');
    await drawer.getByRole('button', { name: 'Import', exact: true }).click();
    await drawer.getByText('Choose a file first.').waitFor();
    const line = podLine('Sent from this computer', '4AM3vVx1009999', 3, { disposition: 'continue' });
    await drawer.locator('input[type=file]').setInputFiles({ name: 'once.json', mimeType: 'application/json', buffer: Buffer.from(`${line}\n`) });
    await drawer.getByRole('button', { name: 'Import', exact: true }).click();
    await drawer.getByText(/new events? (is|are) in the trace/).waitFor();
    await picture(page, 'source-import-computer');
    await accessible(page);
    await traced(console_.postroom, 'Sent from this computer', 1);
    await page.context().close();
  });
});
