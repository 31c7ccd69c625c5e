import { logChoose } from "./gamma.js";
import { logSumExp } from "./log-sum-exp.js";

/**
 * The exact two-sided McNemar test: of all items that flipped, how surprising is it that they fell this unevenly if each
 * flip went either way with the same chance (binomial with 1/2, twice the smaller tail, at most 1)?
 */
export function mcnemarP(flips: { readonly improved: number; readonly regressed: number }): number {
  const total = flips.improved + flips.regressed;
  const fewer = Math.min(flips.improved, flips.regressed);
  // Flips that fell as evenly as they can surprise nobody.
  if (2 * fewer + 1 >= total) return 1;
  const terms: number[] = [];
  for (let k = 0; k <= fewer; k += 1) terms.push(logChoose(total, k));
  return Math.min(1, 2 * Math.exp(logSumExp(terms) - total * Math.LN2));
}
