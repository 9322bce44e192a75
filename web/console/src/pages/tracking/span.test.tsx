// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from 'vitest';
import { mount, unmountAll, words } from '@kit/testing';
import GatewaySearch from './gateway-search/page';
import TrackingLog from './tracking-log/page';

describe('the span that is shown', () => {
  afterEach(unmountAll);
  const log = (notes: string[], path = '/') => mount(<TrackingLog />, { path, answers: { 'Get-MessageTrackingLog': () => ({ value: [], count: 0, notes }) } });

  it('is said of the tracking log, and how to look further back', async () => {
    await log(['Only the last 48 hours; -Start looks further back']);
    expect(words()).toContain('Only the last 48 hours. For earlier events choose From.');
  });
  it('is said of a log without events too', async () => {
    await log(['Nothing in the last 48 hours; -Start looks further back']);
    expect(words()).toContain('Only the last 48 hours.');
  });
  it('is not said where a time or an id was given', async () => {
    await log(['From 2026-11-18 to 2026-11-20']);
    expect(words()).not.toContain('For earlier events');
  });
  it.each([
    ['?End=2026-11-20T00:00:00Z', 'Everything before 2026-11-20 00:00:00 (UTC)', /Searched: from the oldest record that is kept to .*20.*00:00:00 UTC\./],
    ['?Start=2026-11-18T00:00:00Z', 'From 2026-11-18 00:00:00 (UTC) until now', /Searched: from .*18.*00:00:00 UTC until now\./],
    ['?Start=2026-11-18T00:00:00Z&End=2026-11-20T00:00:00Z', 'From 2026-11-18 to 2026-11-20', /Searched: from .*18.*UTC to .*20.*UTC\./],
    ['?NetworkMessageId=01a202d5-53f2-7927-a9d3-0c17aa469913', '', /Searched: everything that is kept\./],
  ])('is the one that was given: %s', async (path, note, said) => {
    await log(note ? [note] : [], `/${path}`);
    expect(words()).toMatch(said);
  });
  it('is said of the gateway search', async () => {
    await mount(<GatewaySearch />, { answers: { 'Get-GatewayTrace': () => ({ value: [], count: 0, notes: ['The last 24 hours; -StartDate looks further back'] }) } });
    expect(words()).toContain('Only the last 24 hours. For earlier messages choose Start.');
  });
});
