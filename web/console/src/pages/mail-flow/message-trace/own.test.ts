import { describe, expect, it } from 'vitest';
import { stagesOf } from './own';

const event = (Event: string, Date: string) => ({ Event, Date });
const received = event('Receive', '2026-11-22T10:00:00Z');
const states = (status: string, events: { Event: string; Date: string }[]) => stagesOf(status, events, null).map((step) => `${step.State} ${step.At ?? ''}`.trim());

describe('the stages of one\'s own mail', () => {
  it('follow its events', () => {
    expect(states('Delivered', [received, event('Deliver', '2026-11-22T10:00:01Z')])).toEqual(['Done 2026-11-22T10:00:00Z', 'Done 2026-11-22T10:00:01Z', 'Done 2026-11-22T10:00:01Z']);
    expect(states('Failed', [received, event('Defer', '2026-11-22T10:00:01Z'), event('Fail', '2026-11-22T11:00:00Z')])).toEqual(['Done 2026-11-22T10:00:00Z', 'Done 2026-11-22T10:00:01Z', 'Failed 2026-11-22T11:00:00Z']);
    expect(states('Pending', [received])).toEqual(['Done 2026-11-22T10:00:00Z', 'Open', 'Open']);
  });
  it('of a group say only that it was done', () => expect(states('Expanded', [received])).toEqual(['Done 2026-11-22T10:00:00Z', 'Done', 'Done']));
  it('of a group are open while a member is', () => expect(stagesOf('Expanded', [received], null, true).map((step) => step.State)).toEqual(['Done', 'Done', 'Open']));
});
