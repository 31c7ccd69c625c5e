// Exact expectations over all outcomes of small samples: what validity means, with nothing left to chance.

/** An outcome with its probability. */
export interface Weighted<T> {
  readonly value: T;
  readonly chance: number;
}

/** All sequences of `length` independent draws, with their probabilities. */
export function sequences<T>(draw: readonly Weighted<T>[], length: number): readonly Weighted<readonly T[]>[] {
  let all: readonly Weighted<readonly T[]>[] = [{ value: [], chance: 1 }];
  for (let step = 0; step < length; step += 1) {
    all = all.flatMap((so) =>
      draw.map(({ value, chance }) => ({ value: [...so.value, value], chance: so.chance * chance })),
    );
  }
  return all;
}

/** Probability of each number of successes. */
export function binomial(trials: number, p: number): readonly Weighted<number>[] {
  const all: Weighted<number>[] = [];
  let ways = 1;
  for (let k = 0; k <= trials; k += 1) {
    all.push({ value: k, chance: ways * p ** k * (1 - p) ** (trials - k) });
    ways = (ways * (trials - k)) / (k + 1);
  }
  return all;
}

export function mean(draw: readonly Weighted<number>[], of: (value: number) => number = (value) => value): number {
  return draw.reduce((sum, { value, chance }) => sum + chance * of(value), 0);
}

/** Pseudo-random numbers in [0, 1) from a seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A draw from a binomial by counting, for small numbers of trials. */
export function draws(random: () => number, trials: number, p: number): number {
  let hits = 0;
  for (let k = 0; k < trials; k += 1) if (random() < p) hits += 1;
  return hits;
}

export function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
