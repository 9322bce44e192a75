import { expect, it } from 'vitest';
import { pastedSearch, pastedText } from './pasted';

it('a short paste stands in the address, a long one by its name', () => {
  expect(pastedSearch('<a@b>')).toEqual({ Paste: '<a@b>' });
  const long = `Message-ID: <a@b>\n${'x'.repeat(5_000)}`;
  const { pasted } = pastedSearch(long);
  expect([pastedText(pasted ?? ''), pastedText('other')]).toEqual([long, null]);
});
