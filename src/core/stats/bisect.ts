/** How the interval around a crossing is halved. 80 halvings of an interval of length 1 reach 1e-24. */
const halvings = 80;

/**
 * Where a function that falls from positive to negative crosses zero within [low, high]. If it does not cross, the end
 * nearer to the crossing is approached.
 */
export function bisectFalling(f: (x: number) => number, low: number, high: number): number {
  let left = low;
  let right = high;
  for (let step = 0; step < halvings; step += 1) {
    const middle = (left + right) / 2;
    if (middle === left || middle === right) return middle;
    if (f(middle) > 0) left = middle;
    else right = middle;
  }
  return (left + right) / 2;
}
