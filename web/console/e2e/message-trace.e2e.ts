// From "a colleague says she never got it" to the answer in the drawer.
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { accessible, Console, fits, picture } from './harness/console';
import { contoso, PASSWORD, traced, traffic } from './harness/organization';
import { logsOfOthers } from './harness/others';
import { sendMail } from './harness/smtp';

let admin: Console;
beforeAll(async () => {
  admin = await Console.start();
  await contoso(admin.postroom);
  await traffic(admin.postroom);
  await logsOfOthers(admin.postroom);
});
afterAll(() => admin?.stop());
afterEach(() => admin.clean());

const grid = (page: Page) => page.getByRole('grid', { name: 'Search results' });
const row = (page: Page, name: RegExp) => grid(page).getByRole('row', { name });
const total = async (page: Page) => Number(await page.locator('[data-total]').getAttribute('data-total'));

describe('start', () => {
  it('shows queries and the search box', async () => {
    const page = await admin.open('/mail-flow/message-trace');
    await page.getByText('Failed in the last day').waitFor();
    await accessible(page);
    await picture(page, 'message-trace');
    await page.getByRole('tab', { name: 'Autosaved queries' }).click();
    await page.getByRole('listitem').first().waitFor();
    await accessible(page);
    await page.context().close();
  });

  it('finds a message by its pasted id, and says what is not known here', async () => {
    const [known] = await traced(admin.postroom, 'Contract', 1);
    const page = await admin.open('/mail-flow/message-trace');
    await page.getByRole('search').getByRole('textbox').fill('<nothing@nowhere.example>');
    await page.getByRole('button', { name: 'Search', exact: true }).click();
    await page.getByText(/never reached us/).waitFor();
    await accessible(page);
    await page.getByRole('search').getByRole('textbox').fill(`Received: from mx1 by mx1\nMessage-ID: ${String(known?.MessageId)}\nSubject: x`);
    await page.getByRole('button', { name: 'Search', exact: true }).click();
    // One row: it is opened, and behind it stands what was understood.
    await page.getByRole('dialog', { name: /Contract/ }).getByText('We found your message').waitFor();
    await page.keyboard.press('Escape');
    await row(page, /Contract/).waitFor();
    await page.getByText('Understood as').waitFor();
    expect(await total(page)).toBe(1);
    await accessible(page);
    await page.context().close();
  });

  it('opens the recipient a pasted report is about, and keeps the others in the list', async () => {
    const known = (await traced(admin.postroom, 'Lunch on Friday', 7)).find((r) => r.Subject === 'Lunch on Friday');
    const report = ['Content-Type: multipart/report; report-type=delivery-status; boundary="b"', 'Subject: Undeliverable: Lunch on Friday', '', '--b', 'Content-Type: message/delivery-status', '', 'Reporting-MTA: dns; mx1', '', 'Final-Recipient: rfc822; partner@fabrikam.example', 'Action: failed', 'Status: 5.1.1', '', '--b', 'Content-Type: text/rfc822-headers', '', `Message-ID: ${String(known?.MessageId)}`, 'Subject: Lunch on Friday', '', '--b--', '', 'x'.repeat(1_500)].join('\n');
    const page = await admin.open('/mail-flow/message-trace');
    await page.getByRole('search').getByRole('textbox').fill(report);
    await page.getByRole('button', { name: 'Search', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Lunch on Friday' });
    await dialog.getByText('partner@fabrikam.example', { exact: true }).first().waitFor();
    await page.keyboard.press('Escape');
    await page.getByText(/a delivery report, with 1 Message-ID/).waitFor();
    expect(await total(page)).toBeGreaterThan(1);
    await picture(page, 'message-trace-pasted');
    // Somebody else has the address, not the text.
    const colleague = await admin.open(new URL(page.url()).pathname.replace('/admin', '') + new URL(page.url()).search.replace(/[?&]open=[^&]*/, ''));
    await colleague.getByText(/Paste it again/).waitFor();
    await colleague.context().close();
    await page.context().close();
  });

  it('finds what an address sent as well as what it got, and names both as commands', async () => {
    const page = await admin.open('/mail-flow/message-trace');
    await page.getByRole('search').getByRole('textbox').fill('ann@contoso.example');
    await page.getByRole('search').getByRole('textbox').press('Enter');
    await row(page, /Contract/).waitFor();
    await row(page, /ann@contoso.*bob@contoso.*Lunch on Friday/).first().waitFor();
    await page.getByText('To or from: ann@contoso.example').waitFor();
    await page.getByText('Last 48 hours (no time was given)').waitFor();
    await expect.poll(() => page.getByText('Live', { exact: true }).count()).toBeGreaterThan(1);
    const got = await admin.postroom.run('Get-MessageTrace', { RecipientAddress: ['ann@contoso.example'] });
    const sent = await admin.postroom.run('Get-MessageTrace', { SenderAddress: ['ann@contoso.example'] });
    expect(await total(page)).toBe((got.count ?? 0) + (sent.count ?? 0));
    await sendMail(admin.postroom.ports.smtp ?? 0, { from: 'miriam@tailspin.example', to: 'ann@contoso.example', subject: 'One more' });
    await row(page, /One more.*Delivered/).waitFor();
    await accessible(page);
    await page.getByRole('button', { name: 'Show command' }).click();
    expect(await page.locator('[data-line=shell]').innerText()).toBe('Get-MessageTrace -RecipientAddress ann@contoso.example\nGet-MessageTrace -SenderAddress ann@contoso.example');
    await page.context().close();
  });
});

describe('a colleague says the partner never got it', () => {
  it('leads from what she pastes to the answer in the drawer', async () => {
    const known = (await traced(admin.postroom, 'Lunch on Friday', 7)).find((r) => r.Subject === 'Lunch on Friday');
    const page = await admin.open('/');
    await page.getByRole('toolbar').getByRole('button', { name: /trace/i }).click();
    await page.getByRole('search').getByRole('textbox').fill(`From: <ann@contoso.example>\nTo: <team@contoso.example>\nSubject: Lunch on Friday\nMessage-ID: ${String(known?.MessageId)}`);
    await page.getByRole('button', { name: 'Search', exact: true }).click();
    await row(page, /partner@fabrikam/).waitFor();
    await row(page, /partner@fabrikam/).click();
    const dialog = page.getByRole('dialog', { name: 'Lunch on Friday' });
    await dialog.getByText('We found an issue').waitFor();
    await dialog.getByText(/The smart host \S+ of the Send connector To Fabrikam does not listen/).first().waitFor();
    await dialog.getByText(/Check its address, port and service/).waitFor();
    await dialog.getByRole('button', { name: 'Show command' }).click();
    expect(await dialog.locator('[data-lines=shell]').innerText()).toMatch(/^Get-MessageTraceDetail -MessageTraceId \S+ -RecipientAddress partner@fabrikam\.example$/);
    await page.context().close();
  });
});

describe('the form', () => {
  it('takes pasted lists, people of the directory and patterns, and searches', async () => {
    const page = await admin.open('/mail-flow/message-trace');
    await page.getByRole('button', { name: 'Start a trace' }).click();
    const dialog = page.getByRole('dialog', { name: 'New message trace' });
    await dialog.waitFor();
    const senders = dialog.getByRole('combobox', { name: 'Senders' });
    await senders.focus();
    await page.evaluate(() => {
      const data = new DataTransfer();
      data.setData('text', 'ann@contoso.example;bob@contoso.example miriam@tailspin.example');
      document.activeElement?.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    });
    await expect.poll(() => dialog.locator('.fui-Tag').count()).toBe(3);
    const recipients = dialog.getByRole('combobox', { name: 'Recipients' });
    await recipients.pressSequentially('ki');
    await page.getByRole('option', { name: /Kim Akers/ }).click();
    await recipients.pressSequentially('*@fabrikam.example ');
    await expect.poll(() => dialog.locator('.fui-Tag').count()).toBe(5);
    await dialog.getByRole('button', { name: 'Detailed search options' }).click();
    await accessible(page);
    await picture(page, 'message-trace-new');
    await dialog.getByRole('tab', { name: 'Slider' }).click();
    await dialog.getByRole('slider', { name: /From/ }).press('ArrowLeft');
    await dialog.getByText('From 3 days ago to now').waitFor();
    await accessible(page);
    await dialog.getByRole('button', { name: 'Search', exact: true }).click();
    await row(page, /kim@contoso/).first().waitFor();
    expect(page.url()).toContain('Last=3.00%3A00%3A00');
    expect(await total(page)).toBe(3);
    await page.context().close();
  });

  it('refuses an end before the start, tied to the field; Escape closes and gives the focus back', async () => {
    const page = await admin.open('/mail-flow/message-trace');
    await page.getByRole('button', { name: 'Start a trace' }).click();
    const dialog = page.getByRole('dialog', { name: 'New message trace' });
    await dialog.getByRole('tab', { name: 'Custom range' }).click();
    await dialog.getByRole('textbox', { name: 'End', exact: true }).fill('2001-01-01T00:00');
    await dialog.getByRole('button', { name: 'Search', exact: true }).click();
    await dialog.getByText('The end must be after the start.').waitFor();
    expect(await dialog.getByRole('textbox', { name: 'End', exact: true }).getAttribute('aria-invalid')).toBe('true');
    await page.keyboard.press('Escape');
    await page.getByRole('alertdialog').getByRole('button', { name: 'Keep editing' }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('alertdialog').getByRole('button', { name: 'Discard changes' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Start a trace');
    await page.context().close();
  });
});

describe('results', () => {
  it('are one look in the audit log, also while they stay open and change', async () => {
    const looks = async () => (await admin.postroom.run('Search-AdminAuditLog', { Cmdlets: ['Get-MessageTrace'], IncludeLookUps: true, ResultSize: 1_000 })).value;
    const before = (await looks()).length;
    const page = await admin.open('/mail-flow/message-trace/results?Last=3.00:00:00');
    await row(page, /invoice_/).waitFor();
    await expect.poll(() => page.getByText('Live', { exact: true }).count()).toBeGreaterThan(1);
    await sendMail(admin.postroom.ports.smtp ?? 0, { from: 'miriam@tailspin.example', to: 'ann@contoso.example', subject: 'Seen live' });
    await row(page, /Seen live.*Delivered/).waitFor();
    const now = await looks();
    expect(now.length).toBe(before + 1);
    expect(JSON.stringify(now[0])).toContain('Follow');
    await page.context().close();
  });

  it('shows a row per recipient, harmlessly, and gives the command that shows the same', async () => {
    const page = await admin.open('/mail-flow/message-trace/results?Last=2.00:00:00');
    await row(page, /invoice_/).waitFor();
    const { count } = await admin.postroom.run('Get-MessageTrace', { Last: '2.00:00:00' });
    expect(await total(page)).toBe(count);
    expect(await row(page, /invoice_/).innerHTML()).not.toContain('\u202e');
    expect(await page.locator('img').count()).toBe(0);
    await expect.poll(() => page.getByText('Live', { exact: true }).count()).toBeGreaterThan(1);
    await accessible(page);
    await picture(page, 'message-trace-results');
    await page.getByRole('button', { name: 'Show command' }).click();
    expect(await page.locator('[data-line=shell]').innerText()).toBe('Get-MessageTrace -Last 2.00:00:00');
    await page.context().close();
  });

  it('answers where it finds nothing: what was searched, what is near, and a text to send on', async () => {
    const page = await admin.open('/mail-flow/message-trace/results?RecipientAddress=ann%40contoso.example&SenderAddress=zzz-not-there%40tailspin.example&Last=0.01:00:00', { zone: 'Europe/Berlin' });
    const answer = page.getByRole('region', { name: 'No message fits these conditions.' });
    await answer.getByText(/^Searched, from .* \+0[12]:00 to now:$/).waitFor();
    await answer.getByText(/mx1: [12] days? of records/).waitFor();
    // Their records end before this hour does.
    await answer.getByText(/^gw1: nothing of this time was imported from gw1, from .* to /).waitFor();
    await answer.getByText('The same recipient, nearest in time:').waitFor();
    await answer.getByRole('button', { name: /this answer, to send on/ }).waitFor();
    await page.getByText('Last hour').waitFor();
    await page.getByText('To: ann@contoso.example').waitFor();
    await accessible(page);
    await fits(page);
    await picture(page, 'message-trace-nothing');
    await answer.getByRole('link', { name: 'Open' }).first().click();
    await page.waitForURL(/MessageTraceId=/);
    await grid(page).getByRole('row').nth(1).waitFor();
    await page.context().close();
  });

  it('changes by itself when mail comes', async () => {
    const page = await admin.open('/mail-flow/message-trace/results?Last=2.00:00:00&Subject=Breaking');
    await page.getByText('No message fits these conditions.').waitFor();
    await expect.poll(() => page.getByText('Live', { exact: true }).count()).toBeGreaterThan(1);
    await sendMail(admin.postroom.ports.smtp ?? 0, { from: 'miriam@tailspin.example', to: 'ann@contoso.example', subject: 'Breaking news' });
    await row(page, /Breaking news.*Delivered/).waitFor();
    expect(await total(page)).toBe(1);
    await page.context().close();
  });

  it('sorts, filters in the store, exports what it counts, and finds what belongs together', async () => {
    const page = await admin.open('/mail-flow/message-trace/results?Last=2.00:00:00');
    await row(page, /Lunch/).first().waitFor();
    await grid(page).getByRole('button', { name: 'Recipient' }).click();
    await expect.poll(() => grid(page).getByRole('columnheader', { name: 'Recipient' }).getAttribute('aria-sort')).toBe('ascending');
    await grid(page).getByRole('button', { name: 'Recipient' }).click();
    await expect.poll(() => grid(page).getByRole('columnheader', { name: 'Recipient' }).getAttribute('aria-sort')).toBe('descending');
    await page.getByRole('searchbox', { name: 'Filter by subject' }).fill('Lunch');
    await expect.poll(() => total(page)).toBe(7);
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export results' }).click()]);
    const stream = await file.createReadStream();
    let text = '';
    for await (const chunk of stream) text += String(chunk);
    expect(text.trimEnd().split('\r\n').length - 1).toBe(7);
    await row(page, /Re: Lunch/).getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Find related' }).click();
    await expect.poll(() => total(page)).toBe(1);
    await page.context().close();
  });

  it('is all there by keyboard', async () => {
    const page = await admin.open('/mail-flow/message-trace/results?Last=2.00:00:00&Subject=Lunch');
    await row(page, /Lunch/).first().waitFor();
    await grid(page).focus();
    await page.keyboard.press('End');
    await page.keyboard.press('Home');
    await page.keyboard.press('Space');
    expect(await grid(page).getByRole('row').nth(1).getAttribute('aria-selected')).toBe('true');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByText('We found your message').first().waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('grid');
    await page.context().close();
  });
});

describe('details', () => {
  it('says why the partner never got it, what to do, and where everyone else\'s copy is', async () => {
    const page = await admin.open('/mail-flow/message-trace/results?Last=2.00:00:00&RecipientAddress=partner%40fabrikam.example');
    await row(page, /Lunch/).click();
    const dialog = page.getByRole('dialog', { name: 'Lunch on Friday' });
    await dialog.getByText('We found an issue').waitFor();
    await dialog.getByText(/The smart host \S+ of the Send connector To Fabrikam does not listen/).first().waitFor();
    await dialog.getByText(/Check its address, port and service/).waitFor();
    expect(await dialog.locator('[data-stage=Delivered]').getAttribute('data-state')).toBe('Open');
    // One end per recipient: bob, kim, mimi and the partner.
    await expect.poll(() => dialog.locator('[data-station=end]').count()).toBe(4);
    await accessible(page);
    await picture(page, 'message-trace-detail');
    for (const [tab, file] of [['Whole message', 'whole'], ['Events', 'events'], ['Time', 'time'], ['Rules', 'rules'], ['Raw record', 'raw']] as const) {
      await dialog.getByRole('tab', { name: tab }).click();
      await accessible(page);
      await picture(page, `message-trace-${file}`);
    }
    // A second person opens the address.
    const address = new URL(page.url());
    const colleague = await admin.open(`${address.pathname.replace('/admin', '')}${address.search}`);
    await colleague.getByRole('dialog', { name: 'Lunch on Friday' }).getByRole('tab', { name: 'Raw record', selected: true }).waitFor();
    await colleague.context().close();
    await page.context().close();
  });

  it('draws the places a message passed, in their order and on the chosen clock, and names them at its events', async () => {
    const page = await admin.open('/mail-flow/message-trace/results?MessageId=%3Cj1%40fab.example%3E', { zone: 'Europe/Berlin' });
    await row(page, /ann@contoso/).click();
    const dialog = page.getByRole('dialog');
    await expect.poll(() => dialog.locator('[data-station=server]').evaluateAll((all) => all.map((one) => one.textContent).sort().join(' | '))).toMatch(/exch01.*certain, \+0\.\d+ s.* \| gw1/);
    expect(await dialog.locator('svg').getByText('Postroom').count()).toBe(0);
    const places = dialog.getByRole('region', { name: 'Places it passed' });
    await places.getByRole('row', { name: /exch01.*gw1: certain/ }).waitFor();
    expect(await places.innerText()).not.toMatch(/T\d\d:\d\d:\d\d/);
    await accessible(page);
    await picture(page, 'message-trace-places');
    await dialog.getByRole('tab', { name: 'Events' }).click();
    await dialog.getByRole('row', { name: /exch01.*Receive/ }).waitFor();
    await page.context().close();
  });

  it('says what was refused, and by which rule', async () => {
    const page = await admin.open('/mail-flow/message-trace/results?Last=2.00:00:00&RecipientAddress=nobody%40contoso.example');
    await row(page, /nobody/).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/Not received/).first().waitFor();
    // What is cut in the picture has its whole text unseen beside it.
    await dialog.getByText(/5\.1\.10/).filter({ visible: true }).first().waitFor();
    await accessible(page);
    await picture(page, 'message-trace-refused');
    await page.context().close();
  });

  it.each([['dark', 1440, undefined], ['contrast', 1440, undefined], ['light', 390, undefined], ['light', 1440, 'ar-XB']] as const)('is readable in %s at %i %s', async (colours, width, locale) => {
    const page = await admin.open('/mail-flow/message-trace/results?Last=2.00:00:00&Subject=Lunch', { colours, width, locale });
    const name = locale ? 'right-to-left' : width === 390 ? 'narrow' : colours;
    await page.getByRole('row', { name: /partner/ }).waitFor();
    await accessible(page);
    await fits(page);
    await picture(page, `message-trace-results-${name}`);
    await page.getByRole('row', { name: /partner/ }).click();
    await page.getByRole('dialog').locator('[data-station=end]').first().waitFor();
    await accessible(page);
    await picture(page, `message-trace-detail-${name}`);
    await page.context().close();
  });
});

describe('saved queries and reports', () => {
  it('saves under a name, runs it again, and prepares a report', async () => {
    const page = await admin.open('/mail-flow/message-trace?trace=new');
    const dialog = page.getByRole('dialog', { name: 'New message trace' });
    await dialog.getByRole('combobox', { name: 'Recipients' }).pressSequentially('ann@contoso.example ');
    await dialog.getByRole('tab', { name: 'Slider' }).click();
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await dialog.getByRole('textbox', { name: 'Name' }).fill('To Ann');
    await dialog.getByRole('button', { name: 'Save as' }).click();
    await dialog.getByText('Saved as To Ann.').waitFor();
    await dialog.getByRole('radio', { name: /Extended/ }).check();
    await dialog.getByRole('textbox', { name: /Title of the report/ }).fill('Mail to Ann');
    await dialog.getByRole('button', { name: 'Prepare report' }).click();
    await page.getByText('Mail to Ann').waitFor();
    const link = page.getByRole('link', { name: 'Download' });
    await link.waitFor();
    await accessible(page);
    await picture(page, 'message-trace-reports');
    const [file] = await Promise.all([page.waitForEvent('download'), link.click()]);
    expect(await file.failure()).toBeNull();
    await page.getByRole('tab', { name: 'Custom queries' }).click();
    await page.getByText('To Ann').waitFor();
    await picture(page, 'message-trace-queries');
    await page.getByRole('button', { name: 'Run' }).click();
    await row(page, /ann@contoso/).first().waitFor();
    expect(page.url()).toContain('Last=2.00');
    await page.context().close();
  });

  it('tells the sender who is signed in', async () => {
    await sendMail(admin.postroom.ports.submission ?? 0, { from: 'kim@contoso.example', to: 'ann@contoso.example', subject: 'Signed in', user: 'kim@contoso.example', password: PASSWORD });
    await traced(admin.postroom, 'Signed in', 1);
    const page = await admin.open('/mail-flow/message-trace/results?Last=2.00:00:00&Subject=Signed');
    await row(page, /Signed in/).click();
    await page.getByRole('dialog').getByText('Signed in as').waitFor();
    await page.context().close();
  });
});
