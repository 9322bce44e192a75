// Where the stations of a message stand in its picture: one column per step, one line per end.
import { shownStatus, type Hop, type TraceEvent, type TraceTree, type TreeNode } from './shapes';

export interface Station { id: string; kind: 'sender' | 'server' | 'step' | 'end'; title: string; detail: string; /** The detail without anything left out. */ whole: string; status: string | null; column: number; line: number; parent: string | null }
/** So many ends are drawn; the tree beside shows all. */
export const ENDS_MAX = 40;

/** A station before it has its place. */
interface Part extends Pick<Station, 'kind' | 'title' | 'detail' | 'whole' | 'status'> { parts: Part[] }
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

/** A reply is whole up to its first words, what was refused says the reply, and other sentences end where they begin to explain. */
export function short(node: Pick<TreeNode, 'Folder' | 'Detail'>): string {
  if (node.Folder) return node.Folder;
  const detail = node.Detail ?? '';
  const reply = /^(?:Refused at [^:]*: )?([245]\d\d[ -].*)$/s.exec(detail)?.[1];
  return reply ? (reply.split(/[;:,.](?=\s)|[;,.]$| \(/)[0] ?? '') : (detail.split(/[:.,](?=\s)|[:.,]$| after /)[0] ?? '');
}

const ofNode = (node: TreeNode): Part => ({ kind: node.Nodes.length > 0 ? 'step' : 'end', title: node.RecipientAddress, detail: short(node), whole: node.Detail ?? node.Folder ?? '', status: shownStatus(node), parts: node.Nodes.map(ofNode) });

/** The whole message with the recipient who is asked about, if that one was refused before there was a message for it: the tree has only those it was received for. */
export function withRefused(tree: TraceTree, first: Pick<TraceEvent, 'Status' | 'Stage' | 'Place' | 'Evidence'>, recipient: string, detail: string | null): TraceTree {
  const among = (nodes: TreeNode[]): boolean => nodes.some((node) => node.RecipientAddress.toLowerCase() === recipient.toLowerCase() || among(node.Nodes));
  if (shownStatus(first) !== 'Refused' || among(tree.Nodes)) return tree;
  const node: TreeNode = { RecipientAddress: recipient, Status: first.Status, Stage: first.Stage ?? undefined, Detail: detail ?? first.Evidence, Place: first.Place, ReplacedBy: null, FinalRecipientAddress: null, FinalStatus: null, Folder: null, ToIP: null, Counts: {}, ShownBefore: false, Nodes: [] };
  return { ...tree, Counts: { ...tree.Counts, Refused: (tree.Counts?.Refused ?? 0) + 1 }, Nodes: [...tree.Nodes, node] };
}

const WAITED_FOR = ['Pending', 'GettingStatus'];

/** Whether those that a recipient of the tree stands for are all done with, delivered or not; null where it stands for itself. */
export function allEnded(nodes: readonly TreeNode[], recipient: string): boolean | null {
  for (const node of nodes) {
    if (node.RecipientAddress === recipient && node.Nodes.length > 0) return !WAITED_FOR.some((status) => (node.Counts?.[status] ?? 0) > 0);
    const below = allEnded(node.Nodes, recipient);
    if (below !== null) return below;
  }
  return null;
}

/** What follows the sender: our server, or the places in the order in which one handed to the next. */
function afterSender(tree: TraceTree, around: Around): Part[] {
  const { hops } = around;
  if (hops.length === 0) return [{ kind: 'server', title: around.server, detail: tree.Direction ?? '', whole: tree.Direction ?? '', status: null, parts: tree.Nodes.map(ofNode) }];
  const places = new Map(hops.map((hop): [string, Part] => [hop.Place, { kind: 'server', title: hop.Place, detail: around.say(hop), whole: around.say(hop), status: null, parts: [] }]));
  const roots: Part[] = [];
  for (const hop of hops) {
    const part = places.get(hop.Place);
    const before = hop.From && hop.From !== hop.Place ? places.get(hop.From) : undefined;
    if (part) (before?.parts ?? roots).push(part);
  }
  const last = hops.at(-1)?.Place ?? '';
  for (const node of tree.Nodes) places.get(node.Place && places.has(node.Place) && (node.RecipientAddress !== around.current || node.Stage === 'NotReceived') ? node.Place : last)?.parts.push(ofNode(node));
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
  placed.push({ id: 'sender', kind: 'sender', title: tree.SenderAddress || '<>', detail: tree.FromIP ?? '', whole: tree.FromIP ?? '', status: null, column: 0, line: middle, parent: null });
  return { stations: placed, columns, lines: Math.max(1, lines), hidden };
}
