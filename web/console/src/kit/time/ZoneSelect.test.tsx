// @vitest-environment happy-dom
import { act, useState } from 'react';
import { afterEach, expect, test } from 'vitest';
import { mount, settled, type, unmountAll } from '@kit/testing';
import { ZoneSelect } from './ZoneSelect';

afterEach(unmountAll);

function Choosing() {
  const [zone, setZone] = useState('Etc/UTC');
  return <><ZoneSelect aria-label="Zone" value={zone} onChange={setZone} /><output>{zone}</output></>;
}
const box = () => document.querySelector('input') as HTMLInputElement;
const options = () => [...document.querySelectorAll('[role=option]')].map((option) => option.textContent);

test('a zone is found by what is typed, and taken where it is the only one', async () => {
  await mount(<Choosing />);
  expect(box().value).toBe('UTC');
  await act(async () => box().focus());
  await act(async () => box().click());
  await type('Zone', 'new yo');
  expect(options()).toEqual(['America/New York']);
  await act(async () => box().blur());
  await settled();
  expect([document.querySelector('output')?.textContent, box().value]).toEqual(['America/New_York', 'America/New York']);
});

test('what is no zone changes nothing', async () => {
  await mount(<Choosing />);
  await act(async () => box().focus());
  await act(async () => box().click());
  await type('Zone', 'nowhere');
  expect(options()).toEqual(['No time zone has this in its name.']);
  await act(async () => box().blur());
  await settled();
  expect([document.querySelector('output')?.textContent, box().value]).toEqual(['Etc/UTC', 'UTC']);
});
