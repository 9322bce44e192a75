import { describe, expect, it } from 'vitest';
import { stoppedBy } from './route';

describe('the limit that stopped a message', () => {
  it.each([
    ['550 5.3.4 RESOLVER.RST.SizeLimit.Org; Message size exceeds fixed maximum message size of the organization', 'organization'],
    ['550 5.2.3 RESOLVER.RST.SendSizeLimit.Org; message too large for this organization', 'organization'],
    ['550 5.2.3 RESOLVER.RST.SendSizeLimit.Sender; message too large for this sender', 'sender'],
    ['550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient', 'recipient'],
    ['550 5.3.4 ROUTING.SizeLimit; message size exceeds fixed maximum size for route', 'connector'],
    ['550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup', null],
    [null, null],
  ])('%s', (reply, scope) => expect(stoppedBy(reply)).toBe(scope));
});
