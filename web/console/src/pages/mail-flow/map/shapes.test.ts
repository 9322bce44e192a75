import { expect, test } from 'vitest';
import { layout, PLACES_MAX, stroke, type PlaceKind, type Way } from './shapes';

const way = (FromKind: PlaceKind, From: string, ToKind: PlaceKind, To: string, Messages = 1, Failed = 0): Way => ({ FromKind, From, ToKind, To, Messages, Recipients: Messages, Failed, Deferred: 0, LastEvent: '2026-11-20T09:00:00Z' });

test('places stand in the order mail takes, and count what comes in', () => {
  const map = layout([
    way('Clients', 'Senders outside', 'ReceiveConnector', 'Default', 5, 2), way('ReceiveConnector', 'Default', 'Server', 'mx1', 5), way('Server', 'mx1', 'Mailboxes', 'Mailboxes', 4), way('Server', 'mx1', 'SendConnector', 'Internet', 1), way('SendConnector', 'Internet', 'NextHop', 'mx.fabrikam.example', 1),
  ]);
  expect(map.places.map((p) => `${p.column} ${p.name} ${p.messages} ${p.failed}`)).toEqual(['0 Senders outside 5 2', '1 Default 5 2', '2 mx1 5 0', '3 Mailboxes 4 0', '3 Internet 1 0', '4 mx.fabrikam.example 1 0']);
  expect(map.ways).toHaveLength(5);
  expect(map.columns).toBe(5);
});

test('who hands mail to the server itself stands beside the connectors', () => {
  const map = layout([way('Clients', 'Senders outside', 'ReceiveConnector', 'Default'), way('ReceiveConnector', 'Default', 'Server', 'mx1'), way('Clients', 'This server itself', 'Server', 'mx1')]);
  expect(map.places.map((p) => `${p.column} ${p.name}`)).toEqual(['0 Senders outside', '1 Default', '1 This server itself', '2 mx1']);
});

test('a column without places leaves no hole, and a long one is cut', () => {
  const hops = Array.from({ length: PLACES_MAX + 3 }, (_, i) => way('Server', 'mx1', 'SendConnector', `c${i}`, i + 1));
  const map = layout(hops);
  expect(map.places.filter((p) => p.kind === 'SendConnector')).toHaveLength(PLACES_MAX);
  expect(map.places.find((p) => p.kind === 'SendConnector')?.column).toBe(1);
  expect([map.left, map.columns]).toEqual([3, 2]);
});

test('more is wider', () => {
  expect([stroke(0), stroke(1), stroke(100) > stroke(10)]).toEqual([0, 1.5, true]);
});
