// Other systems the trace reads: following them, importing a log, sending a file; and alerts on what is found.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { accessible, Console, fits, picture } from './harness/console';
import { gateway, podLine } from './harness/gateway';
import { contoso, PASSWORD, traced, traffic } from './harness/organization';
import { waitFor } from './harness/server';

let admin: Console;
let folder: string;
const ALERT_MS = 90_000;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'postroom-logs-'));
  admin = await Console.start();
  await contoso(admin.postroom);
  await traffic(admin.postroom);
  await gateway(admin.postroom);
});
afterAll(async () => {
  await admin?.stop();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(() => admin.clean());

describe('sources', () => {
  it('adds a folder that is followed, field by field', async () => {
    writeFileSync(join(folder, 'pod.json'), podLine('Followed in a folder', '4AM3vVx1002222', 5, { disposition: 'continue' }) + '\n');
    const page = await admin.open('/tracking/sources');
    await page.getByRole('row', { name: /gateway/ }).waitFor();
    await page.getByRole('button', { name: 'Add a source' }).click();
    const wizard = page.getByRole('dialog');
    await wizard.getByRole('button', { name: 'Next' }).click();
    await wizard.getByText('This is needed.').waitFor();
    await wizard.getByLabel('Name').fill('edge');
    await picture(page, 'source-new');
    await accessible(page);
    await wizard.getByRole('button', { name: 'Next' }).click();
    await wizard.getByLabel('Path on the server').fill('logs');
    await wizard.getByRole('button', { name: 'Next' }).click();
    await wizard.getByText('The whole path, beginning with /.').waitFor();
    await wizard.getByLabel('Path on the server').fill(folder);
    await wizard.getByRole('button', { name: 'Next' }).click();
    await wizard.getByRole('button', { name: 'Next' }).click();
    await wizard.getByRole('button', { name: 'Add the source' }).click();
    await page.getByText('edge is a source now.').waitFor();
    await page.getByRole('row', { name: /edge.*Reading/ }).waitFor({ timeout: 30_000 });
    await traced(admin.postroom, 'Followed in a folder', 1);
    await picture(page, 'sources');
    await accessible(page);
    await page.context().close();
  });

  it('says what a source could not understand, and takes a file', async () => {
    const page = await admin.open('/tracking/sources');
    await page.getByRole('row', { name: /gateway/ }).click();
    const drawer = page.getByRole('dialog');
    await drawer.getByText('/api/v1/sources/gateway/records').waitFor();
    await drawer.getByRole('tab', { name: 'Send a file' }).click();
    await drawer.getByRole('button', { name: 'Send', exact: true }).click();
    await drawer.getByText('Choose a file first.').waitFor();
    const sent = `${podLine('Sent as a file', '4AM3vVx1003333', 4, { disposition: 'continue' })}\n{"guid":"half`;
    await drawer.getByLabel('File').setInputFiles({ name: 'pod.json', mimeType: 'application/json', buffer: Buffer.from(sent) });
    await drawer.getByRole('button', { name: 'Send', exact: true }).click();
    await drawer.getByText(/new events? (is|are) in the trace/).waitFor();
    await drawer.getByRole('region', { name: 'Lines that were not understood' }).waitFor();
    await picture(page, 'source-send');
    await accessible(page);
    await traced(admin.postroom, 'Sent as a file', 1);
    await page.context().close();
  });

  it('changes a source and shows the line that does it', async () => {
    const page = await admin.open('/tracking/sources?open=gateway&tab=settings');
    const drawer = page.getByRole('dialog');
    await drawer.getByLabel('Place').fill('Edge gateway');
    await drawer.getByRole('button', { name: 'Save' }).click();
    await drawer.getByText('Up to 64 letters, digits, dots, dashes and underscores.').waitFor();
    await drawer.getByLabel('Place').fill('edge-gateway');
    await drawer.getByRole('button', { name: 'Show command' }).click();
    expect(await drawer.locator('[data-lines=shell]').innerText()).toBe('Set-TraceSource -Identity gateway -Place edge-gateway');
    await drawer.getByRole('button', { name: 'Save' }).click();
    await drawer.getByText('Saved.').waitFor();
    expect((await admin.postroom.run('Get-TraceSource', { Identity: 'gateway' })).value[0]?.Place).toBe('edge-gateway');
    await accessible(page);
    await page.context().close();
  });

  it('imports a log, and ties what is wrong to its field', async () => {
    const log = join(folder, 'once.json');
    writeFileSync(log, podLine('Imported once', '4AM3vVx1004444', 3, { disposition: 'continue' }) + '\n');
    const page = await admin.open('/tracking/sources?new=import');
    const drawer = page.getByRole('dialog');
    await drawer.getByLabel('Path on the server').fill('/nowhere/mail.log');
    await drawer.getByLabel('Place').fill('archive');
    await drawer.getByRole('button', { name: 'Import', exact: true }).click();
    await drawer.getByText(/nowhere/).waitFor();
    await drawer.getByLabel('Path on the server').fill(log);
    await drawer.getByRole('button', { name: 'Import', exact: true }).click();
    await drawer.getByText(/new events? (is|are) in the trace/).waitFor();
    await picture(page, 'source-import');
    await accessible(page);
    await traced(admin.postroom, 'Imported once', 1);
    await page.context().close();
  });

  it('stops an import that is cancelled', async () => {
    const log = join(folder, 'long.json');
    const lines = Array.from({ length: 300_000 }, (_, i) => podLine(`Long ${i}`, `q${i}`, 30, { disposition: 'continue' }));
    writeFileSync(log, lines.join('\n'));
    const page = await admin.open('/tracking/sources?new=import');
    const drawer = page.getByRole('dialog');
    await drawer.getByLabel('Path on the server').fill(log);
    await drawer.getByLabel('Place').fill('long');
    await drawer.getByRole('button', { name: 'Import', exact: true }).click();
    await drawer.getByRole('progressbar').waitFor();
    await drawer.getByText(/long\.json: .*events/).waitFor();
    await picture(page, 'source-import-progress');
    await drawer.getByRole('button', { name: 'Cancel' }).click();
    await drawer.getByText(/^Cancelled/).waitFor();
    await accessible(page);
    await page.context().close();
  });

  it('stops a file of the person at the browser, says what was taken in, and loses nothing', async () => {
    const log = join(folder, 'sent-long.json');
    const count = 200_000;
    writeFileSync(log, Array.from({ length: count }, (_, i) => podLine(`Half way ${i}`, `h${i}`, 30, { disposition: 'continue' })).join('\n'));
    const before = (await admin.postroom.run('Get-MessageTrace', { ResultSize: 1, Subject: 'Minutes of Monday' })).count;
    const page = await admin.open('/tracking/sources?new=import');
    const drawer = page.getByRole('dialog');
    await drawer.getByLabel('On this computer').check();
    await drawer.getByLabel(/^File/).setInputFiles(log);
    await drawer.getByLabel('Place').fill('half');
    await drawer.getByRole('button', { name: 'Import', exact: true }).click();
    await drawer.getByText(/sent-long\.json: .* [\d,]+ events/).waitFor({ timeout: 60_000 });
    await drawer.getByRole('button', { name: 'Cancel' }).click();
    await drawer.getByText(/stopped in .*sent-long\.json after \d+ lines; \d+ events were written/).waitFor({ timeout: 60_000 });
    await accessible(page);
    // The stop is a refusal to the browser.
    admin.complaints.splice(0);
    const taken = (await admin.postroom.run('Get-MessageTrace', { ResultSize: 1, Subject: 'Half way' })).count ?? 0;
    expect(taken).toBeLessThan(count);
    expect((await admin.postroom.run('Get-MessageTrace', { ResultSize: 1, Subject: 'Minutes of Monday' })).count).toBe(before);
    await page.context().close();
  });

  it('takes a place out again that was imported under a wrong name, and imports the log under the right one', async () => {
    const id = '4C1F2A0001';
    const said = (second: number, what: string) => `${new Date(Date.now() - 600_000 + second * 1000).toISOString()} relay postfix/${what}`;
    // Not where the source of another test reads.
    const log = join(mkdtempSync(join(tmpdir(), 'postroom-relay-')), 'relay.log');
    writeFileSync(log, [
      said(0, `smtpd[12]: ${id}: client=mail.fabrikam.example[192.0.2.1]`), said(0, `cleanup[14]: ${id}: message-id=<relayed@fabrikam.example>`), said(1, `qmgr[13]: ${id}: from=<zoe@fabrikam.example>, size=2048, nrcpt=1 (queue active)`),
      said(2, `smtp[15]: ${id}: to=<far@northwind.example>, relay=mx.northwind.example[198.51.100.9]:25, delay=2, delays=0/0/1/1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 9B7)`), said(2, `qmgr[13]: ${id}: removed`), said(3, 'something[1]: that nobody understands'),
    ].join('\n') + '\n');
    const found = async () => (await admin.postroom.run('Get-MessageTrace', { RecipientAddress: ['far@northwind.example'] })).value.map((row) => row.Place);
    const page = await admin.open('/tracking/sources?kind=imports');
    const bring = async (place: string) => {
      await page.getByRole('button', { name: 'Import a log file' }).click();
      const drawer = page.getByRole('dialog');
      await drawer.getByLabel('On this computer').check();
      await drawer.getByLabel(/^File/).setInputFiles(log);
      await drawer.getByLabel('Place').fill(place);
      await drawer.getByRole('button', { name: 'Import', exact: true }).click();
      await drawer.getByText(/new events? (is|are) in the trace/).waitFor();
      await drawer.getByRole('button', { name: 'Close' }).last().click();
      await page.getByRole('row', { name: new RegExp(`${place}.*Completed.*relay\\.log`) }).waitFor();
    };
    await bring('raley');
    await expect.poll(found).toEqual(['raley']);
    await picture(page, 'imports');
    await accessible(page);
    await page.getByRole('gridcell', { name: 'raley', exact: true }).click();
    const drawer = page.getByRole('dialog');
    await drawer.getByRole('region', { name: 'Names of files' }).getByText('relay.log').waitFor();
    await picture(page, 'import');
    await accessible(page);
    await drawer.getByRole('button', { name: 'Take the place out of the trace' }).click();
    const dialog = page.getByRole('alertdialog');
    await dialog.getByText(/of the place "raley" out of 1 message/).waitFor();
    await dialog.getByRole('button', { name: 'Show command' }).click();
    expect(await dialog.locator('[data-lines=shell]').innerText()).toBe('Remove-MessageTraceImport -Place raley');
    await picture(page, 'import-take-out');
    await accessible(page);
    await dialog.getByRole('button', { name: 'Take it out' }).click();
    await page.getByText('raley is not in the trace any more.').waitFor();
    await page.getByRole('gridcell', { name: 'raley', exact: true }).waitFor({ state: 'detached' });
    await expect.poll(found).toEqual([]);
    await bring('relay');
    await page.getByRole('gridcell', { name: 'relay', exact: true }).click();
    await drawer.getByRole('button', { name: 'Message trace' }).click();
    await page.getByRole('row', { name: /far@northwind\.example.*Delivered/ }).waitFor();
    await expect.poll(found).toEqual(['relay']);
    await page.context().close();
  });

  it('shows the imports to who may only look, without the ways to change them, and finds room at 390 pixels', async () => {
    await admin.postroom.run('New-User', { Name: 'watcher', Password: PASSWORD });
    await admin.postroom.run('Add-RoleGroupMember', { Identity: 'View-Only Organization Management', Member: 'watcher' });
    const page = await admin.open('/tracking/sources?kind=imports', { as: { name: 'watcher', password: PASSWORD }, width: 390, height: 844 });
    await page.getByRole('gridcell', { name: 'relay', exact: true }).click();
    const drawer = page.getByRole('dialog');
    await drawer.getByText('relay.log').waitFor();
    expect(await page.getByRole('button', { name: /Take the place out|Import a log file/ }).count()).toBe(0);
    await fits(page);
    await accessible(page);
    await page.context().close();
  });

  it('removes a source after saying what goes', async () => {
    await admin.postroom.run('New-TraceSource', { Name: 'old', Type: 'Syslog', Bind: '127.0.0.1:0', RequireTls: false });
    const page = await admin.open('/tracking/sources');
    const old = page.getByRole('row', { name: 'Select old' });
    await old.getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Remove' }).click();
    const dialog = page.getByRole('alertdialog');
    await dialog.getByText('What would happen').waitFor();
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await old.waitFor({ state: 'detached' });
    await page.context().close();
  });
});

describe('alerts', () => {
  it('watches a saved search, is raised, and tells by mail', async () => {
    const page = await admin.open('/tracking/alerts');
    await page.getByRole('button', { name: 'Add an alert' }).click();
    const wizard = page.getByRole('dialog');
    await wizard.getByRole('button', { name: 'Next' }).click();
    await wizard.getByText('This is needed.').waitFor();
    await wizard.getByLabel('Saved search').selectOption('Pending now');
    await wizard.getByLabel('Threshold').fill('1');
    await wizard.getByRole('button', { name: 'Next' }).click();
    await wizard.getByRole('button', { name: 'Next' }).click();
    await wizard.getByText('Give an address or a webhook: somebody must be told.').waitFor();
    await accessible(page);
    await wizard.getByRole('combobox', { name: 'Mail to' }).fill('ann@contoso.example');
    await page.keyboard.press('Enter');
    await wizard.getByLabel('Name').fill('Mail waits');
    await picture(page, 'alert-new');
    await wizard.getByRole('button', { name: 'Next' }).click();
    await wizard.getByRole('button', { name: 'Add the alert' }).click();
    await page.getByText('Mail waits is watched now.').waitFor();
    await waitFor(async () => (await admin.postroom.run('Get-MessageTraceAlert')).value[0]?.IsRaised, ALERT_MS, 'the alert to be raised');
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByRole('row', { name: /Mail waits.*Raised/ }).waitFor();
    await picture(page, 'alerts');
    await accessible(page);
    await page.getByRole('row', { name: /Mail waits/ }).click();
    await page.getByRole('dialog').getByText('It finds as many rows as the threshold').waitFor();
    await picture(page, 'alert');
    await accessible(page);
    await page.context().close();
  }, 150_000);
});
