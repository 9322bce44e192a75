import { describe, expect, it } from 'vitest';
import { ENDS_MAX, stations } from './route';
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
