/** How large an eval set has to be, and what a set of this size can see (STATISTICS section 7). */
import { bisectFalling } from "./bisect.js";
import { normalQuantile } from "./normal.js";

/**
 * `sd`: standard deviation of the items' differences; `maxRegression` as a fraction; `beta`: chance of a wrong PASS. With clusters a
 * unit is a cluster: `sd` is then the clustered standard error times the root of their count, and `unevenness` the size of the
 * largest cluster over their mean size, by which the capped bet falls behind.
 */
export interface SetPlan {
  readonly sd: number;
  readonly unevenness: number;
  readonly maxRegression: number;
  readonly beta: number;
}

function exactUnitsNeeded({ sd, unevenness, maxRegression, beta }: SetPlan): number {
  const reach = normalQuantile(1 - beta) + normalQuantile(0.9);
  const bySpread = 1.1 * ((reach * sd) / maxRegression) ** 2;
  const byCappedBets = (unevenness * 2.1 * Math.log(1 / beta) * (1 - maxRegression)) / (0.9 * maxRegression);
  return Math.max(bySpread, byCappedBets);
}

/** Items, or clusters, with which an unchanged candidate passes nine times in ten; Infinity where no regression at all is allowed. */
export function unitsNeeded(plan: SetPlan): number {
  return plan.maxRegression > 0 ? Math.ceil(exactUnitsNeeded(plan)) : Number.POSITIVE_INFINITY;
}

/** The smallest regression that a set of so many items, or clusters, can rule out nine times in ten; 1 at the most. */
export function regressionSeen(set: Omit<SetPlan, "maxRegression"> & { readonly units: number }): number {
  const { units, ...spread } = set;
  if (!(units > 0)) return 1;
  return bisectFalling((maxRegression) => exactUnitsNeeded({ ...spread, maxRegression }) - units, 1e-9, 1);
}

/** What is left of the items' spread when each is run so many times: `noise` is the share of its variance between runs. */
export function sdWithRepeats(spread: {
  readonly sd: number;
  readonly noise: number;
  readonly repeats: number;
}): number {
  return spread.sd * Math.sqrt(1 - spread.noise + spread.noise / spread.repeats);
}
