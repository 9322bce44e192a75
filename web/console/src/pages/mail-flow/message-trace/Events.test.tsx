// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from 'vitest';
import { mount, unmountAll } from '@kit/testing';
import { Events } from './Events';
import type { TraceEvent } from './shapes';

const event = (Event: string, Place: string, server: string, Detail: string) => ({ Date: '2026-11-22T10:00:00Z', Event, Place, Detail, Action: null, Data: `<root><MEP Name="ServerHostName" String="${server}"/></root>` }) as TraceEvent;

describe('the events of a message', () => {
  afterEach(unmountAll);
  it('say at which place each was written, also those that tried another host', async () => {
    await mount(<Events events={[event('Queued', 'mx1', '', 'In the queue'), event('Defer', 'mx1', '127.0.0.1', '127.0.0.1 refused the connection'), event('Receive', 'gateway', 'gw1', 'By the gateway')]} />);
    const rows = [...document.querySelectorAll('tbody tr')].map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent ?? ''));
    expect(rows.map((cells) => cells[2])).toEqual(['mx1', 'mx1', 'gateway']);
    expect(rows[1]?.[4]).toContain('127.0.0.1');
  });
});
