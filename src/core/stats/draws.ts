/** Chance from a seed, for simulations: the same seed gives the same draws everywhere. Nothing here decides anything. */

/** Numbers in [0, 1). */
export type Random = () => number;

/** The stream of a seed: mulberry32 (T. Ettinger), 32 bits of state. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A seed of its own for each part of a simulation, so that parts do not share a stream. */
export function seedOf(seed: number, ...parts: readonly number[]): number {
  return parts.reduce((mixed, part) => Math.imul(mixed ^ part, 0x9e3779b1) ^ (mixed >>> 13), seed | 0) >>> 0;
}

/** So many trials at once that no probability of the inversion below falls out of a double. */
const mostTrials = 500;

/** How many of `trials` succeed, each with `chance`: exact, by inversion. */
export function drawBinomial(random: Random, trials: number, chance: number): number {
  if (!(chance > 0) || trials <= 0) return 0;
  if (chance >= 1) return trials;
  if (chance > 0.5) return trials - drawBinomial(random, trials, 1 - chance);
  let successes = 0;
  for (let left = trials; left > 0; left -= mostTrials) {
    successes += invertBinomial(random(), Math.min(left, mostTrials), chance);
  }
  return successes;
}

function invertBinomial(uniform: number, trials: number, chance: number): number {
  const odds = chance / (1 - chance);
  let probability = (1 - chance) ** trials;
  let left = uniform - probability;
  let successes = 0;
  while (left >= 0 && successes < trials) {
    probability *= (odds * (trials - successes)) / (successes + 1);
    successes += 1;
    left -= probability;
  }
  return successes;
}

/** The largest mean that is inverted at once. */
const mostMean = 50;

/** A count with a Poisson distribution: exact, by inversion. */
export function drawPoisson(random: Random, mean: number): number {
  let count = 0;
  for (let left = mean; left > 0; left -= mostMean) count += invertPoisson(random(), Math.min(left, mostMean));
  return count;
}

function invertPoisson(uniform: number, mean: number): number {
  let probability = Math.exp(-mean);
  let left = uniform - probability;
  let count = 0;
  while (left >= 0 && count < 1000) {
    count += 1;
    probability *= mean / count;
    left -= probability;
  }
  return count;
}

/** A standard normal value (Box and Muller). */
export function drawNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** A gamma value with scale 1 (Marsaglia and Tsang, ACM TOMS 26, 2000, 363-372). */
export function drawGamma(random: Random, shape: number): number {
  if (shape < 1) return drawGamma(random, shape + 1) * (1 - random()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = drawNormal(random);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}
