// Where the stations of a message stand in its picture: one column per step, one line per end.
import { shownStatus, type Hop, type TraceTree, type TreeNode } from './shapes';

export interface Station { id: string; kind: 'sender' | 'server' | 'step' | 'end'; title: string; detail: string; status: string | null; column: number; line: number; parent: string | null }
/** So many ends are drawn; the tree beside shows all. */
export const ENDS_MAX = 40;

/** A station before it has its place. */
interface Part { kind: Station['kind']; title: string; detail: string; status: string | null; parts: Part[] }
interface Around {
  /** The places it passed, with what each join rests on; empty where only our server had it. */
  hops: Hop[];
  /** Whose places these are. */
  current: string;
  /** Our server, for a message that passed no other place. */
  server: string;
  /** What is said of a place beside its name. */
  say: (hop: Hop) => string;
}

function short(node: TreeNode): string {
  if (node.Folder) return node.Folder;
  const detail = node.Detail ?? '';
  const word = detail.split(/[:.,]| after /)[0] ?? '';
  return word.length > 44 ? `${word.slice(0, 43)}…` : word;
}

const ofNode = (node: TreeNode): Part => ({ kind: node.Nodes.length > 0 ? 'step' : 'end', title: node.RecipientAddress, detail: short(node), status: shownStatus(node), parts: node.Nodes.map(ofNode) });

/** What follows the sender: our server, or the places in the order in which one handed to the next. */
function afterSender(tree: TraceTree, around: Around): Part[] {
  const { hops } = around;
  if (hops.length === 0) return [{ kind: 'server', title: around.server, detail: tree.Direction ?? '', status: null, parts: tree.Nodes.map(ofNode) }];
  const places = new Map(hops.map((hop): [string, Part] => [hop.Place, { kind: 'server', title: hop.Place, detail: around.say(hop), status: null, parts: [] }]));
  const roots: Part[] = [];
  for (const hop of hops) {
    const part = places.get(hop.Place);
    const before = hop.From && hop.From !== hop.Place ? places.get(hop.From) : undefined;
    if (part) (before?.parts ?? roots).push(part);
  }
  const last = hops.at(-1)?.Place ?? '';
  for (const node of tree.Nodes) places.get(node.Place && places.has(node.Place) && node.RecipientAddress !== around.current ? node.Place : last)?.parts.push(ofNode(node));
  return roots;
}

export function stations(tree: TraceTree, around: Around): { stations: Station[]; columns: number; lines: number; hidden: number } {
  const placed: Station[] = [];
  let lines = 0;
  let hidden = 0;
  let columns = 2;
  const place = ({ parts, ...shown }: Part, column: number, parent: string): number | null => {
    const id = `${parent}/${shown.title}`;
    if (parts.length === 0 && lines >= ENDS_MAX) {
      hidden += 1;
      return null;
    }
    columns = Math.max(columns, column + 1);
    const mine = parts.map((part) => place(part, column + 1, id)).filter((line) => line !== null);
    const line = mine.length > 0 ? ((mine[0] ?? 0) + (mine.at(-1) ?? 0)) / 2 : lines++;
    placed.push({ ...shown, id, column, line, parent });
    return line;
  };
  const tops = afterSender(tree, around).map((part) => place(part, 1, 'sender')).filter((line) => line !== null);
  const middle = tops.length > 0 ? ((tops[0] ?? 0) + (tops.at(-1) ?? 0)) / 2 : 0;
  placed.push({ id: 'sender', kind: 'sender', title: tree.SenderAddress || '<>', detail: tree.FromIP ?? '', status: null, column: 0, line: middle, parent: null });
  return { stations: placed, columns, lines: Math.max(1, lines), hidden };
}
