// Chance that can be had again: the same seed throws the same dice.

export interface Die {
  /** In [0, 1). */
  next(): number;
  /** A whole number in [0, sides). */
  below(sides: number): number;
  chance(probability: number): boolean;
  pick<T>(faces: readonly T[]): T;
}

/** Mulberry32: small, fast, and good enough to vary a simulation. */
export function createDie(seed: number): Die {
  let state = (seed * 0x9e3779b1 + 0x85ebca6b) >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (sides: number): number => Math.floor(next() * sides);
  return {
    next,
    below,
    chance: (probability) => next() < probability,
    pick: (faces) => faces[below(faces.length)] as (typeof faces)[number],
  };
}
