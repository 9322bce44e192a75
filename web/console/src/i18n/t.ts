// Words of the interface: each page and part of the kit defines its own in English, next to where they are used.
//
//   const t = defineText('mail-flow.queues', { title: 'Queues', waiting: { one: '{n} message', other: '{n} messages' } });
//   t('waiting', { n: 3 })
//
// A translation is a file `src/i18n/locales/<locale>.json` with `{ "mail-flow.queues.title": "…" }`; what it lacks is shown
// in English, and the test beside this file says what it lacks. `ar-XB` is made, not translated: English words within marks, from right to
// left, so that a forgotten word or a layout that knows only one direction is seen.
export type Words = string | { one: string; other: string; [category: string]: string };
export type Values = Record<string, string | number>;
export type Translate<K extends string> = (key: K, values?: Values) => string;

export const TEST_LOCALE = 'ar-XB';
const RIGHT_TO_LEFT = /^(ar|fa|he|ur|yi)\b/;
const LOCALE_KEY = 'postroom.locale';

export const catalogue = new Map<string, Words>();
let translated: Record<string, Words> = {};
let locale = 'en';
let plural = new Intl.PluralRules('en');

export const currentLocale = (): string => locale;
/** The locale of numbers and dates: the test locale has the digits of English. */
export const formatLocale = (): string => (locale === TEST_LOCALE ? 'en-GB' : locale === 'en' ? (navigator.language.startsWith('en') ? navigator.language : 'en') : locale);
export const direction = (of = locale): 'ltr' | 'rtl' => (RIGHT_TO_LEFT.test(of) ? 'rtl' : 'ltr');
export const chosenLocale = (): string => localStorage.getItem(LOCALE_KEY) ?? 'en';

export function setLocale(next: string, words: Record<string, Words> = {}): void {
  locale = next;
  translated = words;
  plural = new Intl.PluralRules(next === TEST_LOCALE ? 'en' : next);
}

let numbers: { locale: string; format: Intl.NumberFormat } | null = null;

/** A number as people read it. Making the format takes longer than all the rest of a cell, so it is made once. */
export function numberText(value: number): string {
  const of = formatLocale();
  if (numbers?.locale !== of) numbers = { locale: of, format: new Intl.NumberFormat(of) };
  return numbers.format.format(value);
}

export function rememberLocale(next: string): void {
  localStorage.setItem(LOCALE_KEY, next);
}

export function defineText<const T extends Record<string, Words>>(area: string, english: T): Translate<keyof T & string> {
  for (const [key, words] of Object.entries(english)) catalogue.set(`${area}.${key}`, words);
  return (key, values) => {
    const words = translated[`${area}.${key}`] ?? english[key] ?? key;
    const text = fill(typeof words === 'string' ? words : (words[plural.select(Number(values?.n ?? 0))] ?? words.other), values);
    return locale === TEST_LOCALE ? `⟦${text}⟧` : text;
  };
}

function fill(text: string, values: Values = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : typeof value === 'number' ? numberText(value) : value;
  });
}
