/** What every rate is kept inside before it meets a logarithm: a rate of exactly 0 or 1 would make a bet infinite. */
export const rateFloor = 1e-4;

export function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

/** A rate kept inside [1e-4, 1 - 1e-4]. */
export function clampRate(rate: number): number {
  return clamp(rate, rateFloor, 1 - rateFloor);
}

/** The log-odds of a rate, which is clamped first. */
export function logit(rate: number): number {
  const inside = clampRate(rate);
  return Math.log(inside) - Math.log1p(-inside);
}

/** The rate of the log-odds; two branches, so that no large exponential is ever taken. */
export function expit(logOdds: number): number {
  if (logOdds >= 0) return 1 / (1 + Math.exp(-logOdds));
  const odds = Math.exp(logOdds);
  return odds / (1 + odds);
}
