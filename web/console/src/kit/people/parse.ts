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

/** An address, a pattern with `*`, or the null sender. */
export function isAddress(text: string): boolean {
  if (text === '<>') return true;
  if (/[\s<>;,]/.test(text)) return false;
  return text.includes('*') ? text.length > 1 || text === '*' : /^[^@]+@[^@]+$/.test(text);
}
