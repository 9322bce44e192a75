// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { address, mount, press, settled, unmountAll } from '@kit/testing';
import { download } from '@kit/page/download';
import Results from './Results';

vi.mock('@kit/page/download', async (original) => ({ ...(await original<object>()), download: vi.fn() }));

const row = { MessageTraceId: '1', RecipientAddress: 'kim@contoso.example', SenderAddress: 'ann@fabrikam.example', Subject: 'Plans', Status: 'Delivered', Received: '2026-11-22T10:00:00Z' };
let asked: Record<string, unknown>[];

beforeEach(() => vi.stubGlobal('EventSource', class { addEventListener() {} close() {} }));

const rows = ['b', 'c', 'a'].map((Subject, i) => ({ ...row, MessageTraceId: String(i), Subject, Direction: 'Incoming' }));

describe('the list', () => {
  afterEach(unmountAll);
  it('is exported in the order on the screen, with directions in the words of the condition', async () => {
    const saved: string[] = [];
    vi.mocked(download).mockImplementation((_, text) => void saved.push(text));
    await mount(<Results />, { path: '/mail-flow/message-trace/results?sort=Subject:asc', answers: { 'Get-MessageTrace': () => ({ value: rows, count: 3 }) } });
    await press('Export results');
    await settled();
    const lines = saved[0]?.trim().split('\r\n').slice(1) ?? [];
    expect(lines.map((line) => /,([abc]),/.exec(line)?.[1])).toEqual(['a', 'b', 'c']);
    expect(lines.every((line) => line.includes('Inbound'))).toBe(true);
  });
});

describe('an address that no mail has', () => {
  afterEach(unmountAll);
  const open = async (search: string, found: (p: Record<string, unknown>) => boolean, may = ['Get-MessageTraceQuery']) => {
    asked = [];
    await mount(<Results />, {
      path: `/mail-flow/message-trace/results?${search}`, may,
      answers: { 'Get-MessageTrace': (p) => { asked.push(p); return { value: found(p) ? [row] : [], count: found(p) ? 1 : 0 }; } },
    });
    // One answer leads to the next question.
    for (let before = -1; before !== asked.length;) {
      before = asked.length;
      await settled();
      await settled();
    }
    return new URLSearchParams(address().split('?')[1]);
  };
  const id = 'm10@fabrikam.example';

  it('is looked for as a Message-ID without its brackets, and that is then the search', async () => {
    const search = await open(`Address=${id}`, (p) => p.Paste === `<${id}>`);
    expect([search.get('Paste'), search.get('Address')]).toEqual([`<${id}>`, null]);
  });
  it('stays where there is no such id, where mail has the address, and where a pattern was asked for', async () => {
    expect((await open(`Address=${id}`, () => false)).get('Address')).toBe(id);
    expect((await open(`Address=${id}`, () => true)).get('Address')).toBe(id);
    expect(asked.some((p) => p.Paste)).toBe(false);
    await open('Address=*@fabrikam.example', () => false);
    expect(asked.some((p) => p.Paste)).toBe(false);
  });
  it('is looked for by the id alone for who sees only mail of their own', async () => {
    expect((await open(`Address=${id}`, (p) => Array.isArray(p.MessageId), [])).get('MessageId')).toBe(`<${id}>`);
  });
});
