// Patterns of addresses in words.
import { defineText } from '@i18n/t';
import { partOf } from './parse';

const t = defineText('people-words', { contains: 'contains {word}' });

/** `*partner*` as `contains partner`; everything else as it is. */
export function patternWords(address: string): string {
  const word = partOf(address);
  return word === null ? address : t('contains', { word });
}
