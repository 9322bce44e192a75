// @vitest-environment happy-dom
import { useState } from 'react';
import { afterEach, expect, it } from 'vitest';
import { useAct } from '@kit/command/useAct';
import { mount, press, unmountAll, words } from '@kit/testing';
import { ConfirmDialog } from './ConfirmDialog';

const changes = [{ cmdlet: 'Suspend-Queue' as const, parameters: { Identity: 'mx1\\3' } }];

function Asked() {
  const [asking, setAsking] = useState(true);
  const { say, outcome } = useAct([], 'Not done');
  return (
    <>
      {outcome}
      {asking && <ConfirmDialog title="Suspend the queue for fabrikam.example?" text="" confirm="Suspend" refreshes={[]} ways={[{ id: 'suspend', label: '', changes }]} onClose={() => setAsking(false)} onDone={(done) => { setAsking(false); say('The queue is suspended.', done); }} />}
    </>
  );
}
afterEach(unmountAll);

it('says in words what would be done, and shows the command still when it is done', async () => {
  const note = 'What if: Suspend-Queue would have succeeded; nothing was changed';
  await mount(<Asked />, { answers: { 'Suspend-Queue': (p) => ({ value: null, notes: p.WhatIf ? [note] : [] }) } });
  expect(words()).toContain('nothing stands against it');
  expect(words()).not.toContain('would have succeeded');
  await press('Suspend');
  expect(words()).toContain('The queue is suspended.');
  await press('Show command');
  expect(words()).toContain('Suspend-Queue -Identity mx1\\3');
});
