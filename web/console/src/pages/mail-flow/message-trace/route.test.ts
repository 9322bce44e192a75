import { describe, expect, it } from 'vitest';
import { ENDS_MAX, stations } from './route';
import type { TraceTree, TreeNode } from './shapes';

const node = (RecipientAddress: string, Nodes: TreeNode[] = [], Status = 'Delivered'): TreeNode => ({ RecipientAddress, Status, FinalRecipientAddress: RecipientAddress, FinalStatus: Status, Stage: 'Delivered', Detail: 'Delivered to Inbox', ReplacedBy: null, Folder: Nodes.length ? null : 'Inbox', ToIP: null, Place: null, Counts: {}, ShownBefore: false, Nodes });
const tree = (Nodes: TreeNode[]): TraceTree => ({ MessageTraceId: '1', MessageId: null, Received: '', SenderAddress: 'ann@contoso.example', FromAddress: 'ann@contoso.example', NetworkMessageId: '1', InternalMessageId: 1, Subject: null, FromIP: null, Direction: null, Size: 1, Counts: {}, Nodes, Linked: [] });

describe('the route of a message', () => {
  it('gives every end a line of its own and puts groups between theirs', () => {
    const drawn = stations(tree([node('team', [node('bob'), node('managers', [node('kim'), node('mimi')])])]), '', 'mx1');
    const at = Object.fromEntries(drawn.stations.map((s) => [s.title, [s.column, s.line]]));
    expect(at).toEqual({ bob: [3, 0], kim: [4, 1], mimi: [4, 2], managers: [3, 1.5], team: [2, 0.75], 'ann@contoso.example': [0, 0.75], mx1: [1, 0.75] });
    expect([drawn.columns, drawn.lines, drawn.hidden]).toEqual([5, 3, 0]);
  });
  it('says how many ends found no place', () => expect(stations(tree(Array.from({ length: ENDS_MAX + 7 }, (_, i) => node(`u${i}`))), '', 'mx1').hidden).toBe(7));
  it('draws the null sender', () => expect(stations({ ...tree([node('a')]), SenderAddress: '' }, '', 'mx1').stations.some((s) => s.title === '<>')).toBe(true));
});
