import { describe, expect, it } from 'vitest';
import { fromAddress } from '@kit/search/fields';
import { fields } from '../../tracking/tracking-log/conditions';
import { fromSearch } from '../message-trace/query';
import { logPath, serverOf, tracePath } from './links';
import type { PlaceKind } from './shapes';

const span = { start: '2026-11-21T10:00:00.000Z', server: 'mx1.contoso.example' };
const of = { Start: span.start, Server: span.server };
const log = (kind: PlaceKind, name = '') => {
  const path = logPath({ kind, name }, span);
  return path && fromAddress(fields, new URLSearchParams(path.split('?')[1]));
};

describe('a place of the map leads to the events it counts', () => {
  it.each<[PlaceKind, string, object]>([
    ['ReceiveConnector', 'Default mx1', { EventId: ['RECEIVE', 'REFUSED'], ConnectorId: 'Default mx1' }],
    ['SendConnector', 'Internet', { EventId: ['SEND', 'SENDEXTERNAL', 'DEFER', 'FAIL'], ConnectorId: 'Internet' }],
    ['Mailboxes', 'Mailboxes', { EventId: ['DELIVER'] }],
    ['NotDelivered', 'Not delivered', { EventId: ['FAIL'], Source: ['ROUTING', 'QUEUE', 'STOREDRIVER', 'ADMIN', 'AGENT'] }],
    ['Dropped', 'Dropped silently', { EventId: ['DROP'] }],
  ])('%s', (kind, name, what) => expect(log(kind, name)).toEqual({ ...of, ...what }));
  it('or nowhere', () => expect([log('Clients'), log('Server', 'mx1'), log('NextHop', 'mx.fabrikam.example'), log('SendConnector', '(not named)'), log('ReceiveConnector', '(others)')]).toEqual([null, null, null, null, null]));
  it('of the server that it is drawn of', () => {
    expect(serverOf([{ FromKind: 'Clients', From: 'x', ToKind: 'ReceiveConnector', To: 'c' }, { FromKind: 'ReceiveConnector', From: 'c', ToKind: 'Server', To: 'mx1' }])).toBe('mx1');
    expect(serverOf([])).toBeNull();
  });
  it('in the trace, for whoever may not read the log', () => {
    const trace = (kind: PlaceKind) => fromSearch(new URLSearchParams(tracePath({ kind }, span)?.split('?')[1]));
    expect(trace('Mailboxes')).toEqual({ StartDate: span.start, Place: [span.server], EventId: ['DELIVER'], Status: ['Delivered'] });
    expect(trace('Dropped')).toEqual({ StartDate: span.start, Place: [span.server], EventId: ['DROP'], Status: ['Failed'] });
    expect(tracePath({ kind: 'SendConnector' }, span)).toBeNull();
  });
});
