// @vitest-environment happy-dom
import { act } from 'react';
import { afterEach, describe, expect, it } from 'vitest';
import { mount, settled, unmountAll, words } from '@kit/testing';
import Home from './page';

const counts = { In: 0, Out: 0, Delivered: 0, Failed: 0, Quarantined: 0 };
const flow = { Place: 'mx1', LastHour: counts, LastDay: counts, Queued: 0, Attention: [], Latency: { P50Ms: null, P99Ms: null }, LatencyPerFiveMinutes: [] };
const busy = () => document.querySelectorAll('figure[aria-busy=true]').length;

describe('the reports of Home', () => {
  afterEach(unmountAll);
  const home = (report: (by: unknown) => unknown) => mount(<Home />, { answers: { 'Get-MailFlowStatus': () => ({ value: flow }), 'Get-MailTrafficReport': (p) => report(p.GroupBy) } });

  it('say that they are counted until they are, and only then that there is nothing', async () => {
    const answer: ((body: object) => void)[] = [];
    await home(() => new Promise((resolve) => { answer.push(resolve); }));
    expect([busy(), words().match(/Counting …/g)?.length, words().match(/Nothing to show/g)?.length]).toEqual([3, 3, 1]);
    await act(async () => answer.forEach((done) => done({ value: [] })));
    await settled();
    expect([busy(), words().match(/Nothing to show/g)?.length]).toEqual([0, 4]);
  });
  it('tell an error, each its own', async () => {
    await home((by) => (by === 'Day' ? { value: [] } : new Error('The store is closed.')));
    expect([busy(), words().match(/The store is closed/g)?.length, words().match(/could not be counted/g)?.length]).toEqual([0, 2, 2]);
  });
});

describe('the figures of Home', () => {
  afterEach(unmountAll);
  const links = () => [...document.querySelectorAll<HTMLAnchorElement>('a[href*="Last=0.01"]')].map((link) => link.search);
  const TRACES = ['Get-MessageTrace', 'Get-MessageTraceDetail'];
  const home = (more: object, may = TRACES) => mount(<Home />, { may, answers: { 'Get-MailFlowStatus': () => ({ value: { ...flow, ...more } }) } });

  it('lead to mail of the server that is counted, and say so', async () => {
    await home({ Attention: [{ Severity: 'Warning', Kind: 'Failures', Identity: 'Failed', What: 'x', Cause: 'y', Remedy: 'z', ActionNeededBy: null }] });
    expect(words()).toContain('Only mail that mx1 has records of is counted.');
    expect([links().length, links().every((search) => search.includes('Place=mx1'))]).toEqual([6, true]);
    expect(words()).toContain('messages, now');
  });
  it('lead nowhere a role may not go, and name who can act as the reader', async () => {
    const queue = { Severity: 'Error', Kind: 'Queue', Identity: 'mx1\\3', What: '2 messages wait.', Cause: 'It does not listen.', Remedy: "Retry-Queue 'mx1\\3' then tries at once.", ActionNeededBy: 'you, as administrator of this organization' };
    const alert = { ...queue, Kind: 'Alert', Identity: 'Failures', What: 'The alert Failures is raised.', Cause: 'Since 2026-11-22T10:00:00Z.', Remedy: 'Look.' };
    const to = (path: string) => document.querySelectorAll(`a[href^="/${path}"]`).length;
    await home({ Attention: [queue, alert] });
    expect([to('mail-flow/queues'), to('tracking/alerts'), links().length]).toEqual([0, 0, 5]);
    expect(words()).toContain('Waiting in queues');
    expect(words().match(/Who can act: an administrator of this organization/g)).toHaveLength(2);
    await home({ Attention: [queue, alert] }, [...TRACES, 'Get-Queue', 'Retry-Queue', 'Get-MessageTraceAlert']);
    expect([to('mail-flow/queues'), to('tracking/alerts')]).toEqual([2, 1]);
    expect(words().match(/Who can act: you, as administrator/g)).toHaveLength(2);
    await home({}, []);
    expect(document.querySelectorAll('a')).toHaveLength(0);
  });
  it('are of all places where a server only observes', async () => {
    await home({ Place: null });
    expect(words()).toContain('of all places that are read');
    expect([links().length, links().some((search) => search.includes('Place='))]).toEqual([5, false]);
  });
});
