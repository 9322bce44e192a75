// @vitest-environment happy-dom
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { useTyped } from './useTyped';

const sent: string[] = [];
function Box({ asked }: { asked: string }) {
  const [text, type] = useTyped(asked, (given) => sent.push(given));
  return <button type="button" value={text} onClick={(e) => type(e.currentTarget.title)}>{text}</button>;
}

describe('a box that searches as it is typed', () => {
  let show: (asked: string) => void;
  let end: () => void;
  beforeEach(() => {
    vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
    vi.useFakeTimers();
    sent.length = 0;
    const place = document.createElement('div');
    document.body.replaceChildren(place);
    const root = createRoot(place);
    show = (asked) => act(() => root.render(<Box asked={asked} />));
    end = () => act(() => root.unmount());
    show('');
  });
  afterEach(() => {
    end();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
  const box = () => document.querySelector('button')!;
  const type = (text: string) =>
    act(() => {
      box().title = text;
      box().click();
    });
  const wait = (ms: number) => act(() => vi.advanceTimersByTime(ms));

  it('asks for the first letter at once and for the last of a burst soon after it', () => {
    type('o');
    expect(sent).toEqual(['o']);
    wait(15);
    type('of');
    wait(15);
    type('off');
    expect(sent).toEqual(['o']);
    wait(40);
    expect(sent).toEqual(['o', 'off']);
  });
  it('keeps what was typed while the address comes behind', () => {
    type('o');
    wait(15);
    type('of');
    show('o');
    expect(box().value).toBe('of');
    wait(40);
    type('off');
    show('of');
    expect(box().value).toBe('off');
  });
  it('follows an address from elsewhere, and asks no more for what it overtook', () => {
    type('o');
    wait(15);
    type('of');
    show('o');
    show('offer');
    wait(200);
    expect(box().value).toBe('offer');
    expect(sent).toEqual(['o']);
  });
});
