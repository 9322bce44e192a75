import { describe, expect, it } from 'vitest';
import { merge, type MailboxLimits } from './shapes';

const named = (DisplayName: string): MailboxLimits => ({ Guid: DisplayName, DisplayName, PrimarySmtpAddress: '', MaxSendSize: 'Unlimited', MaxReceiveSize: 'Unlimited', RecipientLimits: 'Unlimited' });

describe('mailboxes with limits of their own', () => {
  it('are listed once, by name', () => expect(merge([[named('Kim'), named('Ann')], undefined, [named('Ann'), named('Bob')]]).map((m) => m.DisplayName)).toEqual(['Ann', 'Bob', 'Kim']));
});
