// Logs of a gateway and of an Exchange server that the same message went through, an hour ago.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Postroom } from './server';

const FIELDS = 'date-time,client-ip,client-hostname,server-ip,server-hostname,source-context,connector-id,source,event-id,internal-message-id,message-id,network-message-id,recipient-address,recipient-status,total-bytes,recipient-count,related-recipient-address,reference,message-subject,sender-address,return-path,message-info,directionality,tenant-id,original-client-ip,original-server-ip,custom-data,transport-traffic-type,log-id,schema-version';
const ID = '11111111-2222-3333-4444-08dbaaaaaaaa';

export async function logsOfOthers(postroom: Postroom): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'postroom-logs-'));
  const begun = Math.floor(Date.now() / 1000) * 1000 - 3_600_000;
  const at = (ms: number) => new Date(begun + ms);
  const write = (name: string, lines: string[]) => {
    const path = join(folder, name);
    writeFileSync(path, `${lines.join('\n')}\n`);
    return path;
  };
  // The clock of a mail log is local, without a year: here it is UTC.
  const mail = (ms: number, text: string) => {
    const [, day, month, , time] = at(ms).toUTCString().split(' ');
    return `${month} ${day?.replace(/^0/, ' ')} ${time} gw1 postfix/${text}`;
  };
  const tracked = (ms: number, source: string, event: string, server: string) =>
    `${at(ms).toISOString()},10.0.0.2,gw1,10.0.0.5,${server},,,${source},${event},9876543210,<j1@fab.example>,${ID},ann@contoso.example,,3000,1,,,Quote,joe@fab.example,joe@fab.example,,Incoming,,10.0.0.2,10.0.0.5,S:DeliveryPriority=Normal,Email,a1b2c3d4-0000-4000-8000-${String(ms).padStart(12, '0')},15.02.1118.007`;
  const exchange = write('MSGTRK1.LOG', ['#Software: Microsoft Exchange Server', '#Version: 15.02.1118.007', '#Log-type: Message Tracking Log', `#Date: ${at(0).toISOString()}`, `#Fields: ${FIELDS}`, tracked(2_150, 'SMTP', 'RECEIVE', 'exch01'), tracked(3_000, 'STOREDRIVER', 'DELIVER', 'exch02')]);
  const gateway = write('mail.log', [
    mail(0, 'smtpd[100]: 4VbQkL0RvMz1XyB: client=mail.fab.example[198.51.100.9]'),
    mail(0, 'cleanup[101]: 4VbQkL0RvMz1XyB: message-id=<j1@fab.example>'),
    mail(0, 'qmgr[102]: 4VbQkL0RvMz1XyB: from=<joe@fab.example>, size=2048, nrcpt=1 (queue active)'),
    mail(2_000, 'smtp[103]: 4VbQkL0RvMz1XyB: to=<ann@contoso.example>, relay=exch01.contoso.example[10.0.0.5]:25, delay=2, delays=0.1/0/0.1/1.8, dsn=2.6.0, status=sent (250 2.6.0 <j1@fab.example> [InternalId=9876543210, Hostname=exch01.contoso.example] 3000 bytes in 0.1, 20 KB/sec Queued mail for delivery)'),
    mail(2_000, 'qmgr[102]: 4VbQkL0RvMz1XyB: removed'),
  ]);
  await postroom.run('Import-MessageTrace', { Path: exchange, Place: 'exch01' });
  await postroom.run('Import-MessageTrace', { Path: gateway, Place: 'gw1' });
}
