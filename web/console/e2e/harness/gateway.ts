// A gateway in front of Contoso: what it would post of two messages, one held as spam and one passed on.
import type { Postroom } from './server';
import { traced } from './organization';

const TOKEN = 'a-token-of-the-gateway';

/** One line of the gateway's log service, of a message so many minutes ago. */
export function podLine(subject: string, qid: string, minutesAgo: number, filter: object): string {
  const header = { 'message-id': [`<${qid}@fabrikam.example>`] };
  return JSON.stringify({
    guid: `g-${qid}`, ts: new Date(Date.now() - minutesAgo * 60_000).toISOString().replace('Z', '+0000'), connection: { ip: '192.0.2.1', host: 'mail.fabrikam.example', helo: 'mail.fabrikam.example', country: '**', sid: `s-${qid}` }, envelope: { from: 'mimi@fabrikam.example', rcpts: ['kim@contoso.example'] },
    msg: { header, normalizedHeader: { 'message-id': [`${qid}@fabrikam.example`], subject: [subject] }, sizeBytes: 2048 }, filter: { qid, routeDirection: 'inbound', ...filter },
  });
}

export async function post(postroom: Postroom, source: string, text: string): Promise<void> {
  const answer = await fetch(`${postroom.http}/api/v1/sources/${source}/records`, { method: 'POST', headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'text/plain' }, body: text });
  if (!answer.ok) throw new Error(`${source}: ${answer.status} ${await answer.text()}`);
}

export async function gateway(postroom: Postroom): Promise<void> {
  await postroom.run('New-TraceSource', { Name: 'gateway', Type: 'Http', Secret: TOKEN });
  const spam = { disposition: 'discard', delivered: { rcpts: ['kim@contoso.example'] }, actions: [{ module: 'spam', rule: 'definitespam', action: 'discard', isFinal: true }], quarantine: { folder: 'Spam', rule: 'definitespam', module: 'spam' } };
  await post(postroom, 'gateway', [podLine('Offer of the week', '4AM3vVx1001234', 9, spam), podLine('Minutes of Monday', '4AM3vVx1001235', 7, { disposition: 'continue' })].join('\n'));
  await traced(postroom, 'Offer', 1);
}
