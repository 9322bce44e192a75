// Names and subjects that want to be markup, or to be read as something else; and whether a page lets them.
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { gateway, podLine, post } from './gateway';
import { ended, PASSWORD, traced } from './organization';
import type { Postroom } from './server';
import { sendMail } from './smtp';

/** Markup, a right-to-left override, a zero-width space, an isolate, a soft hyphen, a byte order mark. */
export const HOSTILE = 'Eve <img src=x onerror=alert(1)> \u202Efdp.exe \u200Bpay\u200Dpal\u2066\u00AD\uFEFFx';
const SUBJECT = `${HOSTILE} <script>alert(2)</script> "><svg/onload=alert(3)>`;
const EVE = 'eve@contoso.example';

/** Gives every kind of thing such a name, and sends mail with such a subject that is delivered, refused and waiting. */
export async function hostile(postroom: Postroom): Promise<void> {
  const run = (cmdlet: string, parameters: object) => postroom.run(cmdlet, parameters);
  await run('New-Mailbox', { Name: HOSTILE, Alias: 'eve', PrimarySmtpAddress: EVE, Password: PASSWORD });
  await run('New-DistributionGroup', { Name: `${HOSTILE} g`, Alias: 'eves', PrimarySmtpAddress: 'eves@contoso.example' });
  await run('Add-DistributionGroupMember', { Identity: 'eves', Member: EVE });
  await run('New-MailContact', { Name: `${HOSTILE} c`, ExternalEmailAddress: 'evec@fabrikam.example' });
  await run('New-RoleGroup', { Name: HOSTILE, Description: HOSTILE, Roles: ['View-Only Recipients'], Members: [EVE] });
  await run('New-SendConnector', { Name: HOSTILE, AddressSpaces: ['tailspin.example'], SmartHosts: ['127.0.0.1'], Port: 9, Comment: HOSTILE });
  await run('New-MessageTraceQuery', { Name: HOSTILE, Subject: HOSTILE });
  await run('New-MessageTraceAlert', { Name: HOSTILE, Query: 'Pending now', Threshold: 1, Notify: ['ann@contoso.example'] });
  await run('Set-Mailbox', { Identity: 'eve', MaxReceiveSize: '1 MB', ForwardingSmtpAddress: 'eve@tailspin.example', DeliverToMailboxAndForward: true });
  await gateway(postroom);
  await post(postroom, 'gateway', podLine(`${SUBJECT} held`, '4AM3vVx1009999', 5, { disposition: 'continue' }));
  const smtp = postroom.ports.smtp ?? 0;
  await sendMail(smtp, { from: 'miriam@tailspin.example', to: EVE, subject: SUBJECT });
  await sendMail(postroom.ports.submission ?? 0, { from: EVE, to: ['partner@fabrikam.example', 'ann@contoso.example'], subject: SUBJECT, user: EVE, password: PASSWORD });
  await traced(postroom, 'alert(2)', 4);
  await ended(postroom);
}

/** No markup came alive, and nothing invisible is left in what is shown or read aloud. What a field holds to be edited is as it is. */
export async function harmless(page: Page): Promise<void> {
  const found = await page.evaluate(() => {
    const invisible = /[\u00AD\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/;
    const wrong: string[] = [];
    for (const alive of document.querySelectorAll('img[src="x"], svg[onload], body script:not([src])')) wrong.push(alive.outerHTML);
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) if (invisible.test(node.nodeValue ?? '') && node.parentElement?.tagName !== 'TEXTAREA') wrong.push(`${node.parentElement?.outerHTML.slice(0, 200)}`);
    for (const element of document.querySelectorAll('*')) for (const name of ['aria-label', 'title', 'alt', 'placeholder']) if (invisible.test(element.getAttribute(name) ?? '')) wrong.push(`${name} of ${element.outerHTML.slice(0, 200)}`);
    if (invisible.test(document.title)) wrong.push(`title ${document.title}`);
    return [...new Set(wrong)].slice(0, 5);
  });
  expect(found).toEqual([]);
}
