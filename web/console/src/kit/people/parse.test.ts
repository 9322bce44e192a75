import { describe, expect, it } from 'vitest';
import { parseAddresses } from './parse';

describe('pasted addresses', () => {
  it.each([
    ['ann@contoso.example;bob@contoso.example kim@contoso.example', ['ann@contoso.example', 'bob@contoso.example', 'kim@contoso.example'], []],
    ['Ann Beebe <ann@contoso.example>; "Chan, Bob" <bob@contoso.example>', ['ann@contoso.example', 'bob@contoso.example'], []],
    ['ann@contoso.example\r\nANN@contoso.example', ['ann@contoso.example'], []],
    ['*@fabrikam.example', ['*@fabrikam.example'], []],
    ['<>', ['<>'], []],
    ['mailto:ann@contoso.example,', ['ann@contoso.example'], []],
    ['ann, bob@contoso.example', ['bob@contoso.example'], ['ann']],
    ['  ', [], []],
  ])('%j', (text, addresses, refused) => expect(parseAddresses(text)).toEqual({ addresses, refused }));
});
