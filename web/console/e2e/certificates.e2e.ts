// What the server proves its names with: a new certificate, one imported that ends soon, its services, its removal.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { accessible, Console, picture } from './harness/console';

let admin: Console;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'postroom-pem-'));
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '20', '-subj', '/CN=mail.contoso.example', '-addext', 'subjectAltName=DNS:mail.contoso.example', '-keyout', join(folder, 'privkey.pem'), '-out', join(folder, 'fullchain.pem')], { stdio: 'ignore' });
  admin = await Console.start();
});
afterAll(async () => {
  await admin?.stop();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(() => admin.clean());

describe('certificates', () => {
  it('makes one and says which name is none', async () => {
    const page = await admin.open('/server/certificates');
    await page.getByRole('row', { name: /SMTP, IMAP, POP, IIS/ }).waitFor();
    await page.getByRole('button', { name: 'New self-signed' }).click();
    const drawer = page.getByRole('dialog');
    await drawer.getByLabel('For the names').fill('mail.contoso.example not/a/name');
    await drawer.getByRole('button', { name: 'Make it' }).click();
    await drawer.getByText('Not a name of a host: not/a/name').waitFor();
    await drawer.getByLabel('For the names').fill('mail.contoso.example smtp.contoso.example');
    await drawer.getByLabel('A name for people').fill('Mail 2026');
    await picture(page, 'certificate-new');
    await accessible(page);
    await drawer.getByRole('button', { name: 'Make it' }).click();
    await page.getByText('There is a new certificate for mail.contoso.example, smtp.contoso.example.').waitFor();
    await page.getByRole('row', { name: /Mail 2026/ }).waitFor();
    await page.context().close();
  });

  it('imports one from files, warns of its end, and gives it a service', async () => {
    const page = await admin.open('/server/certificates');
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    const drawer = page.getByRole('dialog');
    await drawer.getByRole('button', { name: 'Import it' }).click();
    await drawer.getByText('Choose a file.').waitFor();
    await drawer.getByLabel(/^Certificate/).setInputFiles(join(folder, 'fullchain.pem'));
    await drawer.getByRole('button', { name: 'Import it' }).click();
    await drawer.getByText('It was not imported').waitFor();
    await drawer.getByLabel('Private key').setInputFiles(join(folder, 'privkey.pem'));
    await drawer.getByLabel('A name for people').fill('Ends soon');
    await drawer.getByRole('button', { name: 'Show command' }).click();
    expect(await drawer.locator('[data-lines=curl]').innerText()).toContain('$(base64 -w0 privkey.pem)');
    expect(await drawer.locator('[data-lines=shell]').innerText()).toBe("Import-ExchangeCertificate -FileName fullchain.pem -KeyFileName privkey.pem -FriendlyName 'Ends soon'");
    await accessible(page);
    // The refusal above is an answer of the server, which the browser notes.
    admin.complaints.splice(0);
    await drawer.getByRole('button', { name: 'Import it' }).click();
    await page.getByText('The certificate for mail.contoso.example is here.').waitFor();
    await page.getByText(/expires in \d+ days/).waitFor();
    await page.getByRole('row', { name: /Ends soon.*Expires soon/ }).click();
    await page.getByRole('tab', { name: 'Services' }).click();
    await page.getByRole('dialog').getByRole('checkbox').first().check();
    await picture(page, 'certificate-services');
    await accessible(page);
    await page.getByRole('button', { name: 'Use it for these' }).click();
    await page.getByText('It is used for them now.').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    await page.getByRole('row', { name: /Ends soon.*SMTP/ }).waitFor();
    await picture(page, 'certificates');
    await accessible(page);
    await page.context().close();
  });

  it('removes one after saying what goes', async () => {
    const page = await admin.open('/server/certificates');
    await page.getByRole('row', { name: /Mail 2026/ }).getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Remove' }).click();
    const dialog = page.getByRole('alertdialog');
    await dialog.getByText('What would happen').waitFor();
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('row', { name: /Mail 2026/ }).waitFor({ state: 'detached' });
    await page.context().close();
  });
});
