// A few lines of SMTP: enough to send a message as a program would, and to take one as the next host.
import { connect, createServer, type Server, type Socket } from 'node:net';

export interface Mail {
  from: string;
  to: string | string[];
  subject: string;
  text?: string;
  /** Signs in with AUTH PLAIN first. */
  user?: string;
  password?: string;
  headers?: string[];
}

const REPLY_MS = 20_000;

/** Replies, one whole reply at a time. */
async function* replies(socket: Socket): AsyncGenerator<string> {
  let waiting = '';
  let reply = '';
  for await (const chunk of socket) {
    waiting += String(chunk);
    for (let end = waiting.indexOf('\r\n'); end >= 0; end = waiting.indexOf('\r\n')) {
      const line = waiting.slice(0, end);
      waiting = waiting.slice(end + 2);
      reply += `${line}\n`;
      if (line[3] !== '-') {
        yield reply.trimEnd();
        reply = '';
      }
    }
  }
}

/** Sends one message and gives the last reply; a recipient that is refused ends it with that reply. */
export async function sendMail(port: number, mail: Mail): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.setTimeout(REPLY_MS, () => socket.destroy(new Error('the server said nothing')));
  const next = replies(socket);
  const read = async () => String((await next.next()).value ?? '');
  const say = (line: string) => {
    socket.write(`${line}\r\n`);
    return read();
  };
  try {
    await read();
    await say('EHLO client.example');
    if (mail.user) {
      const answer = await say(`AUTH PLAIN ${Buffer.from(`\0${mail.user}\0${mail.password}`).toString('base64')}`);
      if (!answer.startsWith('2')) return answer;
    }
    await say(`MAIL FROM:<${mail.from}>`);
    const to = [mail.to].flat();
    let refused = '';
    for (const address of to) {
      const answer = await say(`RCPT TO:<${address}>`);
      if (!answer.startsWith('2')) refused = answer;
    }
    if (refused && to.length === 1) return refused;
    await say('DATA');
    const id = `${process.hrtime.bigint().toString(36)}@client.example`;
    // A word that is not ASCII goes as an encoded word (RFC 2047).
    const subject = /^[\x20-\x7e]*$/.test(mail.subject) ? mail.subject : `=?utf-8?B?${Buffer.from(mail.subject).toString('base64')}?=`;
    const head = [`From: <${mail.from}>`, `To: ${to.map((a) => `<${a}>`).join(', ')}`, `Subject: ${subject}`, `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`, `Message-ID: <${id}>`, 'MIME-Version: 1.0', 'Content-Type: text/plain; charset=utf-8', ...(mail.headers ?? [])];
    return await say([...head, '', (mail.text ?? 'Hello.').replaceAll(/^\./gm, '..'), '.'].join('\r\n'));
  } finally {
    socket.end('QUIT\r\n');
    socket.destroy();
  }
}

/** The next host: takes all mail, and remembers what it took. */
export function startSink(port = 0): Promise<{ port: number; taken: string[]; close: () => Promise<void> }> {
  const taken: string[] = [];
  const server: Server = createServer((socket) => {
    let data: string | null = null;
    let waiting = '';
    socket.on('error', () => socket.destroy());
    socket.write('220 partner.fabrikam.example ESMTP\r\n');
    socket.on('data', (chunk) => {
      waiting += String(chunk);
      for (let end = waiting.indexOf('\r\n'); end >= 0; end = waiting.indexOf('\r\n')) {
        const line = waiting.slice(0, end);
        waiting = waiting.slice(end + 2);
        if (data !== null) {
          if (line === '.') {
            taken.push(data);
            data = null;
            socket.write('250 2.0.0 queued as F00D\r\n');
          } else data += `${line}\n`;
        } else if (/^DATA/i.test(line)) {
          data = '';
          socket.write('354 go on\r\n');
        } else if (/^QUIT/i.test(line)) socket.end('221 bye\r\n');
        else socket.write('250 ok\r\n');
      }
    });
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve({ port: typeof address === 'object' && address ? address.port : 0, taken, close: () => new Promise((done) => server.close(() => done())) });
    });
  });
}
