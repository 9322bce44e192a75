// A pasted text in the address: a short one as it is; a long one stays in this window, and the address holds its name.
const SHORT = 1_000;
const KEPT = 'postroom.pasted.';

function hash(text: string): string {
  let sum = 5381;
  for (let i = 0; i < text.length; i += 1) sum = (Math.imul(sum, 33) ^ text.charCodeAt(i)) >>> 0;
  return `${sum.toString(36)}-${text.length.toString(36)}`;
}

/** The parameters of the address for a text. */
export function pastedSearch(text: string): Record<string, string> {
  if (text.length <= SHORT) return { Paste: text };
  const name = hash(text);
  try {
    sessionStorage.setItem(KEPT + name, text);
  } catch {
    // There is no more room: the address then says that the text has to be pasted again.
  }
  return { pasted: name };
}

/** A further step of a search that holds a text, as the address takes it: the text stays with it, and so does the name of one that is not kept here. */
export function withPasted(next: object, pasted: string | null): object {
  const { Paste, ...rest } = next as { Paste?: string };
  if (Paste === undefined) return rest;
  return { ...rest, ...(Paste === '' ? { pasted: pasted ?? undefined } : pastedSearch(Paste)) };
}

/** The text the address stands for; null where it was kept in another window. */
export const pastedText = (name: string): string | null => sessionStorage.getItem(KEPT + name);
