// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from 'vitest';
import type { Source } from '@api/client';
import { button, mount, press, unmountAll, words } from '@kit/testing';
import { Nothing } from '../mail-flow/message-trace/Nothing';
import { Asked, listed } from './Asked';
import { Gaps } from './Gaps';

const source = (n: number, LagSeconds: number | null = null): Source => ({ Name: `gw${n}`, Type: 'Syslog', Place: `place${n}`, State: 'Reading', LastRecord: null, LagSeconds });
const many = Array.from({ length: 20 }, (_, i) => source(i + 1, i === 11 ? 60 : i === 12 ? 7200 : null));
const gap = (Source: string) => ({ Source, Cause: `${Source} is not read` });

describe('the sources of an answer', () => {
  afterEach(unmountAll);
  it('stand as they are while they are few, and by what may be missing when they are many', () => {
    expect(listed(many.slice(0, 6), [gap('gw6')]).map((one) => one.Name)).toEqual(['gw1', 'gw2', 'gw3', 'gw4', 'gw5', 'gw6']);
    expect(listed(many, [gap('gw20'), gap('place19')]).map((one) => one.Name).slice(0, 6)).toEqual(['gw19', 'gw20', 'gw13', 'gw12', 'gw1', 'gw2']);
  });
  it('are folded, and unfold by a button that says so', async () => {
    await mount(<Asked sources={many} gaps={[gap('gw20')]} />);
    expect(words()).toBe('Asked: gw20, gw13 is 2 h behind, gw12 is 1 min behind, gw1, gw2 and 15 more');
    const more = button('and 15 more');
    expect([more.tagName, more.getAttribute('aria-expanded'), document.getElementById(more.getAttribute('aria-controls') ?? '')?.textContent]).toEqual(['BUTTON', 'false', expect.stringContaining('gw20')]);
    await press('and 15 more');
    expect([words().includes('gw18'), button('show fewer').getAttribute('aria-expanded')]).toEqual([true, 'true']);
    await press('show fewer');
    expect(words()).not.toContain('gw18');
  });
  it('six are all named', async () => {
    await mount(<Asked sources={many.slice(0, 6)} gaps={[]} />);
    expect([words(), document.querySelector('button')]).toEqual(['Asked: gw1, gw2, gw3, gw4, gw5, gw6', null]);
  });
  it('gaps fold alike', async () => {
    await mount(<Gaps gaps={many.map((one) => gap(one.Name))} />);
    expect([words().includes('gw5 is not read'), words().includes('gw6 is not read')]).toEqual([true, false]);
    await press('and 15 more');
    expect(words()).toContain('gw20 is not read');
  });
  it('so does the list of what was searched where nothing was found', async () => {
    const text = ['No message was found.', 'Searched, from 2026-11-20 to now:', ...many.map((one) => `  ${one.Name}: no record yet`)];
    await mount(<Nothing texts={[text]} span="" />);
    expect(document.querySelectorAll('li')).toHaveLength(5);
    await press('and 15 more');
    expect(document.querySelectorAll('li')).toHaveLength(20);
  });
});
