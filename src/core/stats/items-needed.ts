/** How large an eval set has to be, and what a set of this size can see (STATISTICS section 7). */
import { bisectFalling } from "./bisect.js";
import { normalQuantile } from "./normal.js";

/** `sd`: standard deviation of the items' differences; `maxRegression` as a fraction; `beta`: chance of a wrong PASS. */
export interface SetPlan {
  readonly sd: number;
  readonly maxRegression: number;
  readonly beta: number;
}

function exactItemsNeeded({ sd, maxRegression, beta }: SetPlan): number {
  const reach = normalQuantile(1 - beta) + normalQuantile(0.9);
  const bySpread = 1.1 * ((reach * sd) / maxRegression) ** 2;
  const byCappedBets = (2.1 * Math.log(1 / beta) * (1 - maxRegression)) / (0.9 * maxRegression);
  return Math.max(bySpread, byCappedBets);
}

/** Items with which an unchanged candidate passes nine times in ten; Infinity where no regression at all is allowed. */
export function itemsNeeded(plan: SetPlan): number {
  return plan.maxRegression > 0 ? Math.ceil(exactItemsNeeded(plan)) : Number.POSITIVE_INFINITY;
}

/** The smallest regression that a set of so many items can rule out nine times in ten; 1 at the most. */
export function regressionSeen(set: { readonly items: number; readonly sd: number; readonly beta: number }): number {
  const { items, sd, beta } = set;
  if (!(items > 0)) return 1;
  return bisectFalling((maxRegression) => exactItemsNeeded({ sd, maxRegression, beta }) - items, 1e-9, 1);
}

/** What is left of the items' spread when each is run so many times: `noise` is the share of its variance between runs. */
export function sdWithRepeats(spread: {
  readonly sd: number;
  readonly noise: number;
  readonly repeats: number;
}): number {
  return spread.sd * Math.sqrt(1 - spread.noise + spread.noise / spread.repeats);
}
