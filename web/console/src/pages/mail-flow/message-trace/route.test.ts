import { describe, expect, it } from 'vitest';
import { allEnded, ENDS_MAX, short, stations, withRefused } from './route';
import type { Hop, TraceTree, TreeNode } from './shapes';

const node = (RecipientAddress: string, Nodes: TreeNode[] = [], Status = 'Delivered'): TreeNode => ({ RecipientAddress, Status, FinalRecipientAddress: RecipientAddress, FinalStatus: Status, Stage: 'Delivered', Detail: 'Delivered to Inbox', ReplacedBy: null, Folder: Nodes.length ? null : 'Inbox', ToIP: null, Place: null, Counts: {}, ShownBefore: false, Nodes });
const tree = (Nodes: TreeNode[]): TraceTree => ({ MessageTraceId: '1', MessageId: null, Received: '', SenderAddress: 'ann@contoso.example', FromAddress: 'ann@contoso.example', NetworkMessageId: '1', InternalMessageId: 1, Subject: null, FromIP: null, Direction: null, Size: 1, Counts: {}, Nodes, Linked: [] });

const hop = (Place: string, From: string | null): Hop => ({ Place, QueueIds: [], First: '', Last: '', From, Basis: From ? 'Certain' : null, SkewSeconds: From ? 0.15 : null });
const here = { hops: [] as Hop[], current: '', server: 'mx1', say: () => 'said' };

describe('the route of a message', () => {
  it('gives every end a line of its own and puts groups between theirs', () => {
    const drawn = stations(tree([node('team', [node('bob'), node('managers', [node('kim'), node('mimi')])])]), here);
    const at = Object.fromEntries(drawn.stations.map((s) => [s.title, [s.column, s.line]]));
    expect(at).toEqual({ bob: [3, 0], kim: [4, 1], mimi: [4, 2], managers: [3, 1.5], team: [2, 0.75], 'ann@contoso.example': [0, 0.75], mx1: [1, 0.75] });
    expect([drawn.columns, drawn.lines, drawn.hidden]).toEqual([5, 3, 0]);
  });
  it('says how many ends found no place', () => expect(stations(tree(Array.from({ length: ENDS_MAX + 7 }, (_, i) => node(`u${i}`))), here).hidden).toBe(7));
  it('draws the places in their order, and our server only where it had the message', () => {
    const hops = [hop('gw1', null), hop('exch01', 'gw1')];
    const drawn = stations(tree([node('ann'), { ...node('zoe', [], 'Failed'), Place: 'gw1' }]), { ...here, hops, current: 'ann' });
    expect(drawn.stations.map((s) => `${s.column} ${s.title} < ${s.parent?.split('/').at(-1) ?? ''}`).sort()).toEqual(['0 ann@contoso.example < ', '1 gw1 < sender', '2 exch01 < gw1', '2 zoe < gw1', '3 ann < exch01']);
  });
  it('draws the null sender', () => expect(stations({ ...tree([node('a')]), SenderAddress: '' }, here).stations.some((s) => s.title === '<>')).toBe(true));
});

describe('what stands in a box', () => {
  it.each([
    ['550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup', '550 5.1.10 RESOLVER.ADR.RecipientNotFound'],
    ['Refused at RCPT: 550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found', '550 5.1.10 RESOLVER.ADR.RecipientNotFound'],
    ['550 5.7.1 Unable to relay', '550 5.7.1 Unable to relay'],
    ['Handed on to mx1.fabrikam.example: 250 2.0.0 Ok: queued as ABC123', 'Handed on to mx1.fabrikam.example'],
    ['Deferred in queue [127.0.0.1], next attempt 2026-11-23T03:41:37Z: 441 4.4.1 Error', 'Deferred in queue [127.0.0.1]'],
    ['Quarantined.', 'Quarantined'],
  ])('of %s', (Detail, word) => expect(short({ Folder: null, Detail })).toBe(word));
});

describe('a recipient who was refused while others were not', () => {
  const first = { Status: 'Failed', Stage: 'NotReceived', Place: 'mx1', Evidence: '550 5.1.10 RESOLVER.ADR.RecipientNotFound' } as const;
  const whole = tree([node('ann')]);
  it('is drawn beside them', () => {
    const drawn = stations(withRefused(whole, first, 'nosuch', null), { ...here, current: 'nosuch' });
    expect(drawn.stations.filter((s) => s.kind === 'end').map((s) => `${s.title} ${s.status} ${s.detail}`)).toEqual(['ann Delivered Inbox', 'nosuch Refused 550 5.1.10 RESOLVER.ADR.RecipientNotFound']);
  });
  it('is drawn at the place that refused', () => {
    const drawn = stations(withRefused(whole, { ...first, Place: 'gw1' }, 'nosuch', null), { ...here, hops: [hop('gw1', null), hop('exch01', 'gw1')], current: 'nosuch' });
    expect(drawn.stations.find((s) => s.title === 'nosuch')?.parent).toBe('sender/gw1');
  });
  it('is not drawn twice, nor anybody who was not refused', () => {
    expect(withRefused(whole, first, 'Ann', null)).toBe(whole);
    expect(withRefused(whole, { ...first, Stage: 'NotDelivered' }, 'nosuch', null)).toBe(whole);
  });
});

describe('those that a group stands for', () => {
  const group = (Counts: Record<string, number>) => [node('staff', [{ ...node('team', [node('bob')]), Counts }])];
  it('are done with when nobody waits', () => expect([allEnded(group({ Delivered: 2, Failed: 1 }), 'team'), allEnded(group({ Delivered: 2, Pending: 1 }), 'team'), allEnded(group({}), 'bob')]).toEqual([true, false, null]));
});
