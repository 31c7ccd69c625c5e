// How much of the weights' history a route has to carry.

import type { WeightChange } from "../model/route.js";
import type { Duration, Instant } from "../model/units.js";

/**
 * The entries that a session younger than the timeout can need: those since `now - timeout`, and the one in force then.
 * The last entry always stays.
 */
export function keepHistory(
  history: readonly WeightChange[],
  now: Instant,
  timeout: Duration,
): readonly WeightChange[] {
  const oldestStart = now - timeout;
  return history.filter((_, i) => {
    const next = history[i + 1];
    return next === undefined || next.at > oldestStart;
  });
}
