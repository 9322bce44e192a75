// Somebody's mail, sent and received, is asked for by two searches and kept as two: of what was run lately they are one again.
import { questions, type TraceSearch } from './query';
import type { SavedQuery } from './shapes';

/** Two questions of one search are asked at once. */
const TOGETHER_MS = 10_000;

const sorted = (search: object): string => JSON.stringify(Object.entries(search).sort(([a], [b]) => (a < b ? -1 : 1)));

/** The search whose two questions these are; null where they are two searches. */
function asOne(one: TraceSearch, other: TraceSearch): TraceSearch | null {
  for (const [received, sent] of [[one, other], [other, one]] as const) {
    const { RecipientAddress: Address, ...rest } = received;
    if (!Address?.length || rest.SenderAddress) continue;
    const search = { Address: Address as string[], ...rest };
    const asked = questions(search).map(sorted);
    if (asked[0] === sorted(received) && asked[1] === sorted(sent)) return search;
  }
  return null;
}

/** The searches that were run lately, each once. */
export function untwinned(queries: SavedQuery[]): SavedQuery[] {
  const left = [...queries];
  const found: SavedQuery[] = [];
  for (let query = left.shift(); query; query = left.shift()) {
    const one = query;
    const at = left.findIndex((other) => Math.abs(Date.parse(other.WhenCreated ?? '') - Date.parse(one.WhenCreated ?? '')) <= TOGETHER_MS && asOne(one.Parameters as TraceSearch, other.Parameters as TraceSearch));
    const twin = at < 0 ? undefined : left.splice(at, 1)[0];
    found.push(twin ? { ...one, Parameters: asOne(one.Parameters as TraceSearch, twin.Parameters as TraceSearch) as SavedQuery['Parameters'] } : one);
  }
  return found;
}
