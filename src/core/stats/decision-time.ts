/**
 * When a sequential test decides: evidence is a drifting random walk, and the first time it reaches its target is inverse
 * Gaussian (STATISTICS section 8). `information` is growth in nats times sessions.
 */
import { bisectFalling } from "./bisect.js";
import { logNormalCdf, normalCdf } from "./normal.js";

/** What betting on a grid costs over betting on the truth, in nats. Fitted once, by simulation. */
const penalty = { fail: 1.1, pass: 0.5 };

/** Nats that a direction has to gather: ln(1 / (level * weight)) and what the grid costs. PASS has no weight: give 1. */
export function decisionTarget(
  direction: "fail" | "pass",
  test: { readonly level: number; readonly weight: number },
): number {
  return Math.log(1 / (test.level * test.weight)) + penalty[direction];
}

/** The probability that a test with this target has decided once so much information came in. */
export function probabilityDecided(information: number, target: number): number {
  if (target <= 0) return 1;
  if (!(information > 0)) return 0;
  const width = Math.sqrt(2 * information);
  const direct = normalCdf((information - target) / width);
  return Math.min(1, direct + Math.exp(target + logNormalCdf(-(information + target) / width)));
}

/** The information at which the test has decided with the given probability: the inverse of the function above. */
export function informationNeeded(target: number, probability: number): number {
  if (target <= 0) return 0;
  return Math.exp(bisectFalling((x) => probability - probabilityDecided(Math.exp(x), target), -20, 20));
}

/** A stretch of time with its growth of information; the last one may be endless (`hours` Infinity). */
export interface Stretch {
  readonly hours: number;
  readonly sessionsPerHour: number;
  /** Nats for each session of both arms. */
  readonly growth: number;
}

/** Hours until so much information has come in over the stretches, one after the other; null if it never does. */
export function hoursUntil(information: number, stretches: readonly Stretch[]): number | null {
  let left = information;
  let hours = 0;
  for (const stretch of stretches) {
    const perHour = stretch.sessionsPerHour * stretch.growth;
    if (perHour > 0 && left <= perHour * stretch.hours) return hours + left / perHour;
    left -= perHour > 0 ? perHour * stretch.hours : 0;
    hours += stretch.hours;
  }
  return null;
}

/** Information that comes in over all the stretches. */
export function informationOver(stretches: readonly Stretch[]): number {
  return stretches.reduce((sum, { hours, sessionsPerHour, growth }) => {
    const perHour = sessionsPerHour * growth;
    return sum + (perHour > 0 ? perHour * hours : 0);
  }, 0);
}
