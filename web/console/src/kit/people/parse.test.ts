import { describe, expect, it } from 'vitest';
import { parseAddresses, parseSearched, partOf } from './parse';

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

describe('what is typed into a search', () => {
  it.each([
    ['partner', ['*partner*'], []],
    [' kim; bobb ', ['*kim*', '*bobb*'], []],
    ['ann@contoso.example, partner', ['ann@contoso.example', '*partner*'], []],
    ['*@fabrikam.example', ['*@fabrikam.example'], []],
    ['par*', ['par*'], []],
    ['<>', ['<>'], []],
    ['"Chan, Bob" <bob@contoso.example>; kim@contoso.example', ['bob@contoso.example', 'kim@contoso.example'], []],
    ['Ann Beebe', [], ['Ann', 'Beebe']],
    ['@', [], ['@']],
    ['ann@', [], ['ann@']],
    ['(a', [], ['a']],
  ])('%j', (text, addresses, refused) => expect(parseSearched(text)).toEqual({ addresses, refused }));
  it('is read back', () => expect(['*partner*', '*@x.example', 'a*b', '**'].map(partOf)).toEqual(['partner', null, null, null]));
});
