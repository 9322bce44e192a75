import { expect, it } from 'vitest';
import { pastedSearch, pastedText, withPasted } from './pasted';

it('a short paste stands in the address, a long one by its name', () => {
  expect(pastedSearch('<a@b>')).toEqual({ Paste: '<a@b>' });
  const long = `Message-ID: <a@b>\n${'x'.repeat(5_000)}`;
  const { pasted } = pastedSearch(long);
  expect([pastedText(pasted ?? ''), pastedText('other')]).toEqual([long, null]);
});

it('a further condition leaves the text where it is, also one that is not kept here', () => {
  expect(withPasted({ Paste: '', Status: ['Failed'] }, 'name')).toEqual({ pasted: 'name', Status: ['Failed'] });
  expect(withPasted({ Paste: '<a@b>', IncludeRefused: true }, null)).toEqual({ Paste: '<a@b>', IncludeRefused: true });
  expect(withPasted({ Subject: 'x' }, 'name')).toEqual({ Subject: 'x' });
  const long = `Message-ID: <a@b>\n${'y'.repeat(5_000)}`;
  const kept = withPasted({ Paste: long }, null) as { pasted: string };
  expect(pastedText(kept.pasted)).toBe(long);
});
