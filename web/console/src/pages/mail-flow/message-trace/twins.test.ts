import { expect, it } from 'vitest';
import type { SavedQuery } from './shapes';
import { untwinned } from './twins';

const query = (Identity: string, WhenCreated: string, Parameters: object): SavedQuery => ({ Identity, Name: Identity, Kind: 'Autosaved', WhenCreated, Parameters, Owner: 'admin', Description: null, Needs: null }) as unknown as SavedQuery;
const [at, after, later] = ['2026-11-22T10:00:00Z', '2026-11-22T10:00:01Z', '2026-11-22T10:05:00Z'];
const received = { RecipientAddress: ['kim@contoso.example'], Last: '7.00:00:00' };
const sent = { Last: '7.00:00:00', SenderAddress: ['kim@contoso.example'] };
const shown = (...queries: SavedQuery[]) => untwinned(queries).map((one) => [one.Identity, one.Parameters]);

it('somebody’s mail, sent and received, is one search again', () => {
  const both = { Address: ['kim@contoso.example'], Last: '7.00:00:00' };
  expect(shown(query('a', after, sent), query('x', after, { Last: '1.00:00:00' }), query('b', at, received))).toEqual([['a', both], ['x', { Last: '1.00:00:00' }]]);
});
it('two searches of their own stay two', () => {
  expect(shown(query('a', later, sent), query('b', at, received))).toHaveLength(2);
  expect(shown(query('a', at, { ...sent, Last: '1.00:00:00' }), query('b', at, received))).toHaveLength(2);
  expect(shown(query('a', at, { SenderAddress: ['ann@contoso.example'], Last: '7.00:00:00' }), query('b', at, received))).toHaveLength(2);
  expect(shown(query('a', at, received), query('b', at, received))).toHaveLength(2);
});
