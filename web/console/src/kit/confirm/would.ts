// What the server says a cmdlet would do (-WhatIf), as a sentence for a person.
import { defineText } from '@i18n/t';

const t = defineText('would', { would: 'It would {what}.', possible: 'The server has checked it: nothing stands against it.' });

/** Its count says again how many objects it is about. */
const PLAN = /^What if: this would (.+?)(?: \(\d+\))?\.?$/s;
const POSSIBLE = /^What if: \S+ would have succeeded; nothing was changed$/;

export function wouldWords(said: string): string {
  const what = PLAN.exec(said)?.[1];
  if (what) return t('would', { what });
  return POSSIBLE.test(said) ? t('possible') : said;
}
