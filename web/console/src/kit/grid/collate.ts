// Words in the order people expect, numbers within them by value. Intl.Collator knows every script, but takes seconds for 100,000 rows; for
// plain English text its order is known, so each word is turned once into a key that a bare comparison puts in the same order.
export interface Collation {
  /** What `compare` takes for a text. */
  key: (text: string) => string;
  compare: (a: string, b: string) => number;
}

const PLAIN = /^[\t\n\r\x20-\x7e]*$/;
/** The order of Unicode's root collation; digits stand for any number. */
const ORDER = '\t\n\r _-,;:!?.\'"()[]{}@*/\\&#%`^+<=>|~$0abcdefghijklmnopqrstuvwxyz';
const PLACE = new Map([...ORDER].map((character, i) => [character, String.fromCharCode(0x100 + i)]));
const NUMBER = PLACE.get('0') ?? '';

const place = (character: string): string => PLACE.get(character) ?? character;

export const plainCollation: Collation = {
  key: (text) => text.toLowerCase().replace(/\d+|[^\d]/g, (part) => {
    if (part >= '0' && part < ':') {
      const digits = part.replace(/^0+(?=.)/, '');
      // A longer number is a greater one.
      return NUMBER + String.fromCharCode(digits.length) + digits;
    }
    return place(part);
  }),
  compare: (a, b) => (a < b ? -1 : a > b ? 1 : 0),
};

function intlCollation(locale: string): Collation {
  const collator = new Intl.Collator(locale, { numeric: true, sensitivity: 'base' });
  return { key: (text) => text, compare: collator.compare };
}

const isPlain = (text: string): boolean => PLAIN.test(text);

/** For these texts: the plain one if they all are plain English. */
export const collationOf = (locale: string, texts: Iterable<string>): Collation => (locale.startsWith('en') && [...texts].every(isPlain) ? plainCollation : intlCollation(locale));

/** Whether more texts can be put in order by it. */
export const suits = (collation: Collation, texts: string[]): boolean => collation !== plainCollation || texts.every(isPlain);
