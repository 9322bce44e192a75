import { expect, it } from 'vitest';
import { wouldWords } from './would';

it.each([
  ['What if: Suspend-Queue would have succeeded; nothing was changed', 'The server has checked it: nothing stands against it.'],
  ['What if: this would remove the domain fabrikam.example (1)', 'It would remove the domain fabrikam.example.'],
  ['What if: this would send a message to kim@contoso.example over "To Fabrikam"', 'It would send a message to kim@contoso.example over "To Fabrikam".'],
  ['The mailbox is kept for 30 days', 'The mailbox is kept for 30 days'],
])('%s', (said, words) => expect(wouldWords(said)).toBe(words));
