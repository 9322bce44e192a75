import { expect, test } from 'vitest';
import { bulk, matching, recipientsOf } from './messages';

const message = (Subject: string, FromAddress: string, to: string) => ({ Subject, FromAddress, Recipients: [`${to};2;0;;0;;`], LastError: null, Identity: `mx1\\1\\${Subject}` });
const list = [message('Offer', 'news@tailspin.example', 'x@fabrikam.example'), message('Lunch', 'ann@contoso.example', 'partner@fabrikam.example')];

test('messages are found by words of their subject, sender and recipients', () => {
  expect(matching(list, 'NEWS offer').map((m) => m.Subject)).toEqual(['Offer']);
  expect(matching(list, 'fabrikam')).toHaveLength(2);
  expect(matching(list, ' ')).toBe(list);
  expect(matching(list, 'ann news')).toEqual([]);
});

test('several are acted on one by one', () => {
  expect(bulk('Remove-Message', list, { WithNDR: false }).map((change) => change.parameters)).toEqual([{ Identity: 'mx1\\1\\Offer', WithNDR: false }, { Identity: 'mx1\\1\\Lunch', WithNDR: false }]);
  expect(recipientsOf(list[0] ?? { Recipients: null })).toEqual(['x@fabrikam.example']);
});
