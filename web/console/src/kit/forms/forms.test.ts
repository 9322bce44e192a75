import { describe, expect, it } from 'vitest';
import { CLEARED } from '@api/client';
import { changed } from './changes';
import { fieldOf, resolve } from './resolver';
import { countField, sizeField } from './sizes';
import { bytes, shortSize, showBytes } from './sizeText';
import { z } from './zod';

describe('what a form sends', () => {
  it('is only what was changed', () => expect(changed({ a: 'x', b: true, c: ['p'] }, { a: 'x', b: false, c: ['p', 'q'] })).toEqual({ b: false, c: ['p', 'q'] }));
  it('clears what was emptied', () => expect(changed({ a: 'x', b: ['p'] }, { a: '', b: [] })).toEqual({ a: CLEARED, b: CLEARED }));
  it('writes a cleared value as null', () => expect(JSON.stringify({ a: CLEARED })).toBe('{"a":null}'));
});

describe('the field a sentence is about', () => {
  it.each([
    ['EmailAddresses: the domain of "a@b" is not an accepted domain', 'EmailAddresses'],
    ['Set-Mailbox -MaxSendSize takes a size, not "much"', 'MaxSendSize'],
    ['There is no recipient "x"', null],
  ])('%s', (message, field) => expect(fieldOf(message, ['EmailAddresses', 'MaxSendSize'])).toBe(field));

  it('has one error, the first', async () => {
    const answer = await resolve<{ a: string }>(z.object({ a: z.string().min(2, 'short').regex(/^x/, 'no x') }))({ a: '' }, undefined, { fields: {}, shouldUseNativeValidation: undefined });
    expect(answer.errors).toMatchObject({ a: { message: 'short' } });
  });
});

describe('sizes', () => {
  it.each([['50 MB (52,428,800 bytes)', '50 MB', 52_428_800], ['Unlimited', 'Unlimited', null]])('%s', (size, short, n) => {
    expect(shortSize(size)).toBe(short);
    expect(bytes(size)).toBe(n);
  });
  it.each([[0, '0 B'], [1536, '1.5 KB'], [52_428_800, '50.0 MB'], [2_147_483_648, '2.0 GB']])('%i', (n, shown) => expect(showBytes(n)).toBe(shown));
  it.each([['50 MB', true], ['1.5gb', true], ['unlimited', true], ['much', false], ['', false]])('%s may be a size: %s', (text, fine) => expect(sizeField().safeParse(text).success).toBe(fine));
  it.each([['100', true], ['Unlimited', true], ['1.5', false]])('%s may be a count: %s', (text, fine) => expect(countField().safeParse(text).success).toBe(fine));
});
