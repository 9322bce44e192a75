// What an answer says beside its rows: notes, and where nothing was found a text that says what was searched and what is near.

/** The text begins so, and runs to the end of the notes. */
const NOTHING = 'No message was found.';

/** A line, and the message it is about. */
export interface Line { text: string; trace: string | null }
/** A sentence, or a head with the lines below it. */
export interface Section extends Line { items: Line[] }

export function splitNotes(notes: string[]): { said: string[]; text: string[] } {
  const at = notes.indexOf(NOTHING);
  return at < 0 ? { said: notes, text: [] } : { said: notes.slice(0, at), text: notes.slice(at) };
}

const ID = /\s*\(([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\)$/;
const line = (text: string): Line => {
  const id = ID.exec(text);
  return { text: (id ? text.slice(0, id.index) : text).trim(), trace: id?.[1] ?? null };
};

/** The text taken apart: a line that ends with a colon heads the indented ones below it, the others stand for themselves. Of several texts what they have in common is said once. */
export function readNothing(texts: string[][]): Section[] {
  const sections: Section[] = [];
  for (const text of texts) {
    let current: Section | null = null;
    for (const one of text.filter((said) => said !== NOTHING)) {
      const read = line(one);
      if (one.startsWith('  ') && current) {
        if (!current.items.some((known) => known.text === read.text && known.trace === read.trace)) current.items.push(read);
        continue;
      }
      current = sections.find((section) => section.text === read.text) ?? null;
      if (!current) sections.push((current = { ...read, items: [] }));
    }
  }
  return sections;
}

/** The one row a pasted report is about, if it names one recipient. */
export function meantRow<R extends { RecipientAddress: string }>(notes: string[], rows: R[]): R | null {
  if (rows.length === 1) return rows[0] ?? null;
  const named = notes.map((note) => /^Pasted: (?:a delivery report|text), .*\b1 recipient \(([^()\s]+)\)/.exec(note)?.[1]?.toLowerCase()).find(Boolean);
  const meant = named ? rows.filter((row) => row.RecipientAddress.toLowerCase() === named) : [];
  return meant.length === 1 ? (meant[0] ?? null) : null;
}
