// @vitest-environment happy-dom
import { afterEach, expect, test, vi } from 'vitest';
import { mount, press, unmountAll, words } from '@kit/testing';
import { ConnectorTest } from './ConnectorTest';

afterEach(unmountAll);

test('what came of a test message is brought into sight', async () => {
  const seen: string[] = [];
  Element.prototype.scrollIntoView = vi.fn(function look(this: Element) {
    seen.push(this.textContent ?? '');
  });
  await mount(<ConnectorTest connector={{ Identity: 'To Fabrikam' }} to="kim@fabrikam.example" />, { answers: { 'Test-SendConnector': () => ({ value: [{ Step: 'Connect', Result: 'Success', Detail: '192.0.2.9', Milliseconds: 3 }] }) } });
  expect(seen).toEqual([]);
  await press('Send a test message');
  expect([words().includes('took over the message'), seen.length, seen[0]?.includes('took over the message')]).toEqual([true, 1, true]);
});
