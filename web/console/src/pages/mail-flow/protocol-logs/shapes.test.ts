import { expect, test } from 'vitest';
import { inOrder, lineKey, refuses, said, type LogLine } from './shapes';

const line = (SequenceNumber: number, Data: string, Context = ''): LogLine => ({ Timestamp: '2026-11-20T09:00:00.000Z', Direction: 'Send', ConnectorId: 'Internet', SessionId: 's', SequenceNumber, LocalEndpoint: '192.0.2.1:40000', RemoteEndpoint: '192.0.2.2:25', Event: 'Receive', Data, Context });

test('a session is read from its beginning', () => {
  expect(inOrder([line(2, 'c'), line(0, 'a'), line(1, 'b')]).map((l) => l.Data)).toEqual(['a', 'b', 'c']);
  expect(lineKey(line(2, 'c'))).toBe('s 2');
});

test('what a line says, and whether it refuses', () => {
  expect(said(line(0, '', 'attempting to connect'))).toBe('attempting to connect');
  expect(said(line(0, 'TLS1.3 X', 'TLS negotiation succeeded'))).toBe('TLS1.3 X · TLS negotiation succeeded');
  expect([refuses(line(0, '550 5.1.1 no')), refuses(line(0, '450-busy')), refuses(line(0, '250 ok')), refuses(line(0, 'RCPT TO:<550@x.example>'))]).toEqual([true, true, false, false]);
});
