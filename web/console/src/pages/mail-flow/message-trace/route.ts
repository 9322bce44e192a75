// Where the stations of a message stand in its picture: one column per step, one line per end.
import { shownStatus, type TraceTree, type TreeNode } from './shapes';

export interface Station { id: string; kind: 'sender' | 'server' | 'step' | 'end'; title: string; detail: string; status: string | null; column: number; line: number; parent: string | null }
/** So many ends are drawn; the tree beside shows all. */
export const ENDS_MAX = 40;

function short(node: TreeNode): string {
  if (node.Folder) return node.Folder;
  const detail = node.Detail ?? '';
  const word = detail.split(/[:.,]| after /)[0] ?? '';
  return word.length > 44 ? `${word.slice(0, 43)}…` : word;
}

export function stations(tree: TraceTree, sender: string, server: string): { stations: Station[]; columns: number; lines: number; hidden: number } {
  const placed: Station[] = [];
  let lines = 0;
  let hidden = 0;
  let columns = 2;
  const place = (node: TreeNode, column: number, parent: string): number | null => {
    const id = `${parent}/${node.RecipientAddress}`;
    if (node.Nodes.length === 0 && lines >= ENDS_MAX) {
      hidden += 1;
      return null;
    }
    columns = Math.max(columns, column + 1);
    const mine = node.Nodes.map((child) => place(child, column + 1, id)).filter((line) => line !== null);
    const line = mine.length > 0 ? ((mine[0] ?? 0) + (mine.at(-1) ?? 0)) / 2 : lines++;
    placed.push({ id, kind: node.Nodes.length > 0 ? 'step' : 'end', title: node.RecipientAddress, detail: short(node), status: shownStatus(node), column, line, parent });
    return line;
  };
  const tops = tree.Nodes.map((node) => place(node, 2, 'server')).filter((line) => line !== null);
  const middle = tops.length > 0 ? ((tops[0] ?? 0) + (tops.at(-1) ?? 0)) / 2 : 0;
  placed.push({ id: 'sender', kind: 'sender', title: tree.SenderAddress || '<>', detail: tree.FromIP ?? '', status: null, column: 0, line: middle, parent: null });
  placed.push({ id: 'server', kind: 'server', title: server, detail: sender, status: null, column: 1, line: middle, parent: 'sender' });
  return { stations: placed, columns, lines: Math.max(1, lines), hidden };
}
