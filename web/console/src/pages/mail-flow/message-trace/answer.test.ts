import { describe, expect, it } from 'vitest';
import { meantRow, readNothing, splitNotes } from './answer';

const id = '01a202d5-53f2-7927-a9d3-0c17aa469913';
const text = ['No message was found.', 'Asked for:', '  RecipientAddress: zzz@contoso.example', 'Searched, from 2026-11-20 to now:', '  mx1: 2 days of records', 'Nothing is known to be missing from these records.', 'The same recipient, nearest in time:', `  2026-11-19 a to b, Delivered (${id})`];

describe('nothing found', () => {
  it('is told from the other notes', () => expect(splitNotes(['3 refused attempts not shown', ...text])).toEqual({ said: ['3 refused attempts not shown'], text }));
  it('is taken apart, with the messages that are near', () => {
    const sections = readNothing([[...text, `Last seen at mx1, never seen at gw1: a to b (${id})`]]);
    expect(sections.map((section) => [section.text, section.items.length])).toEqual([['Asked for:', 1], ['Searched, from 2026-11-20 to now:', 1], ['Nothing is known to be missing from these records.', 0], ['The same recipient, nearest in time:', 1], ['Last seen at mx1, never seen at gw1: a to b', 0]]);
    expect(sections[3]?.items[0]).toEqual({ text: '2026-11-19 a to b, Delivered', trace: id });
    expect(sections[4]?.trace).toBe(id);
  });
  it('of two questions is said once', () => {
    const sections = readNothing([text, text.map((one) => one.replace('Recipient', 'Sender').replace('recipient', 'sender'))]);
    expect(sections.map((section) => section.items.length)).toEqual([2, 1, 0, 1, 1]);
  });
});

describe('a pasted report', () => {
  const rows = [{ RecipientAddress: 'ann@contoso.example' }, { RecipientAddress: 'Gone@contoso.example' }];
  it('opens the row it is about', () => {
    expect(meantRow(['Pasted: a delivery report, with 1 Message-ID (<a@b>), 1 recipient (gone@contoso.example)'], rows)).toBe(rows[1]);
    expect(meantRow([], rows.slice(0, 1))).toBe(rows[0]);
  });
  it('of several recipients opens none', () => {
    expect(meantRow(['Pasted: a delivery report, with 2 recipients'], rows)).toBeNull();
    expect(meantRow(['Pasted: a message or its header, with 1 recipient (ann@contoso.example)'], rows)).toBeNull();
  });
});
