/**
 * The shift between two series by Mann and Whitney, with the interval that R's `wilcox.test(conf.int = TRUE, exact = FALSE)`
 * reports: the shifts that the test does not reject, corrected for ties and continuity.
 */
import { normalQuantile } from "../stats/normal.js";

export interface Shift {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/** How far `first` lies above `second`, two-sided at this confidence. Neither may be empty. */
export function mannWhitneyShift(first: readonly number[], second: readonly number[], confidence: number): Shift {
  const x = [...first].sort((a, b) => a - b);
  const y = [...second].sort((a, b) => a - b);
  const z = normalQuantile(1 - (1 - confidence) / 2);
  const range = { from: (x[0] ?? 0) - (y.at(-1) ?? 0), to: (x.at(-1) ?? 0) - (y[0] ?? 0) };
  return {
    estimate: rootOf((shift) => statistic(x, y, { shift, corrected: false }), range),
    low: rootOf((shift) => statistic(x, y, { shift, corrected: true }) - z, range),
    high: rootOf((shift) => statistic(x, y, { shift, corrected: true }) + z, range),
  };
}

/** The standardized statistic of x - shift against y: it falls as the shift grows. */
function statistic(
  x: readonly number[],
  y: readonly number[],
  at: { readonly shift: number; readonly corrected: boolean },
): number {
  const { above, ties } = compared(x, y, at.shift);
  const pairs = x.length * y.length;
  const total = x.length + y.length;
  const centred = above - pairs / 2;
  const correction = at.corrected ? Math.sign(centred) * 0.5 : 0;
  const variance = (pairs / 12) * (total + 1 - ties / (total * (total - 1)));
  return variance > 0 ? (centred - correction) / Math.sqrt(variance) : 0;
}

/** Pairs in which x - shift lies above y (half for equal ones), and the sum of t^3 - t over groups of equal values. */
function compared(
  x: readonly number[],
  y: readonly number[],
  shift: number,
): { readonly above: number; readonly ties: number } {
  let above = 0;
  let ties = 0;
  let i = 0;
  let j = 0;
  while (i < x.length || j < y.length) {
    const value = Math.min((x[i] ?? Infinity) - shift, y[j] ?? Infinity);
    let ofX = 0;
    let ofY = 0;
    while (i < x.length && (x[i] ?? 0) - shift <= value) {
      ofX += 1;
      i += 1;
    }
    while (j < y.length && (y[j] ?? 0) <= value) {
      ofY += 1;
      j += 1;
    }
    above += ofX * (j - ofY / 2);
    ties += (ofX + ofY) ** 3 - (ofX + ofY);
  }
  return { above, ties };
}

/**
 * Where a falling function crosses 0, to a billionth of the range. Where many values are equal it jumps across at no shift at
 * all, and what the equal values say themselves tells on which side of it the crossing lies.
 */
function rootOf(falling: (shift: number) => number, range: { readonly from: number; readonly to: number }): number {
  let { from, to } = range;
  if (falling(from) <= 0) return from;
  if (falling(to) >= 0) return to;
  const enough = (to - from) * 1e-9;
  while (to - from > enough) {
    const middle = (from + to) / 2;
    if (falling(middle) > 0) from = middle;
    else to = middle;
  }
  return from <= enough && to >= -enough ? Math.sign(falling(0)) * enough : (from + to) / 2;
}
