/** Coefficients B(2k) / (2k (2k - 1)) of Stirling's series (Abramowitz and Stegun 6.1.41). */
const stirling = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400];

/** From here on eight terms of Stirling's series are exact to the last digits of a double. */
const largeEnough = 12;

function logGammaLarge(x: number): number {
  const inverseSquare = 1 / (x * x);
  let series = 0;
  for (let k = stirling.length - 1; k >= 0; k -= 1) series = series * inverseSquare + (stirling[k] ?? 0);
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series / x;
}

/** ln Gamma(x) for x > 0; NaN otherwise. */
export function logGamma(x: number): number {
  if (!(x > 0)) return Number.NaN;
  let shifted = x;
  let product = 1;
  while (shifted < largeEnough) {
    product *= shifted;
    shifted += 1;
  }
  return logGammaLarge(shifted) - Math.log(product);
}

/** ln B(a, b) for a, b > 0. */
export function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}

/** ln of n choose k, for whole 0 <= k <= n. */
export function logChoose(n: number, k: number): number {
  return logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
}
