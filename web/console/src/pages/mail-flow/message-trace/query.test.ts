import { describe, expect, it } from 'vitest';
import { emptyForm, fromForm, fromSearch, lasting, partsOf, questions, readFind, readOwnFind, toSearch } from './query';

const now = new Date('2026-11-22T10:00:00Z');

describe('a search in the address', () => {
  it('comes back as it went', () => {
    const parameters = { SenderAddress: ['*@fabrikam.example', 'a&b=c@contoso.example'], Status: ['Failed' as const], FromIP: ['192.0.2.1'], ToIP: ['192.0.2.0/24', '2001:db8::1'], Subject: 'offer & more?', Slowest: 100, RefusedOnly: true, Last: '2.00:00:00' };
    expect(fromSearch(new URLSearchParams(toSearch(parameters).toString()))).toEqual(parameters);
  });
  it('leaves alone what is not its own', () => expect(fromSearch(new URLSearchParams('open=x&sort=Size:asc&Slowest=many&Nonsense=1'))).toEqual({}));
});

describe('the form', () => {
  it('gives a moving range from the slider that ends now, a fixed one otherwise', () => {
    const form = emptyForm('Etc/UTC', now);
    expect(fromForm(form, now)).toEqual({ Last: '2.00:00:00' });
    expect(fromForm({ ...form, rangeKind: 'slider', slider: { from: 9, to: 7 } }, now)).toEqual({ StartDate: '2026-11-20T10:00:00.000Z', EndDate: '2026-11-21T10:00:00.000Z' });
  });
  it('reads a custom range on the clock of its zone', () => {
    const form = { ...emptyForm('Europe/Berlin', now), rangeKind: 'custom' as const, start: '2026-11-22T08:00', end: '2026-11-22T09:30' };
    expect(fromForm(form, now)).toEqual({ StartDate: '2026-11-22T07:00:00.000Z', EndDate: '2026-11-22T08:30:00.000Z' });
  });
  it('names what was given and nothing else', () => {
    const form = { ...emptyForm('Etc/UTC', now), rangeKind: 'slider' as const, recipients: ['ann@contoso.example'], subject: 'offer', subjectHow: 'StartsWith' as const, messageId: '<a@b> <c@d>', clientIp: '192.0.2.0/24', refused: true };
    expect(fromForm(form, now)).toEqual({ RecipientAddress: ['ann@contoso.example'], Subject: 'offer', SubjectFilterType: 'StartsWith', MessageId: ['<a@b>', '<c@d>'], FromIP: ['192.0.2.0/24'], IncludeRefused: true, Last: '2.00:00:00' });
  });
});

const NDR_LINE = 'Delivery has failed to these recipients or groups: partner@fabrikam.example The recipient does not exist. Remote server returned \'550 5.1.1 User unknown\' Original message headers: Message-ID: 4711@client.example Subject: Lunch on Friday';

describe('the search box', () => {
  it.each([
    ['ann@contoso.example', { parameters: { Address: ['ann@contoso.example'] } }],
    ['*@fabrikam.example', { parameters: { Address: ['*@fabrikam.example'] } }],
    ['Lunch on Friday', { parameters: { Subject: 'Lunch on Friday' } }],
    ['Newsletter', { parameters: { Words: 'Newsletter' } }],
    ['ann@', { parameters: { Words: 'ann@' } }],
    ['Invoice <4711> for May', { parameters: { Subject: 'Invoice <4711> for May' } }],
    ['"><img src=x>', { parameters: { Subject: '"><img src=x>' } }],
    ['Re: <abc@client.example>', { paste: 'Re: <abc@client.example>' }],
    ['<abc@client.example>', { paste: '<abc@client.example>' }],
    ['01a202d5-53f2-7927-a9d3-0c17aa469913', { paste: '01a202d5-53f2-7927-a9d3-0c17aa469913' }],
    ['250 2.6.0 InternalId=3', { paste: '250 2.6.0 InternalId=3' }],
    ['4bXyz12Q3n', { paste: '4bXyz12Q3n' }],
    [NDR_LINE, { paste: NDR_LINE }],
    ['host mx.fabrikam.example said: 550 5.1.1 User unknown (in reply to RCPT TO command)', { paste: 'host mx.fabrikam.example said: 550 5.1.1 User unknown (in reply to RCPT TO command)' }],
    ['The plan of 2026 for room 5.1.1', { parameters: { Subject: 'The plan of 2026 for room 5.1.1' } }],
    ['Received: by mx1\nMessage-ID: <a@b>', { paste: 'Received: by mx1\nMessage-ID: <a@b>' }],
  ])('%s', (text, read) => expect(readFind(text)).toEqual(read));
});

it('somebody is looked for as recipient and as sender', () => {
  const asked = { Address: ['mimi@contoso.example'], Last: '2.00:00:00' };
  expect(fromSearch(toSearch(asked))).toEqual(asked);
  expect(questions(asked)).toEqual([{ RecipientAddress: asked.Address, Last: asked.Last }, { SenderAddress: asked.Address, Last: asked.Last }]);
  expect(questions({ Subject: 'x' })).toEqual([{ Subject: 'x' }]);
});

it('a word is looked for in addresses and in subjects, as one search', () => {
  const asked = { Words: 'ann', Last: '2.00:00:00' };
  expect(fromSearch(toSearch(asked))).toEqual(asked);
  expect(questions(asked)).toEqual([{ RecipientAddress: ['*ann*'], Last: asked.Last }, { SenderAddress: ['*ann*'], Last: asked.Last }, { Subject: 'ann', Last: asked.Last }]);
  expect(questions({ Words: 'ann@' })[0]).toEqual({ RecipientAddress: ['ann@*'] });
  expect(partsOf(asked)).toEqual(['Words RecipientAddress', 'Words SenderAddress', 'Words Subject']);
  expect([partsOf({ Address: ['a@b.example'] }), partsOf({ Subject: 'x' })]).toEqual([['Address RecipientAddress', 'Address SenderAddress'], []]);
  expect(lasting(asked)).toEqual({ Last: asked.Last });
});

describe('the search box of whoever sees only mail of their own', () => {
  it.each([
    ['bob@contoso.example', { Address: ['bob@contoso.example'] }],
    ['Received: by mx1\nMessage-ID: <a@b>', { MessageId: ['<a@b>'] }],
    ['<abc@client.example>', { MessageId: ['<abc@client.example>'] }],
    ['01a202d5-53f2-7927-a9d3-0c17aa469913', { MessageTraceId: '01a202d5-53f2-7927-a9d3-0c17aa469913' }],
    ['ann', { Subject: 'ann' }],
    ['250 2.6.0 done', { Subject: '250 2.6.0 done' }],
  ])('%s', (text, read) => expect(readOwnFind(text)).toEqual(read));
});
