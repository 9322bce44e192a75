// A shared mailbox: made, delegated to two people, written to and from, and both traced.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { accessible, Console, fits, picture } from './harness/console';
import { contoso, PASSWORD, traced, traffic } from './harness/organization';
import { pick } from './harness/people';
import { sendMail } from './harness/smtp';

let console_: Console;
beforeAll(async () => {
  console_ = await Console.start();
  await contoso(console_.postroom);
  await traffic(console_.postroom);
});
afterAll(() => console_?.stop());
afterEach(() => console_.clean());

describe('mailboxes', () => {
  it('are asked for once, as the address says, and their code is on its way before the frame runs', async () => {
    const page = await console_.ready();
    const asked: unknown[] = [];
    page.on('request', (request) => void (request.url().endsWith('/Get-Mailbox') && asked.push(request.postDataJSON())));
    const html = page.waitForResponse((answer) => answer.request().isNavigationRequest());
    await page.goto(`${console_.url}/admin/recipients/mailboxes?kind=user&search=kim`);
    await page.getByRole('row', { name: /Kim Akers/ }).waitFor();
    expect(asked).toEqual([{ Anr: 'kim', RecipientTypeDetails: ['UserMailbox'] }]);
    // What the script before all others names is what the page takes.
    const script = /<script async[^>]* src="([^"]+)"/.exec(await (await html).text())?.[1] ?? '';
    const source = await (await page.request.get(`${console_.url}${script}`)).text();
    const files = JSON.parse(/"recipients\/mailboxes":(\[[^\]]*\])/.exec(source)?.[1] ?? '[]') as string[];
    const taken = await page.evaluate(() => performance.getEntriesByType('resource').map((entry) => entry.name.replace(/.*\//, '')));
    expect(files.length).toBeGreaterThan(1);
    expect(files.filter((file) => !taken.includes(file))).toEqual([]);
    await page.context().close();
  });

  it('sets a password, with which the person signs in', async () => {
    const page = await console_.open('/recipients/mailboxes');
    await page.getByRole('row', { name: /Kim Akers/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: /Set a password/ }).click();
    const asked = page.getByRole('dialog', { name: 'Set a password' });
    await asked.getByLabel('New password').fill('Another-Horse-10');
    await asked.getByLabel('The same once more').fill('Another-Horse-11');
    await asked.getByRole('button', { name: 'Set the password' }).click();
    await asked.getByText('The two are not the same.').waitFor();
    await accessible(page);
    await picture(page, 'mailbox-password');
    await asked.getByLabel('The same once more').fill('Another-Horse-10');
    expect(await asked.innerHTML()).not.toContain('Password Another');
    await asked.getByRole('button', { name: 'Set the password' }).click();
    await asked.getByText('The password is set.').waitFor();
    await asked.getByRole('button', { name: 'Close' }).click();
    const own = await console_.open('/mail-flow/message-trace', { as: { name: 'kim@contoso.example', password: 'Another-Horse-10' } });
    await own.getByText('An address, a subject or a Message-ID').waitFor();
    await own.context().close();
    await page.context().close();
  });

  it('makes a shared mailbox and delegates it to two people', async () => {
    const page = await console_.open('/recipients/mailboxes');
    await page.getByRole('row', { name: /Ann Beebe/ }).waitFor();
    await picture(page, 'mailboxes');
    await accessible(page);
    await page.getByRole('button', { name: 'Add a mailbox' }).click();
    await page.getByRole('radio', { name: /Shared mailbox/ }).check();
    await page.getByRole('button', { name: 'Next' }).click();
    // Nothing given: the errors stand at their fields, and the first has the focus.
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('Give a name').waitFor();
    await accessible(page);
    await page.getByLabel('Display name').fill('Orders');
    await page.getByLabel('Email address: Before the @').fill('orders');
    await page.getByRole('button', { name: 'Next' }).click();
    await pick(page, page.getByRole('combobox', { name: 'Read and manage (Full Access)' }), 'ann', 'Ann Beebe');
    await pick(page, page.getByRole('combobox', { name: 'Read and manage (Full Access)' }), 'bob', 'Bob Kelly');
    await pick(page, page.getByRole('combobox', { name: 'Send as' }), 'ann', 'Ann Beebe');
    await picture(page, 'mailbox-add');
    await accessible(page);
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('button', { name: 'Show command' }).last().click();
    expect(await page.locator('[data-lines=shell]').innerText()).toContain('New-Mailbox -Name Orders -Shared:true -PrimarySmtpAddress orders@contoso.example');
    await picture(page, 'mailbox-add-review');
    await accessible(page);
    await page.getByRole('button', { name: 'Add the mailbox' }).click();
    await page.getByText('Orders has a mailbox now.').waitFor();
    // The second person gets Send as in the drawer.
    await page.getByRole('row', { name: /Orders/ }).click();
    await page.getByRole('tab', { name: 'Delegation' }).click();
    const sendAs = page.getByRole('region', { name: 'Send as' });
    await sendAs.getByText('ann@contoso.example').waitFor();
    await pick(page, sendAs.getByRole('combobox'), 'bob', 'Bob Kelly');
    await sendAs.getByRole('button', { name: 'Add: Send as' }).click();
    await sendAs.getByText('bob@contoso.example').waitFor();
    await picture(page, 'mailbox-delegation');
    await accessible(page);
    const granted = await console_.postroom.run('Get-RecipientPermission', { Identity: 'orders@contoso.example' });
    expect(granted.value.map((g) => g.Trustee).sort()).toEqual(['ann@contoso.example', 'bob@contoso.example']);
    expect((await console_.postroom.run('Get-MailboxPermission', { Identity: 'orders@contoso.example' })).count).toBe(2);
    await page.context().close();
  });

  it('is written to and from by those it is delegated to, and both are in the trace', async () => {
    const { postroom } = console_;
    const smtp = postroom.ports.smtp ?? 0;
    const submission = postroom.ports.submission ?? 0;
    expect(await sendMail(smtp, { from: 'miriam@tailspin.example', to: 'orders@contoso.example', subject: 'Order 4711' })).toMatch(/^250/);
    for (const who of ['ann', 'bob']) {
      expect(await sendMail(submission, { from: 'orders@contoso.example', to: 'kim@contoso.example', subject: `Order 4711 confirmed by ${who}`, user: `${who}@contoso.example`, password: PASSWORD })).toMatch(/^250/);
    }
    // Who was not given the right is refused.
    expect(await sendMail(submission, { from: 'orders@contoso.example', to: 'kim@contoso.example', subject: 'Not mine', user: 'mimi@contoso.example', password: PASSWORD })).toMatch(/^5/);
    await traced(postroom, 'Order 4711', 3);
    const delivered = async (asked: object) => (await postroom.run('Get-MessageTrace', { ...asked, Status: ['Delivered'] })).count;
    await expect.poll(() => delivered({ RecipientAddress: 'orders@contoso.example', Subject: 'Order 4711' })).toBe(1);
    await expect.poll(() => delivered({ SenderAddress: 'orders@contoso.example' })).toBe(2);
    const page = await console_.open('/recipients/mailboxes');
    await page.getByRole('row', { name: /Orders/ }).click();
    expect(await page.getByRole('link', { name: 'Trace mail to it' }).getAttribute('href')).toBe('/admin/mail-flow/message-trace/results?RecipientAddress=orders%40contoso.example');
    expect(await page.getByRole('link', { name: 'Trace mail from it' }).getAttribute('href')).toBe('/admin/mail-flow/message-trace/results?SenderAddress=orders%40contoso.example');
    await page.getByRole('link', { name: 'Trace mail to it' }).click();
    const results = page.getByRole('grid', { name: 'Search results' });
    await results.getByRole('row', { name: /Order 4711.*Delivered/ }).waitFor();
    await page.goBack();
    await page.getByRole('link', { name: 'Trace mail from it' }).click();
    for (const who of ['ann', 'bob']) await results.getByRole('row', { name: new RegExp(`Order 4711 confirmed by ${who}.*Delivered`) }).waitFor();
    await page.goBack();
    await page.getByRole('tab', { name: 'Folders' }).click();
    await page.getByRole('row', { name: /Inbox/ }).waitFor();
    await picture(page, 'mailbox-folders');
    await accessible(page);
    await page.context().close();
  });

  it('changes addresses, forwarding and limits, and says at the field what is wrong', async () => {
    const { postroom } = console_;
    const page = await console_.open('/recipients/mailboxes?search=kim');
    await page.getByRole('row', { name: /Kim Akers/ }).click();
    await page.getByRole('tab', { name: 'Addresses' }).click();
    await page.getByRole('textbox', { name: 'Another address' }).fill('k.akers@elsewhere.example');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText(/is not an accepted domain/).waitFor();
    // The browser notes the refusal, which was the point.
    expect(console_.complaints.splice(0).join()).toMatch(/^[^,]*400 \(Bad Request\)[^,]*Set-Mailbox\)$/);
    await accessible(page);
    await page.getByRole('button', { name: 'Discard' }).click();
    await page.getByRole('textbox', { name: 'Another address' }).fill('k.akers@contoso.example');
    await page.keyboard.press('Enter');
    await page.getByRole('radio', { name: 'Make k.akers@contoso.example the primary address' }).check();
    await picture(page, 'mailbox-addresses');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    await page.getByRole('tab', { name: 'Mail flow settings' }).click();
    await page.getByRole('radio', { name: 'To somebody in the directory' }).check();
    await page.getByLabel('Largest message it may send').fill('much');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Say where to forward to').waitFor();
    await page.getByText('Give a size such as 50 MB, or Unlimited', { exact: true }).waitFor();
    await pick(page, page.getByRole('combobox', { name: 'Forward to' }), 'mimi', 'Mimi Chan');
    await page.getByRole('switch', { name: 'Deliver to this mailbox as well' }).check();
    await page.getByLabel('Largest message it may send').fill('20 MB');
    await pick(page, page.getByRole('combobox', { name: 'Not from members of these groups' }), 'man', 'Managers');
    await picture(page, 'mailbox-mail-flow');
    await accessible(page);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    const [kim] = (await postroom.run('Get-Mailbox', { Identity: 'kim' })).value;
    expect(kim).toMatchObject({ PrimarySmtpAddress: 'k.akers@contoso.example', ForwardingAddress: 'Mimi Chan', DeliverToMailboxAndForward: true, MaxSendSize: '20 MB (20,971,520 bytes)', RejectMessagesFromDLMembers: ['Managers'] });
    // Emptied again, it is cleared and not merely left out.
    await page.getByRole('radio', { name: 'Do not forward' }).check();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    expect((await postroom.run('Get-Mailbox', { Identity: 'kim' })).value[0]).toMatchObject({ ForwardingAddress: null, DeliverToMailboxAndForward: false });
    await page.context().close();
  });

  it('delegates, limits and removes several at once', async () => {
    const { postroom } = console_;
    const page = await console_.open('/recipients/mailboxes?kind=shared');
    await page.getByRole('checkbox', { name: 'Select all rows' }).check();
    await page.getByRole('button', { name: 'Delegation' }).click();
    const full = page.getByRole('region', { name: 'Read and manage (Full Access)' });
    await full.getByText('on 1 of 2').first().waitFor();
    await pick(page, full.getByRole('combobox'), 'mimi', 'Mimi Chan');
    await full.getByRole('button', { name: /^Add/ }).click();
    await full.getByText('on 2 of 2').waitFor();
    await picture(page, 'mailboxes-delegation');
    await accessible(page);
    await full.getByRole('button', { name: 'Take it from mimi@contoso.example' }).click();
    await page.getByRole('alertdialog').getByText(/would take Full Access to "Sales"/).waitFor();
    await page.getByRole('button', { name: 'Take away' }).click();
    await full.getByText('on 2 of 2').waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('row', { name: /Sales/ }).getByRole('checkbox').uncheck();
    await page.getByRole('button', { name: /^Remove/ }).click();
    await page.getByRole('alertdialog').getByText(/would remove the mailbox "Orders"/).waitFor();
    await picture(page, 'mailboxes-remove');
    await accessible(page);
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('alertdialog').waitFor({ state: 'detached' });
    await page.getByRole('row', { name: /Orders/ }).waitFor({ state: 'hidden' });
    expect((await postroom.run('Get-Mailbox', { SoftDeletedMailbox: true })).count).toBe(1);
    await page.context().close();
  });

  it.each([['dark', 1440], ['contrast', 1440], ['light', 390]] as const)('is readable in %s at %i', async (colours, width) => {
    const page = await console_.open('/recipients/mailboxes', { colours, width });
    await page.getByRole('row', { name: /Ann Beebe/ }).waitFor();
    await accessible(page);
    await fits(page);
    await page.getByRole('row', { name: /Ann Beebe/ }).click();
    await page.getByRole('tab', { name: 'Mail flow settings' }).click();
    await page.getByText('Delivery restrictions').waitFor();
    await accessible(page);
    await fits(page);
    await picture(page, `mailbox-${colours === 'light' ? 'narrow' : colours}`);
    await page.context().close();
  });

  it('runs from right to left, with every word in the catalogue', async () => {
    const page = await console_.open('/recipients/mailboxes', { locale: 'ar-XB' });
    await page.getByRole('row', { name: /Ann Beebe/ }).click();
    await page.getByRole('tab').first().waitFor();
    const bare = await page.getByRole('tab').allInnerTexts();
    expect(bare.filter((text) => !text.startsWith('⟦'))).toEqual([]);
    await accessible(page);
    await page.context().close();
  });
});
