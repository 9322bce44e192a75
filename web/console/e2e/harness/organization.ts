// People, groups and contacts of Contoso, and mail between them: what the pages have to show.
import type { Postroom } from './server';
import { waitFor } from './server';
import { sendMail } from './smtp';

export const PASSWORD = 'Correct-Horse-9';
const people = [['ann', 'Ann Beebe'], ['bob', 'Bob Kelly'], ['kim', 'Kim Akers'], ['mimi', 'Mimi Chan']] as const;

/** Nobody listens at the partner's port: mail to it waits. */
export async function contoso(postroom: Postroom, partnerPort = 9): Promise<void> {
  for (const [name, shown] of people) await postroom.run('New-Mailbox', { Name: shown, Alias: name, PrimarySmtpAddress: `${name}@contoso.example`, Password: PASSWORD });
  await postroom.run('New-Mailbox', { Name: 'Sales', Shared: true, PrimarySmtpAddress: 'sales@contoso.example' });
  await postroom.run('New-MailContact', { Name: 'Partner', ExternalEmailAddress: 'partner@fabrikam.example' });
  await postroom.run('New-DistributionGroup', { Name: 'Managers', PrimarySmtpAddress: 'managers@contoso.example' });
  await postroom.run('New-DistributionGroup', { Name: 'Team', PrimarySmtpAddress: 'team@contoso.example' });
  for (const Member of ['kim@contoso.example', 'mimi@contoso.example']) await postroom.run('Add-DistributionGroupMember', { Identity: 'Managers', Member });
  for (const Member of ['bob@contoso.example', 'Managers', 'Partner']) await postroom.run('Add-DistributionGroupMember', { Identity: 'Team', Member });
  await postroom.run('New-SendConnector', { Name: 'To Fabrikam', AddressSpaces: ['fabrikam.example'], SmartHosts: ['127.0.0.1'], Port: partnerPort });
}

/** Mail of every fate; waits until each has come to its end, and what waits for the partner has been tried once. Nobody may listen there. */
export async function traffic(postroom: Postroom): Promise<void> {
  const smtp = postroom.ports.smtp ?? 0;
  const submission = postroom.ports.submission ?? 0;
  const outside = 'miriam@tailspin.example';
  await sendMail(smtp, { from: outside, to: 'ann@contoso.example', subject: 'Contract for the second quarter' });
  await sendMail(smtp, { from: outside, to: ['ann@contoso.example', 'sales@contoso.example'], subject: 'A question about prices' });
  await sendMail(submission, { from: 'ann@contoso.example', to: 'team@contoso.example', subject: 'Lunch on Friday', user: 'ann@contoso.example', password: PASSWORD });
  await sendMail(submission, { from: 'bob@contoso.example', to: 'ann@contoso.example', subject: 'Re: Lunch on Friday', user: 'bob@contoso.example', password: PASSWORD });
  await sendMail(smtp, { from: outside, to: 'nobody@contoso.example', subject: 'Is anybody there' });
  await sendMail(smtp, { from: outside, to: 'kim@contoso.example', subject: 'invoice_\u202Efdp.exe <img src=x onerror=alert(1)> pay\u200Bpal' });
  await traced(postroom, 'pay', 1);
  await traced(postroom, 'Lunch', 7);
  await ended(postroom);
}

/** Waits until nothing is under way: all mail is where it belongs, or its queue has been tried and waits for the next time. */
export async function ended(postroom: Postroom): Promise<void> {
  await waitFor(async () => {
    // What another system said last of a message is not under way here.
    const open = (await postroom.run('Get-MessageTrace', { Status: ['Pending', 'GettingStatus'] })).value.filter((row) => !row.Place);
    const domains = new Set(open.map((row) => String(row.RecipientAddress).split('@')[1]));
    const queues = (await postroom.run('Get-Queue')).value.filter((queue) => Number(queue.MessageCount) > 0);
    return !domains.has('contoso.example') && domains.size <= queues.length && queues.every((queue) => queue.Status === 'Retry');
  }, 30_000, 'all mail to come to its end or to wait for its next attempt');
}

/** Waits for so many rows with a subject. */
export async function traced(postroom: Postroom, Subject: string, rows: number): Promise<Record<string, unknown>[]> {
  return waitFor(async () => {
    const { value } = await postroom.run('Get-MessageTrace', { Subject });
    return value.length >= rows ? value : null;
  }, 20_000, `${rows} rows about ${Subject}`);
}
