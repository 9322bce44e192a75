// @vitest-environment happy-dom
import { act, useState } from 'react';
import { afterEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { EditForm } from '@kit/forms/EditForm';
import { TextField } from '@kit/forms/fields';
import { mount, press, settled, unmountAll, words } from '@kit/testing';
import { DetailsDrawer } from './DetailsDrawer';

const schema = z.object({ Comment: z.string() });
const edit = (
  <EditForm cmdlet="Set-SendConnector" identity="To Fabrikam" values={{ Comment: 'old' }} schema={schema} refreshes={[]}>
    {(control) => <TextField control={control} name="Comment" label="Comment" />}
  </EditForm>
);

function Beside() {
  const [open, setOpen] = useState(true);
  const [tab, setTab] = useState('settings');
  return <DetailsDrawer open={open} title="To Fabrikam" name="To Fabrikam" onClose={() => setOpen(false)} tab={tab} onTab={setTab} tabs={[{ id: 'settings', title: 'Settings', content: edit }, { id: 'about', title: 'About', content: <p>Nothing to change</p> }]} />;
}

const field = () => document.querySelector<HTMLInputElement>('input[name=Comment]');
async function change(text: string) {
  await act(async () => {
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(field(), text);
    field()?.dispatchEvent(new Event('input', { bubbles: true }));
  });
  await settled();
}
async function escape() {
  await act(async () => void field()?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true })));
  await settled();
}
async function turn(tab: string) {
  await act(async () => [...document.querySelectorAll<HTMLElement>('[role=tab]')].find((one) => one.textContent?.startsWith(tab))?.click());
  await settled();
}
const QUESTION = 'Discard your changes?';

describe('a drawer with a form', () => {
  afterEach(unmountAll);
  const show = () => mount(<Beside />, { answers: { 'Set-SendConnector': () => ({ value: [] }) } });

  it('closes at once where nothing was changed', async () => {
    await show();
    await escape();
    expect([words().includes(QUESTION), field()]).toEqual([false, null]);
  });
  it('asks before Escape, the close button and another tab lose what was changed, and loses it when told to', async () => {
    await show();
    await change('new');
    field()?.focus();
    await escape();
    await press('Keep editing');
    expect(document.activeElement).toBe(field());
    for (const leave of [escape, () => press('Close'), () => turn('About')]) {
      await leave();
      expect(words()).toContain(QUESTION);
      await press('Keep editing');
      expect([words().includes(QUESTION), field()?.value]).toEqual([false, 'new']);
    }
    await escape();
    await press('Discard changes');
    expect(field()).toBe(null);
  });
  it('does not ask for what was saved, or changed back', async () => {
    await show();
    await change('new');
    await change('old');
    await turn('About');
    expect(words()).toContain('Nothing to change');
    await turn('Settings');
    await change('new');
    await press('Save');
    await press('Close');
    expect([words().includes(QUESTION), field()]).toEqual([false, null]);
  });
});
