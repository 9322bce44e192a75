// Finds what a reader cannot see in text that strangers wrote: marks that turn the direction, take no width or control a terminal.
export type Piece = { text: string; mark: false } | { text: string; mark: true; name: string };

// Controls but the blank ones; soft hyphen; Arabic letter mark; zero-width and direction marks; separators; invisible operators;
// byte order mark; variation and tag characters that carry hidden text; interlinear marks; halves of a pair alone.
const HIDDEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]|[\u{e0000}-\u{e0fff}]|\p{Surrogate}/gu;

const NAMES: Record<string, string> = {
  0: 'NUL', d: 'CR', '1b': 'ESC', '7f': 'DEL', ad: 'SHY', '61c': 'ALM', '200b': 'ZWSP', '200c': 'ZWNJ', '200d': 'ZWJ', '200e': 'LRM', '200f': 'RLM',
  '2028': 'LS', '2029': 'PS', '202a': 'LRE', '202b': 'RLE', '202c': 'PDF', '202d': 'LRO', '202e': 'RLO', '2060': 'WJ', '2066': 'LRI', '2067': 'RLI',
  '2068': 'FSI', '2069': 'PDI', feff: 'BOM',
};

/** The text in pieces; each hidden character is a piece of its own, with the name it is known by. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(HIDDEN)) {
    const character = match[0];
    // A joiner between pictures or within a script that needs it is no trick.
    if (character === '\u200d' && isPicture(text, match.index)) continue;
    if (match.index > from) found.push({ text: text.slice(from, match.index), mark: false });
    const code = (character.codePointAt(0) ?? 0).toString(16);
    found.push({ text: character, mark: true, name: NAMES[code] ?? `U+${code.toUpperCase().padStart(4, '0')}` });
    from = match.index + character.length;
  }
  if (from < text.length) found.push({ text: text.slice(from), mark: false });
  return found;
}

function isPicture(text: string, at: number): boolean {
  return /\p{Extended_Pictographic}\ufe0f?\p{Emoji_Modifier}?$/u.test(text.slice(Math.max(0, at - 5), at)) && /^\p{Extended_Pictographic}/u.test(text.slice(at + 1));
}

/** For places that take only text, such as a title: hidden characters by name, in brackets. */
export const visible = (text: string): string => pieces(text).map((p) => (p.mark ? `[${p.name}]` : p.text)).join('');
