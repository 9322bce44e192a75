// Home, after a morning's mail: the numbers are those of the trace, and what waits needs attention.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { accessible, Console, fits, picture } from './harness/console';
import { contoso, traffic } from './harness/organization';

let admin: Console;
beforeAll(async () => {
  admin = await Console.start();
  await contoso(admin.postroom);
  await traffic(admin.postroom);
});
afterAll(() => admin?.stop());
afterEach(() => admin.clean());

describe('home', () => {
  it('counts what the trace counts, and says what needs attention and what to do', async () => {
    const page = await admin.open('/');
    await expect.poll(() => page.title()).toBe('Home - Postroom admin center');
    const delivered = page.getByRole('link', { name: /^Delivered/ });
    await delivered.waitFor();
    const { count } = await admin.postroom.run('Get-MessageTrace', { Last: '0.01:00:00', Status: ['Delivered'] });
    expect(await delivered.innerText()).toContain(String(count));
    await page.getByText(/waits for \[127\.0\.0\.1\]/).waitFor();
    await page.getByText(/^Queue: .*waits for/).waitFor();
    await page.getByRole('heading', { name: /Half of the mail/ }).waitFor();
    expect(await page.getByText('Mail of imported places counts here too').count()).toBe(3);
    await accessible(page);
    await fits(page);
    await picture(page, 'home');
    await page.getByRole('button', { name: 'View as table' }).first().click();
    await page.getByRole('table').first().waitFor();
    await accessible(page);
    await page.getByRole('link', { name: 'Look' }).click();
    await page.getByRole('dialog').getByText(/of the Send connector .* does not listen/).first().waitFor();
    await page.context().close();
  });
});
