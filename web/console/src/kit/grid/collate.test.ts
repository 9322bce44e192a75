import { describe, expect, it } from 'vitest';
import { plainCollation } from './collate';

describe('plain text in order', () => {
  const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
  const order = (a: string, b: string) => Math.sign(plainCollation.compare(plainCollation.key(a), plainCollation.key(b)));

  it('has every sign where Unicode has it', () => {
    const signs = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i));
    for (const a of signs) for (const b of signs) expect(`${a}${b} ${order(a, b)}`).toBe(`${a}${b} ${Math.sign(collator.compare(a, b))}`);
  });

  it('is that of Intl.Collator for any words', () => {
    let seed = 7;
    const random = (n: number) => (seed = (seed * 48_271) % 2_147_483_647) % n;
    const word = () => Array.from({ length: random(9) }, () => 'aAbZ01239 .-_@<(#'[random(17)]).join('');
    for (let i = 0; i < 20_000; i += 1) {
      const [a, b] = [word(), word()];
      expect(`${a}|${b} ${order(a, b)}`).toBe(`${a}|${b} ${Math.sign(collator.compare(a, b))}`);
    }
  });
});
