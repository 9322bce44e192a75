import { describe, expect, it } from 'vitest';
import { CLEARED } from '@api/client';
import { proxy, withPrimary } from '../shared/fields';
import type { Mailbox } from '../shared/shapes';
import { flowParameters, flowValues, forwardDropped, forwardGiven } from './flow';
import { delegates, grant, take } from './grants';

const mailbox = (name: string, more: Partial<Mailbox> = {}): Mailbox => ({
  Identity: name, PrimarySmtpAddress: `${name}@contoso.example`, ForwardingAddress: null, ForwardingSmtpAddress: null, DeliverToMailboxAndForward: false, RecipientLimits: 'Unlimited', UseDatabaseQuotaDefaults: true, IssueWarningQuota: '1 GB (1,073,741,824 bytes)',
  ProhibitSendQuota: '2 GB (2,147,483,648 bytes)', ProhibitSendReceiveQuota: '3 GB (3,221,225,472 bytes)', MaxSendSize: 'Unlimited', MaxReceiveSize: 'Unlimited', RequireSenderAuthenticationEnabled: false, AcceptMessagesOnlyFrom: [], AcceptMessagesOnlyFromDLMembers: [],
  RejectMessagesFrom: [], RejectMessagesFromDLMembers: [], ...more,
}) as Mailbox;

describe('forwarding', () => {
  it('inside clears the address outside', () => {
    const before = flowValues(mailbox('ann', { ForwardingSmtpAddress: 'a@b.example' }));
    expect(flowParameters({ ...before, forward: 'inside', ForwardingAddress: ['Bob'] }, before)).toEqual({ ForwardingAddress: 'Bob', ForwardingSmtpAddress: CLEARED });
  });
  it('none clears what there was', () => {
    const before = flowValues(mailbox('ann', { ForwardingAddress: 'Bob', DeliverToMailboxAndForward: true }));
    expect(flowParameters({ ...before, forward: 'none' }, before)).toEqual({ ForwardingAddress: CLEARED, DeliverToMailboxAndForward: false });
  });
  it('says where', () => {
    expect(forwardGiven({ forward: 'inside', ForwardingAddress: [], ForwardingSmtpAddress: '' })).toBe('ForwardingAddress');
    expect(forwardGiven({ forward: 'outside', ForwardingAddress: [], ForwardingSmtpAddress: 'x' })).toBe('ForwardingSmtpAddress');
    expect(forwardGiven({ forward: 'none', ForwardingAddress: [], ForwardingSmtpAddress: '' })).toBeNull();
  });
  it('sends no quota while the organization’s are used', () => {
    const before = flowValues(mailbox('ann', { UseDatabaseQuotaDefaults: false }));
    expect(flowParameters({ ...before, UseDatabaseQuotaDefaults: true, IssueWarningQuota: '9 GB' }, before)).toEqual({ UseDatabaseQuotaDefaults: true });
  });
});

describe('what is forwarded outside', () => {
  const remote = (DomainName: string, AutoForwardEnabled: boolean) => ({ Name: DomainName, DomainName, AutoForwardEnabled });
  const domains = { accepted: [{ DomainName: 'contoso.example', MatchSubDomains: false }, { DomainName: 'group.example', MatchSubDomains: true }], remote: [remote('*', true), remote('full.example', false), remote('*.branch.example', false), remote('open.branch.example', true), remote('bücher.example', false)] };
  it.each([
    ['x@full.example', 'full.example'], ['smtp:x@FULL.example', 'full.example'], ['x@a.branch.example', '*.branch.example'], ['x@open.branch.example', null], ['x@other.example', null], ['x@contoso.example', null], ['x@a.group.example', null], ['x@xn--bcher-kva.example', 'bücher.example'], ['x', null], ['', null],
  ])('to %j is dropped by %j', (address, by) => expect(forwardDropped(address, domains)).toBe(by));
  it('is dropped where nothing allows it', () => expect(forwardDropped('x@y.example', { accepted: [], remote: [] })).toBe('Default'));
});

describe('delegates', () => {
  const [sales, orders] = [mailbox('sales'), mailbox('orders')];
  it('are one line each', () => expect(delegates([{ mailbox: sales, who: ['kim', 'ann'] }, { mailbox: orders, who: ['kim'] }]).map((d) => [d.who, d.on.length])).toEqual([['ann', 1], ['kim', 2]]));
  it('get each right on each mailbox', () => {
    expect(grant('FullAccess', [sales, orders], ['ann', 'kim'])).toHaveLength(4);
    expect(grant('OnBehalf', [sales], ['ann', 'kim'])).toEqual([{ cmdlet: 'Set-Mailbox', parameters: { Identity: 'sales@contoso.example', GrantSendOnBehalfTo: { Add: ['ann', 'kim'] } } }]);
    expect(take('SendAs', { who: 'ann', on: [sales] })).toEqual([{ cmdlet: 'Remove-RecipientPermission', parameters: { Identity: 'sales@contoso.example', Trustee: 'ann', AccessRights: ['SendAs'] } }]);
  });
});

describe('addresses', () => {
  it('have one primary', () => expect(withPrimary(['SMTP:a@x', 'smtp:b@x', 'X400:c=us'], 'b@x')).toEqual(['smtp:a@x', 'SMTP:b@x', 'X400:c=us']));
  it('know their kind', () => expect(proxy('X400:c=us')).toMatchObject({ kind: 'x400', address: 'c=us', primary: false }));
});
