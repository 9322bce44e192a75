import { afterEach, describe, expect, it } from 'vitest';
import { catalogue, defineText, direction, setLocale, TEST_LOCALE, type Words } from './t';

const locales = import.meta.glob<Record<string, Words>>('./locales/*.json', { eager: true, import: 'default' });
import.meta.glob(['../**/text.ts', '../kit/**/*.tsx', '!../**/*.test.tsx'], { eager: true });

const placeholders = (words: Words) =>
  [...new Set((typeof words === 'string' ? words : Object.values(words).join(' ')).match(/\{\w+\}/g) ?? [])].sort();

afterEach(() => setLocale('en'));

describe('words', () => {
  it('fills in values and counts', () => {
    const t = defineText('test', { hello: 'Hello {name}', waiting: { one: '{n} message', other: '{n} messages' } });
    expect(t('hello', { name: 'Ann' })).toBe('Hello Ann');
    expect([t('waiting', { n: 1 }), t('waiting', { n: 12000 })]).toEqual(['1 message', '12,000 messages']);
  });

  it('marks every word of the test locale, which runs from right to left', () => {
    const t = defineText('test', { hello: 'Hello {name}' });
    setLocale(TEST_LOCALE);
    expect(t('hello', { name: 'Ann' })).toBe('⟦Hello Ann⟧');
    expect([direction(), direction('en'), direction('he-IL')]).toEqual(['rtl', 'ltr', 'rtl']);
  });

  it('prefers a translation and falls back to English', () => {
    const t = defineText('test', { a: 'A', b: 'B' });
    setLocale('de', { 'test.a': 'Ä' });
    expect([t('a'), t('b')]).toEqual(['Ä', 'B']);
  });

  it('has no empty words', () => {
    for (const [key, words] of catalogue) expect(JSON.stringify(words).length, key).toBeGreaterThan(2);
    expect(catalogue.size).toBeGreaterThan(100);
  });

  it('has the same keys and placeholders in every locale', () => {
    for (const [file, words] of Object.entries(locales)) {
      const own = [...catalogue].filter(([key]) => !key.startsWith('test.'));
      expect(Object.keys(words).sort(), file).toEqual(own.map(([key]) => key).sort());
      for (const [key, english] of own) expect(placeholders(words[key] as Words), `${file} ${key}`).toEqual(placeholders(english));
    }
  });
});
