// What the items of an eval say beyond its score: which are missing, which changed, and how sure the difference is.

import type { EvalBaseline, EvalResult } from "../model/gate.js";
import type { Json } from "../model/units.js";
import { murmur3 } from "../routing/murmur3.js";
import { pairedProof, type ScoredItem } from "../stats/item-bets.js";
import { regressionSeen, unitsNeeded } from "../stats/items-needed.js";
import { type PairedDifference, pairedDifference } from "../stats/paired-difference.js";
import { type Decimal, decimalText } from "./decimal.js";
import { type Grouping, groupItems } from "./eval-clusters.js";

/** The items of a result beside those of its baseline. */
export interface Comparison {
  /** Items with a score in the result. */
  readonly items: number;
  /** Items of the baseline that the result neither scored nor tried, sorted; null where one side has no items. */
  readonly missing: readonly string[] | null;
  /** Null where one side has no items, or they have none in common. */
  readonly paired: PairedItems | null;
}

/** The items that both sides scored, in the order that bets look at them. */
export interface PairedItems {
  readonly items: readonly ScoredItem[];
  readonly figures: PairedDifference;
  /** Null where every item stands alone. */
  readonly grouping: Grouping | null;
  /** Items that score higher, and lower, than in the baseline, sorted. */
  readonly improved: readonly string[];
  readonly regressed: readonly string[];
}

/** What an eval gate may spend on a false fail, beside the 0.04 of the health gates; and on a false pass (STATISTICS section 7). */
const alpha = 0.01;
const beta = 0.05;

/** How many items a sentence names, and how many the figures keep. */
const namedInSentence = 5;
const namedInFigures = 100;

export function compareItems(result: EvalResult, baseline: EvalBaseline | null): Comparison {
  const now = result.byItem;
  const before = baseline?.byItem ?? null;
  const items = now === null ? 0 : Object.keys(now).length;
  if (now === null || before === null) return { items, missing: null, paired: null };
  const tried = new Set([...Object.keys(now), ...result.unscored]);
  const missing = Object.keys(before)
    .filter((item) => !tried.has(item))
    .sort();
  return { items, missing, paired: pair({ now, before, files: { result, baseline: baseline ?? {} } }) };
}

function pair(of: {
  readonly now: Readonly<Record<string, number>>;
  readonly before: Readonly<Record<string, number>>;
  readonly files: Parameters<typeof groupItems>[1];
}): PairedItems | null {
  const { now, before, files } = of;
  const common = Object.keys(now).filter((item) => Object.hasOwn(before, item));
  const grouping = groupItems(common, files);
  const scored = inFixedOrder(common, grouping).map((item) => ({
    item,
    score: { baseline: before[item] ?? 0, candidate: now[item] ?? 0, cluster: grouping?.clusterOf(item) ?? null },
  }));
  const figures = pairedDifference(scored.map(({ score }) => score));
  if (figures === null) return null;
  const named = (changed: (score: ScoredItem) => boolean) =>
    scored.flatMap(({ item, score }) => (changed(score) ? [item] : [])).sort();
  return {
    items: scored.map(({ score }) => score),
    figures,
    grouping,
    improved: named(({ baseline, candidate }) => candidate > baseline),
    regressed: named(({ baseline, candidate }) => candidate < baseline),
  };
}

/**
 * Bets ask for an order that has nothing to do with the outcomes, and that is the same for everybody: by a hash of the name. Clusters
 * come in the order of their own names, for by their items' large ones would come first, and what is bet on must not depend on size.
 */
function inFixedOrder(items: readonly string[], grouping: Grouping | null): readonly string[] {
  const hashed = items.map((item) => {
    const unit = grouping?.clusterOf(item) ?? item;
    return { item, unit, hash: murmur3(unit) };
  });
  hashed.sort((a, b) => a.hash - b.hash || compareNames(a.unit, b.unit) || compareNames(a.item, b.item));
  return hashed.map(({ item }) => item);
}

function compareNames(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

export interface PairedOpinion {
  readonly result: "pass" | "fail" | "wait";
  readonly because: string;
  /** The same in one clause, where another rule decides. */
  readonly brief: string;
  readonly figures: { readonly [key: string]: Json };
}

/** Whether the items prove that no more than `allowed` is lost and that the score is above `least`; or the opposite. */
export function judgePaired(
  { paired }: Comparison,
  rule: { readonly least: Decimal; readonly allowed: Decimal },
): PairedOpinion {
  if (paired === null) {
    const because = "A paired decision needs the score of each item, in the results and in the baseline.";
    return { result: "wait", because, brief: "there are no items to prove it by", figures: {} };
  }
  const [least, allowed] = [rule.least, rule.allowed].map((value) => Number(decimalText(value)));
  const limits = { minScore: least ?? 1, maxRegression: allowed ?? 0 };
  const proof = pairedProof(paired.items, { ...limits, alpha, beta });
  const figures = {
    notWorseE: Math.exp(proof.notWorse.logE),
    scoreEnoughE: Math.exp(proof.scoreEnough.logE),
    worseE: Math.exp(proof.worse.logE),
    scoreTooLowE: Math.exp(proof.scoreTooLow.logE),
  };
  const evidence = `e-values ${eText(figures.notWorseE)} and ${eText(figures.scoreEnoughE)} of ${1 / beta}`;
  const against = `e-values ${eText(figures.worseE)} and ${eText(figures.scoreTooLowE)} of ${2 / alpha}`;
  const [by, more] =
    paired.grouping === null ? ["item by item", "more items or more trials"] : ["cluster by cluster", "more clusters"];
  const because = {
    pass: `Proven ${by}: no more than ${limits.maxRegression} is lost and the score is above ${limits.minScore} (${evidence}).`,
    fail: `Proven ${by}: worse than the baseline, or below ${limits.minScore} (${against}).`,
    wait: `Not proven ${by} (${evidence} for it, ${against} against it): ${more} would decide.`,
  }[proof.decision];
  const brief = {
    pass: `${by} it is proven too (${evidence})`,
    fail: `${by} it is proven worse than the baseline, or below ${limits.minScore} (${against})`,
    wait: `${by} it is not proven (${evidence})`,
  }[proof.decision];
  return { result: proof.decision, because, brief, figures };
}

/** `allowed`: what may be lost, as a fraction; null where that is not known. Null too: what clusters say where there are none. */
export function comparisonFigures(
  { missing, paired }: Comparison,
  allowed: Decimal | null,
): { readonly [key: string]: Json } {
  const figures = paired?.figures ?? null;
  const interval = figures?.interval ?? null;
  return {
    missing: missing?.length ?? null,
    missingItems: missing?.slice(0, namedInFigures) ?? null,
    pairedItems: figures?.items ?? null,
    pairedDifference: figures?.difference ?? null,
    pairedError: figures?.standardError ?? null,
    pairedInterval: interval === null ? null : [interval.low, interval.high],
    ...clusterFigures(paired),
    mcnemar: figures?.mcnemar ?? null,
    improved: figures?.improved ?? null,
    regressed: figures?.regressed ?? null,
    improvedItems: paired?.improved.slice(0, namedInFigures) ?? null,
    regressedItems: paired?.regressed.slice(0, namedInFigures) ?? null,
    ...sizeFigures(paired, allowed),
  };
}

function clusterFigures(paired: PairedItems | null): { readonly [key: string]: Json } {
  const grouping = paired?.grouping ?? null;
  const error = paired?.figures.clusters ?? null;
  return {
    pairedClusters: grouping?.count ?? null,
    pairedErrorClustered: error?.standardError ?? null,
    pairedErrorCorrected: error?.corrected ?? null,
    itemsAlone: grouping?.alone ?? null,
    movedItems: grouping?.moved.slice(0, namedInFigures) ?? null,
  };
}

function sizeFigures(paired: PairedItems | null, allowed: Decimal | null): { readonly [key: string]: Json } {
  const size = setSize(paired, allowed);
  const needed = size === null || !Number.isFinite(size.needed) ? null : size.needed;
  const perUnit = (paired?.figures.items ?? 1) / (size?.units ?? 1);
  return {
    regressionSeen: size?.seen ?? null,
    itemsNeeded: needed === null ? null : Math.ceil(needed * perUnit),
    clustersNeeded: paired?.grouping == null ? null : needed,
  };
}

/** What a set with this spread can see, and how large it would have to be, in items or clusters. Null below two of them. */
function setSize(
  paired: PairedItems | null,
  allowed: Decimal | null,
): { readonly units: number; readonly seen: number; readonly needed: number } | null {
  if (paired === null || allowed === null) return null;
  const { grouping, figures } = paired;
  const units = grouping?.count ?? figures.items;
  const sd = grouping === null ? figures.sd : clusteredSd(figures);
  if (sd === null) return null;
  const set = { sd, unevenness: grouping?.unevenness ?? 1, beta };
  const needed = unitsNeeded({ ...set, maxRegression: Number(decimalText(allowed)) });
  return { units, seen: regressionSeen({ ...set, units }), needed };
}

function clusteredSd({ clusters }: PairedDifference): number | null {
  return clusters === null ? null : clusters.corrected * Math.sqrt(clusters.count);
}

/** The paired difference with its interval, what a set of this size can see, and the items that flipped. */
export function comparisonSentence({ paired }: Comparison, allowed: Decimal): string {
  if (paired === null) return "";
  const { items, difference, standardError, clusters, interval, mcnemar } = paired.figures;
  if (interval === null || standardError === null) {
    if (items === 1) return " One item is in both: too few to compare.";
    return ` All ${items} items are one cluster: too few to compare.${flips(paired)}`;
  }
  const { low, high } = interval;
  const range = `(95 % interval ${signed(low)} to ${signed(high)})`;
  const figures =
    clusters === null
      ? `${signed(difference)} +- ${round(standardError)} ${range}`
      : `${signed(difference)} +- ${round(clusters.corrected)} clustered ${range}; item by item the error would be ${round(standardError)}`;
  const chance = mcnemar === null ? "" : `, McNemar p ${mcnemar < 0.0001 ? "< 0.0001" : round(mcnemar)}`;
  const apart = mcnemar === null || clusters === null ? "" : " as if items were independent";
  return ` Paired difference over ${items} items ${clustersText(paired)}${figures}${chance}${apart}.${movedText(paired)}${sizeSentence(paired, allowed)}${flips(paired)}`;
}

/** `in 40 clusters `, with single items among them counted. */
function clustersText({ grouping }: PairedItems): string {
  if (grouping === null) return "";
  const alone = grouping.alone === 0 ? "" : ` (${grouping.alone} of them items that name none)`;
  return `in ${grouping.count} clusters${alone} `;
}

function movedText({ grouping }: PairedItems): string {
  if (grouping === null || grouping.moved.length === 0) return "";
  const { moved } = grouping;
  return ` ${moved.length} of the items named another cluster in the baseline (${some(moved)}): that of the results counts.`;
}

function sizeSentence(paired: PairedItems, allowed: Decimal): string {
  const size = setSize(paired, allowed);
  if (size === null) return "";
  const set = `${size.units} ${paired.grouping === null ? "items" : "clusters"}`;
  const seen = size.seen < 1 ? `can see a loss of ${round(size.seen)}` : "are too few to tell any loss from chance";
  const limit = decimalText(allowed);
  if (size.needed <= size.units) return ` ${set} ${seen}, and ${limit} may be lost: the set is large enough.`;
  if (!Number.isFinite(size.needed)) return ` ${set} ${seen}; that nothing at all is lost no set can prove.`;
  const what = paired.grouping === null ? "" : " clusters like these";
  return ` ${set} ${seen}; to settle a loss of ${limit} takes about ${size.needed}${what}.`;
}

function flips({ improved, regressed }: PairedItems): string {
  if (improved.length + regressed.length === 0) return " No item changed.";
  const worse = regressed.length === 0 ? "No item got worse" : `${regressed.length} got worse (${some(regressed)})`;
  return ` ${worse}, ${improved.length} better.`;
}

function some(names: readonly string[]): string {
  const rest = names.length - namedInSentence;
  return rest <= 0 ? names.join(", ") : `${names.slice(0, namedInSentence).join(", ")} and ${rest} more`;
}

/** Three digits say how far a proof is. */
function eText(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function signed(value: number): string {
  return value > 0 ? `+${round(value)}` : round(value);
}

function round(value: number): string {
  return String(Number(value.toFixed(4)));
}
