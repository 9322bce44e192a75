// Addresses as people give them: typed one by one, or pasted as a list from anywhere.
export interface Parsed { addresses: string[]; refused: string[] }

/** Addresses, and `*` patterns, in pasted text: separated by `;`, `,`, blanks or lines; names and brackets fall away. */
export function parseAddresses(text: string): Parsed {
  const addresses: string[] = [];
  const refused: string[] = [];
  // Names may hold blanks and commas, so entries with brackets are taken first.
  const rest = text.replace(/(?:"[^"]*"\s*|[^<>;,\r\n"]*)<([^<>]*)>/g, (_, inner: string) => ` ${inner.trim() === '' ? '<>' : inner.trim()} `);
  for (const word of rest.split(/[\s;,]+/)) {
    const address = word.replace(/^mailto:/i, '').replace(/^["'(]+|["')]+$/g, '');
    if (address === '') continue;
    if (!isAddress(address)) refused.push(address);
    else if (!addresses.some((a) => a.toLowerCase() === address.toLowerCase())) addresses.push(address);
  }
  return { addresses, refused };
}

/** The same for a search, in which a word that stands alone is a part of an address. Of several beside each other, such as a name, nobody knows which was meant. */
export function parseSearched(text: string): Parsed {
  const found = text.split(/[;,\r\n]+/).map((part) => (partPattern(part) ? { addresses: [partPattern(part) ?? ''], refused: [] } : parseAddresses(part)));
  // A quoted name may hold a comma: where the parts are wrong the whole may be right.
  if (found.some((part) => part.refused.length > 0) && /[<"]/.test(text)) return parseAddresses(text);
  return { addresses: [...new Set(found.flatMap((part) => part.addresses))], refused: found.flatMap((part) => part.refused) };
}

/** `partner` as `*partner*`; null for what is no part of an address. */
export function partPattern(text: string): string | null {
  const word = text.trim();
  return /^[^\s@*<>"'();,:\\]+$/.test(word) ? `*${word}*` : null;
}

/** The word that a pattern looks for anywhere in an address; null for other patterns. */
export const partOf = (pattern: string): string | null => /^\*([^*@]+)\*$/.exec(pattern)?.[1] ?? null;

/** An address, a pattern with `*`, or the null sender. */
export function isAddress(text: string): boolean {
  if (text === '<>') return true;
  if (/[\s<>;,]/.test(text)) return false;
  return text.includes('*') ? text.length > 1 || text === '*' : /^[^@]+@[^@]+$/.test(text);
}
