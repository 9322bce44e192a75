// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from 'vitest';
import { mount, unmountAll, words } from '@kit/testing';
import GatewaySearch from './gateway-search/page';
import TrackingLog from './tracking-log/page';

describe('the span that is shown', () => {
  afterEach(unmountAll);
  const log = (notes: string[]) => mount(<TrackingLog />, { answers: { 'Get-MessageTrackingLog': () => ({ value: [], count: 0, notes }) } });

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
  it('is said of the gateway search', async () => {
    await mount(<GatewaySearch />, { answers: { 'Get-GatewayTrace': () => ({ value: [], count: 0, notes: ['The last 24 hours; -StartDate looks further back'] }) } });
    expect(words()).toContain('Only the last 24 hours. For earlier messages choose Start.');
  });
});
