// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from 'vitest';
import { mount, unmountAll } from '@kit/testing';
import type { StageStep } from './shapes';
import { StageBar } from './StageBar';

const bar = (...steps: [string, string, string | null][]) => steps.map(([Name, State, At]) => ({ Name, State, At })) as StageStep[];
const said = () => [...document.querySelectorAll('li > span:last-child')].map((time) => time.firstChild?.textContent);

describe('the stages', () => {
  afterEach(unmountAll);
  it('after one that failed are never reached', async () => {
    await mount(<StageBar steps={bar(['Not received', 'Failed', null], ['Processed', 'Open', null], ['Delivered', 'Open', null])} status="Failed" stage="NotReceived" />);
    expect(said()).toEqual(['failed', 'never', 'never']);
  });
  it('of a group are open until its members are done with', async () => {
    const steps = bar(['Received', 'Done', null], ['Processed', 'Done', null], ['Delivered', 'Open', null]);
    await mount(<StageBar steps={steps} status="Expanded" stage="Processed" />);
    expect(said()).toEqual(['done', 'done', 'not yet']);
    await mount(<StageBar steps={steps} status="Expanded" stage="Processed" ended />);
    expect(said()).toEqual(['done', 'done', 'not to all']);
  });
});
