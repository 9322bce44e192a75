import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { SafeText } from './SafeText';
import { visible } from './visible';

// What has been seen in subjects and names, and what must be seen of it.
const corpus: [name: string, given: string, seen: string][] = [
  ['an extension turned round', 'invoice_\u202Efdp.exe', 'invoice_[RLO]fdp.exe'],
  ['a direction that is never given back', '\u2067salary', '[RLI]salary'],
  ['a word cut by nothing', 'pay\u200Bpal', 'pay[ZWSP]pal'],
  ['an address with a joiner', 'ann\u200D@contoso.example', 'ann[ZWJ]@contoso.example'],
  ['a line of its own', 'Hello\u2028From: chief', 'Hello[LS]From: chief'],
  ['a terminal sequence', '\u001B[2Jgone', '[ESC][2Jgone'],
  ['a byte order mark', '\uFEFFHello', '[BOM]Hello'],
  ['a soft hyphen', 'micro\u00ADsoft', 'micro[SHY]soft'],
  ['a null', 'a\u0000b', 'a[NUL]b'],
  ['a control of the second block', 'a\u0085b', 'a[U+0085]b'],
  ['text in tags', 'Hi\u{E0041}\u{E0042}', 'Hi[U+E0041][U+E0042]'],
  ['a blank that is a letter', 'a\u3164b', 'a[U+3164]b'],
  ['half a pair', 'a\uD800b', 'a[U+D800]b'],
  ['a family stays whole', '👨‍👩‍👧 news', '👨‍👩‍👧 news'],
  ['Hebrew and Arabic are left alone', 'שלום السلام', 'שלום السلام'],
  ['markup is text', '<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
];

describe('text of strangers', () => {
  it.each(corpus)('%s', (_, given, seen) => expect(visible(given)).toBe(seen));

  it.each(corpus)('%s: no markup and no hidden character gets into the page', (_, given) => {
    const html = renderToStaticMarkup(<SafeText text={given} />);
    expect(html).not.toMatch(/<(?!\/?bdi\b)/);
    expect(html).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200b\u0000\u001b]/);
    expect(html).toMatch(/^<bdi title=/);
  });
});
