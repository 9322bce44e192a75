// Reads the Data of an event: `<root><MEP Name="…" String="…"/></root>`.
export interface Field { name: string; value: string }

/** Names and values in their order; custom data is taken apart into its own pairs. */
export function fields(data: string | null): Field[] {
  if (!data) return [];
  const document = new DOMParser().parseFromString(data, 'text/xml');
  return [...document.querySelectorAll('MEP')].flatMap((element) => {
    const name = element.getAttribute('Name') ?? '';
    const value = element.getAttribute('String') ?? element.getAttribute('Integer') ?? element.getAttribute('Blob') ?? '';
    return name === 'CustomData' ? custom(value) : [{ name, value }];
  });
}

/** `S:Queue=x;S:Attempts=1`: pairs separated by `;S:`, so that a value may hold a semicolon. */
export function custom(blob: string): Field[] {
  return blob.split(/;?S:/).filter(Boolean).map((pair) => {
    const at = pair.indexOf('=');
    return at < 0 ? { name: pair, value: '' } : { name: pair.slice(0, at), value: pair.slice(at + 1) };
  });
}

const SESSION = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(?=;|$)/i;

/** The SMTP session an event happened in, as the protocol log knows it: receiving and sending begin their context with it. */
export const sessionOf = (found: Field[]): string | null => SESSION.exec(found.find((f) => f.name === 'SourceContext')?.value ?? '')?.[0] ?? null;
