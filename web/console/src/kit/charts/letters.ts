// How much room letters take in a picture, and what is left out of them where there is less.

const AVERAGE = 0.62;
let pen: CanvasRenderingContext2D | null | undefined;

/** How wide a text is in the letters of the page; about so, where nothing can be drawn. */
export function textWidth(text: string, size: number, weight = 400): number {
  pen ??= document.createElement('canvas').getContext?.('2d') ?? null;
  if (!pen) return text.length * size * AVERAGE;
  pen.font = `${weight} ${size}px ${getComputedStyle(document.querySelector('.fui-FluentProvider') ?? document.body).fontFamily}`;
  return pen.measureText(text).width;
}

type Measure = (text: string) => number;

/** The longest that `made` makes of fewer and fewer letters and that fits. */
function longest(count: number, room: number, measure: Measure, made: (letters: number) => string): string {
  let [fits, not] = [0, count];
  while (not - fits > 1) {
    const middle = Math.floor((fits + not) / 2);
    if (measure(made(middle)) <= room) fits = middle;
    else not = middle;
  }
  return made(fits);
}

/** A sentence, cut at its end. */
export function cutEnd(text: string, room: number, measure: Measure): string {
  const letters = [...text];
  return measure(text) <= room ? text : longest(letters.length, room, measure, (n) => `${letters.slice(0, n).join('').trimEnd()}…`);
}

/** An address, cut in its middle: who it begins with and where it ends tell it from others. */
export function cutMiddle(text: string, room: number, measure: Measure): string {
  const letters = [...text];
  return measure(text) <= room ? text : longest(letters.length, room, measure, (n) => `${letters.slice(0, Math.ceil(n * 0.6)).join('')}…${letters.slice(letters.length - Math.floor(n * 0.4)).join('')}`);
}
