/**
 * The eval gate's betting process: items are looked at in an order that was fixed in advance, each bet aims at completing the
 * proof by the last item, and stopping early costs nothing (STATISTICS section 7; Voráček and Orabona, "STaR-Bets",
 * arXiv 2505.22422).
 */

/** No bet may lose more than this share of what is there. */
const deepestLoss = 0.9;

/** The running spread starts as if ten items with standard deviation 0.35 had been seen. */
const pseudoItems = 10;
const pseudoVariance = 0.35 ** 2;

/**
 * What is to be shown about the mean of the units' values: that it is above `edge`, or below it. Every value lies in [low, high].
 * `level`: the promised chance of showing it wrongly. `units`: how many there will be.
 */
export interface BetQuestion {
  readonly side: "above" | "below";
  readonly edge: number;
  readonly low: number;
  readonly high: number;
  readonly level: number;
  readonly units: number;
  /** Where the mean is supposed to be before anything was seen. */
  readonly start: number;
}

/** `logE`: ln of the e-value against the opposite, after all values; `provenAt`: units looked at when it was shown, or null. */
export interface BetOutcome {
  readonly logE: number;
  readonly provenAt: number | null;
}

/** Bets on the values in the order given. Once proven, nothing more is bet and `logE` stays. */
export function betOnUnits(values: readonly number[], question: BetQuestion): BetOutcome {
  const sign = question.side === "above" ? 1 : -1;
  const width = question.side === "above" ? question.edge - question.low : question.high - question.edge;
  const target = Math.log(1 / question.level);
  let logE = 0;
  let provenAt: number | null = null;
  let seen = pseudoItems;
  let mean = question.start;
  let squares = pseudoItems * pseudoVariance;
  for (const [index, value] of values.entries()) {
    if (provenAt === null) {
      const left = Math.max(question.units - index, 1);
      const aimed = Math.sqrt((2 * Math.max(target - logE, 0)) / (left * Math.max(squares / seen, 1e-4)));
      logE += Math.log1p(Math.min(aimed, deepestLoss / width) * sign * (value - question.edge));
      if (logE >= target) provenAt = index + 1;
    }
    seen += 1;
    const before = value - mean;
    mean += before / seen;
    squares += before * (value - mean);
  }
  return { logE, provenAt };
}

/** A decision rule for a suite: scores in [0, 1], `maxRegression` and `minScore` as fractions, levels of being wrong. */
export interface PairedRule {
  readonly maxRegression: number;
  readonly minScore: number;
  readonly alpha: number;
  readonly beta: number;
}

/** The four proofs; PASS needs the first two, either of the last two is a FAIL, which goes first. */
export interface PairedProof {
  readonly decision: "pass" | "fail" | "wait";
  /** The regression is smaller than `maxRegression`, with chance of error beta. */
  readonly notWorse: BetOutcome;
  /** The mean score is above `minScore`, with chance of error beta. */
  readonly scoreEnough: BetOutcome;
  /** The candidate is worse than the baseline, with chance of error alpha / 2. */
  readonly worse: BetOutcome;
  /** The mean score is below `minScore`, with chance of error alpha / 2. */
  readonly scoreTooLow: BetOutcome;
}

/** One item that both sides scored, trials averaged, in the order fixed in advance. `cluster`: items that go together. */
export interface ScoredItem {
  readonly baseline: number;
  readonly candidate: number;
  readonly cluster: string | null;
}

/** Judges a suite by betting. Items of a cluster are one unit, because they are not independent of each other. */
export function pairedProof(items: readonly ScoredItem[], rule: PairedRule): PairedProof {
  const difference = items.map((item) => item.candidate - item.baseline);
  const score = items.map((item) => item.candidate);
  const show = (values: readonly number[], question: Omit<BetQuestion, "high" | "units">): BetOutcome => {
    const units = unitValues(items, values, question.edge);
    return betOnUnits(units, { ...question, high: 1, units: units.length });
  };
  const { maxRegression, minScore: limit, alpha, beta } = rule;
  const notWorse = show(difference, { side: "above", edge: -maxRegression, low: -1, level: beta, start: 0 });
  const scoreEnough = show(score, { side: "above", edge: limit, low: 0, level: beta, start: limit });
  const worse = show(difference, { side: "below", edge: 0, low: -1, level: alpha / 2, start: 0 });
  const scoreTooLow = show(score, { side: "below", edge: limit, low: 0, level: alpha / 2, start: limit });
  const failed = worse.provenAt !== null || scoreTooLow.provenAt !== null;
  const passed = notWorse.provenAt !== null && scoreEnough.provenAt !== null;
  return { decision: failed ? "fail" : passed ? "pass" : "wait", notWorse, scoreEnough, worse, scoreTooLow };
}

/**
 * The values of the units: of each item, or for a cluster of how far its items lie from the edge together, divided by the
 * size of the largest cluster, so that a unit stays within the items' range and each item counts the same.
 */
function unitValues(items: readonly ScoredItem[], values: readonly number[], edge: number): readonly number[] {
  const units = new Map<string, { size: number; excess: number }>();
  for (const [index, item] of items.entries()) {
    const name = item.cluster === null ? `item ${index}` : `cluster ${item.cluster}`;
    const unit = units.get(name) ?? { size: 0, excess: 0 };
    units.set(name, { size: unit.size + 1, excess: unit.excess + (values[index] ?? edge) - edge });
  }
  const largest = Math.max(1, ...[...units.values()].map(({ size }) => size));
  return [...units.values()].map(({ excess }) => edge + excess / largest);
}
