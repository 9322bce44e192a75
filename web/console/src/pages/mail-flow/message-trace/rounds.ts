// What was read of a search: page after page, each with its place in the order of what happened, and all of them as one list.
import type { Answer } from '@api/client';
import { splitNotes } from './answer';
import { rowKey, type TraceRow } from './shapes';

let latest = 0;
/** Numbers what happens here in its order. A clock would not do: it gives one time to two things, and it is put back. */
export const moment = (): number => (latest += 1);

/** A page of the list. */
export interface Round {
  /** The moment before it was asked for: what a stream had told by then is in it. */
  asked: number;
  /** One for each question; none for a question that has no further page. */
  answers: (Answer<TraceRow> | null)[];
}

/** The rows of all pages. */
export interface Loaded {
  rows: readonly TraceRow[];
  /** When each row was asked for. */
  asked: readonly number[];
  /** How many rows more than one question found. */
  twice: number;
}

interface Read { row: TraceRow; asked: number }
const newestFirst = (a: Read, b: Read) => (a.row.Received < b.row.Received ? 1 : a.row.Received > b.row.Received ? -1 : 0);
const asLoaded = (all: Read[], twice: number): Loaded => ({ rows: all.map(({ row }) => row), asked: all.map(({ asked }) => asked), twice });

/** The rows of several questions in one order, newest first; a row that both found stands once. What is older than the last row of a question that has more is held back: its own next page may come before it. */
export function together(rounds: readonly Round[]): Loaded {
  const lists = (rounds[0]?.answers ?? []).map((_, i) => rounds.flatMap(({ asked, answers }) => (answers[i]?.rows ?? []).map((row) => ({ row, asked }))));
  if (lists.length <= 1) return asLoaded(lists[0] ?? [], 0);
  const last = rounds.at(-1)?.answers ?? [];
  const held = lists.map((all, i) => (last[i]?.next ? (all.at(-1)?.row.Received ?? '') : '')).reduce((a, b) => (a > b ? a : b), '');
  const all = lists.flat();
  const byKey = new Map(all.map((read) => [rowKey(read.row), read]));
  return asLoaded([...byKey.values()].filter(({ row }) => row.Received >= held).sort(newestFirst), all.length - byKey.size);
}

/** What the answers say together of the first page. */
export function joined(answers: Answer<TraceRow>[], twice: number): Answer<TraceRow> | undefined {
  const [first, ...others] = answers;
  if (!first || others.length === 0) return first;
  const once = <V>(lists: V[][]) => [...new Map(lists.flat().map((value) => [JSON.stringify(value), value])).values()];
  const count = answers.reduce<number | null>((sum, answer) => (sum === null || answer.count === null ? null : sum + answer.count), -twice);
  return { ...first, rows: [], count, gaps: once(answers.map((a) => a.gaps)), warnings: once(answers.map((a) => a.warnings)), notes: once(answers.map((a) => splitNotes(a.notes).said)) };
}
