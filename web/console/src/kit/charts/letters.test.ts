import { describe, expect, it } from 'vitest';
import { cutEnd, cutMiddle } from './letters';

const count = (text: string) => text.length;

describe('letters where there is little room', () => {
  it('stay as they are where they fit', () => expect([cutEnd('Delivered, Inbox', 16, count), cutMiddle('ann@contoso.example', 19, count)]).toEqual(['Delivered, Inbox', 'ann@contoso.example']));
  it('of a sentence end where the room does', () => expect(cutEnd('Failed, 550 5.1.10 RESOLVER.ADR.RecipientNotFound', 19, count)).toBe('Failed, 550 5.1.10…'));
  it('of an address are left out in its middle', () => expect([cutMiddle('nobody9@contoso.example', 16, count), cutMiddle('nobody9@contoso.example', 1, count)]).toEqual(['nobody9@c…xample', '…']));
});
