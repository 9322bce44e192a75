import { expect, test } from 'vitest';
import { EMPTY, makeSchema, uploadLine, uploadPath } from './importForm';

const values = { ...EMPTY, from: 'computer' as const, Place: ' gateway ', TimeZone: 'Europe/Berlin', Year: '2026' };

test('a file of this computer is sent with what is known of it', () => {
  expect(uploadPath(values, 'mail log.1.gz')).toBe('/api/v1/imports?Name=mail+log.1.gz&Place=gateway&TimeZone=Europe%2FBerlin&Year=2026');
  expect(uploadLine(values, 'mail.log', 'kim', 'https://mx1')).toBe("curl -u kim --data-binary @mail.log -H 'Content-Type: application/octet-stream' 'https://mx1/api/v1/imports?Name=mail.log&Place=gateway&TimeZone=Europe%2FBerlin&Year=2026'");
});

test('a path is asked for where the file is on the server', () => {
  const ok = (given: object) => makeSchema().safeParse({ ...values, ...given }).success;
  expect([ok({}), ok({ from: 'server' }), ok({ from: 'server', Path: 'mail.log' }), ok({ from: 'server', Path: '/var/log/mail.log' }), ok({ Place: ' ' })]).toEqual([true, false, false, true, false]);
});
