/**
 * Differences of means by strata, treated as normal: the approximate test for sources that give totals only (STATISTICS
 * section 5), and the always-valid interval that is shown beside every exact verdict and decides nothing (section 6).
 */
import { logNormalCdf } from "./normal.js";

/** One stage's difference of means, canary minus stable in badness, and the variance of that difference. */
export interface Stratum {
  readonly difference: number;
  readonly variance: number;
}

/** Strata gathered: the sum of 1 / variance, and the sum of difference / variance. Zero for no strata. */
export interface Strata {
  readonly information: number;
  readonly weighted: number;
}

export const noStrata: Strata = { information: 0, weighted: 0 };

/** Strata with one more; a stratum without a positive, finite variance says nothing and is left out. */
export function addStratum(strata: Strata, stratum: Stratum | null): Strata {
  if (stratum === null || !(stratum.variance > 0) || !Number.isFinite(stratum.variance)) return strata;
  return {
    information: strata.information + 1 / stratum.variance,
    weighted: strata.weighted + stratum.difference / stratum.variance,
  };
}

/** Sessions, sum and sum of squares of one arm's badness in a stage. */
export interface ArmTotals {
  readonly count: number;
  readonly sum: number;
  readonly squares: number;
}

/** Mean of an arm's badness; null for no sessions. */
function armMean(arm: ArmTotals): number | null {
  return arm.count > 0 ? arm.sum / arm.count : null;
}

/** Estimated variance of an arm's mean; a half good and a half bad session are lent to it, so that it is never 0. */
function varianceOfMean(arm: ArmTotals, unit: number): number {
  const count = arm.count + 1;
  const mean = (arm.sum + unit / 2) / count;
  return Math.max((arm.squares + (unit * unit) / 2) / count - mean * mean, 0) / arm.count;
}

/** The stratum of two arms; null while one is empty. `unit`: the range of the badness, 1 for rates, the cap for means. */
export function stratumOf(
  arms: { readonly canary: ArmTotals; readonly stable: ArmTotals },
  unit: number,
): Stratum | null {
  const canary = armMean(arms.canary);
  const stable = armMean(arms.stable);
  if (canary === null || stable === null) return null;
  return {
    difference: canary - stable,
    variance: varianceOfMean(arms.canary, unit) + varianceOfMean(arms.stable, unit),
  };
}

/** What the mixture test asks: is the difference above `shift` ("above") or below it ("below")? */
export interface MixtureQuestion {
  readonly side: "above" | "below";
  readonly shift: number;
  /** Standard deviation of the half-normal prior: the size of differences that are looked for. */
  readonly priorSd: number;
}

/** ln of the half-normal mixture e-value: 0.5 ln(4 rho / v) + score^2 / (2 v) + ln Phi(score / sqrt v). Approximate. */
export function mixtureLogE(strata: Strata, question: MixtureQuestion): number {
  const sign = question.side === "above" ? 1 : -1;
  const score = sign * (strata.weighted - question.shift * strata.information);
  const rho = 1 / question.priorSd ** 2;
  const v = strata.information + rho;
  return 0.5 * Math.log((4 * rho) / v) + (score * score) / (2 * v) + logNormalCdf(score / Math.sqrt(v));
}

/** An estimate with its interval, in badness, canary minus stable. */
export interface Interval {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/**
 * The interval that holds at every tick at once with probability 1 - level; null while nothing is known. It is a picture:
 * decisions are made by the e-values (STATISTICS section 6, "Display interval").
 */
export function displayInterval(
  strata: Strata,
  shape: { readonly level: number; readonly priorSd: number },
): Interval | null {
  const { information } = strata;
  if (!(information > 0)) return null;
  const r = 1 / shape.priorSd ** 2;
  const logs = 2 * Math.log(1 / shape.level) + Math.log((information + r) / r);
  const half = Math.sqrt(((information + r) / information ** 2) * logs);
  const estimate = strata.weighted / information;
  return { estimate, low: estimate - half, high: estimate + half };
}

/** Below these the normal approximation is not worth saying: sessions of the canary, and how many of them are bad (STATISTICS section 6). */
export const leastForMixture = { sessions: 300, bad: 30 } as const;

export function enoughForMixture(canary: { readonly sessions: number; readonly bad: number }): boolean {
  return canary.sessions >= leastForMixture.sessions && canary.bad >= leastForMixture.bad;
}
