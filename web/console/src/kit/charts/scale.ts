// Scales of pictures: round marks on an axis.

/** A round number at or above the greatest value, and the marks up to it. */
export function niceScale(greatest: number, marks = 4): { top: number; marks: number[] } {
  if (!(greatest > 0)) return { top: 1, marks: [0, 1] };
  const rough = greatest / marks;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough) ?? rough;
  const whole = Math.max(step, greatest < marks ? 1 : step);
  const count = Math.ceil(greatest / whole - 1e-9);
  return { top: count * whole, marks: Array.from({ length: count + 1 }, (_, i) => i * whole) };
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** Steps that are round on a clock, between a second and a day. */
const CLOCK = [1, 2, 5, 10, 15, 30].flatMap((n) => [n * SECOND, n * MINUTE]).concat([1, 2, 3, 6, 12, 24].map((n) => n * HOUR)).sort((a, b) => a - b);

/** The same for milliseconds: the marks of a long scale are whole seconds, minutes or hours. */
export function timeScale(greatest: number, marks = 4): { top: number; marks: number[] } {
  const step = greatest / marks > SECOND / 2 ? CLOCK.find((s) => s >= greatest / marks) : undefined;
  if (step === undefined) return niceScale(greatest, marks);
  const count = Math.ceil(greatest / step - 1e-9);
  return { top: count * step, marks: Array.from({ length: count + 1 }, (_, i) => i * step) };
}

/** Every how many of the labels one is written, so that they do not touch. */
export const labelEvery = (count: number, width: number, label = 56): number => Math.max(1, Math.ceil((count * label) / Math.max(1, width)));
