// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from 'vitest';
import { mount, unmountAll } from '@kit/testing';
import { Columns } from './Columns';
import { Lines } from './Lines';
import { timeScale } from './scale';
import { spoken } from '@kit/time/stops';

const parts = ['Delivered', 'Pending', 'Failed'].map((id) => ({ id, name: id, colour: '#ffffff' }));
const fills = (where: string) => [...document.querySelectorAll(where)].map((rect) => rect.getAttribute('fill') ?? '');

describe('columns', () => {
  afterEach(unmountAll);
  const show = () => mount(<Columns title="Days" head="Day" parts={parts} columns={[{ label: '1 Nov', values: { Delivered: 130, Pending: 2, Failed: 6 } }]} />);

  it('have a colour for each part', async () => {
    await show();
    expect(fills('rect[data-part]')).toEqual(['#ffffff', '#ffffff', '#ffffff']);
  });
  it('in high contrast have a pattern for each, and the legend the same', async () => {
    localStorage.setItem('postroom.colours', 'contrast');
    await show();
    const used = fills('rect[data-part]');
    expect([new Set(used).size, fills('li rect')]).toEqual([3, used]);
    expect(used.map((fill) => document.getElementById(fill.slice('url(#'.length, -1))?.tagName.toLowerCase())).toEqual(['pattern', 'pattern', 'pattern']);
  });
});

describe('lines', () => {
  afterEach(unmountAll);
  it('begin right of the longest mark', async () => {
    await mount(<Lines title="Latency" head="At" show={(ms) => `${spoken(ms)} and then some more`} scaleOf={timeScale} lines={[{ id: 'P', name: 'p50', colour: 'red' }]} points={[{ label: '10:00', values: { P: 2_198_000 } }]} />);
    const mark = document.querySelector('svg[role=img] text');
    expect([Number(mark?.getAttribute('x')) > (mark?.textContent?.length ?? 0) * 6, mark?.getAttribute('text-anchor')]).toEqual([true, 'end']);
  });
});
