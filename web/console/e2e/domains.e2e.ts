// Domains of ours and of others: what an unknown recipient is told depends on the type.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { accessible, Console, picture } from './harness/console';
import { sendMail } from './harness/smtp';

let console_: Console;
beforeAll(async () => {
  console_ = await Console.start();
});
afterAll(() => console_?.stop());
afterEach(() => console_.clean());

const next = (page: Page) => page.getByRole('button', { name: 'Next' }).click();
const toUnknown = (domain: string) => sendMail(console_.postroom.ports.smtp ?? 0, { from: 'miriam@tailspin.example', to: `nobody@${domain}`, subject: 'Is anybody there' });

describe('accepted domains', () => {
  it('are added by type, and mail is taken accordingly', async () => {
    const page = await console_.open('/mail-flow/accepted-domains');
    await page.getByRole('row', { name: /contoso\.example/ }).waitFor();
    expect(await toUnknown('fabrikam.example')).toMatch(/^550 5\.7/);
    await page.getByRole('button', { name: 'Add an accepted domain' }).click();
    await page.getByRole('textbox', { name: 'Domain', exact: true }).fill('no domain');
    await next(page);
    await page.getByText('Write a domain such as').waitFor();
    await page.getByRole('textbox', { name: 'Domain', exact: true }).fill('fabrikam.example');
    await next(page);
    await page.getByRole('radio', { name: /Internal relay/ }).check();
    await page.getByText('A relay domain needs a Send connector').waitFor();
    await picture(page, 'accepted-domain-add');
    await accessible(page);
    await next(page);
    await page.getByRole('button', { name: 'Show command' }).last().click();
    expect(await page.locator('[data-lines=shell]').innerText()).toBe('New-AcceptedDomain -DomainName fabrikam.example -DomainType InternalRelay');
    await page.getByRole('button', { name: 'Add the domain' }).click();
    await page.getByText('Mail for fabrikam.example is accepted now.').waitFor();
    expect(await toUnknown('fabrikam.example')).toMatch(/^250/);
    // Authoritative: the same recipient is refused.
    await page.getByRole('row', { name: /fabrikam\.example/ }).click();
    const drawer = page.getByRole('dialog', { name: 'fabrikam.example' });
    await drawer.getByRole('radio', { name: /Authoritative/ }).check();
    await drawer.getByRole('switch', { name: 'Refuse unknown recipients at once' }).check();
    await picture(page, 'accepted-domain-details');
    await accessible(page);
    await drawer.getByRole('button', { name: 'Save' }).click();
    await drawer.getByText('Saved.').waitFor();
    expect(await toUnknown('fabrikam.example')).toMatch(/^550 5\.1\.1/);
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'hidden' });
    await picture(page, 'accepted-domains');
    await accessible(page);
    await page.context().close();
  });

  it('have one default, which cannot be removed', async () => {
    const page = await console_.open('/mail-flow/accepted-domains');
    await page.getByRole('row', { name: /contoso\.example/ }).getByRole('checkbox').check();
    expect(await page.getByRole('button', { name: 'Remove' }).isDisabled()).toBe(true);
    await page.getByRole('row', { name: /contoso\.example/ }).getByRole('checkbox').uncheck();
    await page.getByRole('row', { name: /fabrikam\.example/ }).getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('alertdialog').getByText('It would remove the accepted domain "fabrikam.example".').waitFor();
    await accessible(page);
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByText('The domain is removed.').waitFor();
    expect((await console_.postroom.run('Get-AcceptedDomain')).count).toBe(1);
    await page.context().close();
  });
});

describe('remote domains', () => {
  it('say what may go to others', async () => {
    const page = await console_.open('/mail-flow/accepted-domains?kind=remote');
    await page.getByRole('row', { name: /All other domains/ }).waitFor();
    await page.getByRole('button', { name: 'Add a remote domain' }).click();
    await page.getByRole('textbox', { name: 'Domain', exact: true }).fill('*.tailspin.example');
    await page.getByRole('textbox', { name: 'Name' }).fill('Tailspin');
    await next(page);
    await page.getByRole('switch', { name: 'Automatic forwards' }).uncheck();
    await picture(page, 'remote-domain-add');
    await accessible(page);
    await next(page);
    await page.getByRole('button', { name: 'Show command' }).last().click();
    expect((await page.locator('[data-lines=shell]').innerText()).split('\n')).toEqual(["New-RemoteDomain -Name Tailspin -DomainName '*.tailspin.example'", 'Set-RemoteDomain -Identity Tailspin -AutoForwardEnabled:false']);
    await page.getByRole('button', { name: 'Add the domain' }).click();
    await page.getByText('There are settings for *.tailspin.example now.').waitFor();
    expect((await console_.postroom.run('Get-RemoteDomain', { Identity: 'Tailspin' })).value[0]).toMatchObject({ AutoForwardEnabled: false, AutoReplyEnabled: true });
    // The page is there for a screen reader again when the wizard has gone.
    await page.getByRole('button', { name: 'Refresh' }).waitFor();
    await picture(page, 'remote-domains');
    await accessible(page);
    await page.getByRole('row', { name: /All other domains/ }).click();
    const drawer = page.getByRole('dialog', { name: 'All other domains' });
    await drawer.getByRole('switch', { name: 'Automatic replies' }).check();
    await drawer.getByRole('button', { name: 'Save' }).click();
    await drawer.getByText('Saved.').waitFor();
    await accessible(page);
    expect((await console_.postroom.run('Get-RemoteDomain', { Identity: 'Default' })).value[0]?.AutoReplyEnabled).toBe(true);
    await page.context().close();
  });
});
