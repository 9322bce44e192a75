// Messages that belong to one: the same Message-ID, and what its tree links, such as the report on it, or the message a report is about.
import { runCmdlet } from '@api/client';
import type { TraceRow, TraceTree } from './shapes';

/** Of more, those beyond are found by their Message-ID alone. */
const ASKED_MAX = 20;

const treeOf = async (MessageTraceId: string) => (await runCmdlet<'Get-MessageTraceTree', TraceTree>('Get-MessageTraceTree', { MessageTraceId })).rows[0];

/** The Message-IDs by which all of them are found; each reading of a tree is a look-up in the audit log. */
export async function relatedIds(rows: Pick<TraceRow, 'MessageTraceId' | 'MessageId'>[], mayLink: boolean): Promise<string[]> {
  const found = new Set(rows.flatMap((row) => row.MessageId ?? []));
  if (!mayLink) return [...found];
  const asked = new Set(rows.map((row) => row.MessageTraceId));
  const trees = await Promise.all([...asked].slice(0, ASKED_MAX).map(treeOf));
  const linked = new Set(trees.flatMap((tree) => (tree?.Linked ?? []).flatMap((one) => one.MessageTraceId ?? [])).filter((id) => !asked.has(id)));
  const others = await Promise.all([...linked].slice(0, ASKED_MAX).map(treeOf));
  for (const tree of [...trees, ...others]) if (tree?.MessageId) found.add(tree.MessageId);
  return [...found];
}
