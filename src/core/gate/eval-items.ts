// What the items of an eval say beyond its score: which are missing, which changed, and how sure the difference is.

import type { EvalBaseline, EvalResult } from "../model/gate.js";
import type { Json } from "../model/units.js";
import { mcnemarP } from "../stats/mcnemar.js";
import { studentTwoSided } from "../stats/student-t.js";
import { type Decimal, decimalText } from "./decimal.js";

/** The items of a result beside those of its baseline. */
export interface Comparison {
  /** Items with a score in the result. */
  readonly items: number;
  /** Items of the baseline that the result neither scored nor tried, sorted; null where one side has no items. */
  readonly missing: readonly string[] | null;
  /** Null where one side has no items, or they have none in common. */
  readonly paired: PairedItems | null;
}

/** Differences are result - baseline over the items that both have, ordered by item. */
export interface PairedItems {
  readonly differences: readonly number[];
  readonly scores: readonly number[];
  readonly mean: number;
  /** Standard error of `mean`, with n - 1; null for fewer than two items. */
  readonly error: number | null;
  /** 95 %, by Student's t. */
  readonly interval: readonly [number, number] | null;
  /** Items that score higher, and lower, than in the baseline. */
  readonly improved: readonly string[];
  readonly regressed: readonly string[];
  /** Exact two-sided McNemar test where every score is 0 or 1; null elsewhere. */
  readonly mcnemar: number | null;
}

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
  return { items, missing, paired: pair(now, before) };
}

function pair(now: Readonly<Record<string, number>>, before: Readonly<Record<string, number>>): PairedItems | null {
  const common = Object.keys(now)
    .filter((item) => Object.hasOwn(before, item))
    .sort();
  const n = common.length;
  if (n === 0) return null;
  const scores = common.map((item) => now[item] ?? 0);
  const old = common.map((item) => before[item] ?? 0);
  const differences = scores.map((score, index) => score - (old[index] ?? 0));
  const mean = differences.reduce((sum, value) => sum + value, 0) / n;
  const squares = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const error = n < 2 ? null : Math.sqrt(squares / (n - 1) / n);
  const reach = error === null ? null : error * studentTwoSided(0.95, n - 1);
  const improved = common.filter((_, index) => (differences[index] ?? 0) > 0);
  const regressed = common.filter((_, index) => (differences[index] ?? 0) < 0);
  const binary = [...scores, ...old].every((score) => score === 0 || score === 1);
  return {
    differences,
    scores,
    mean,
    error,
    interval: reach === null ? null : [mean - reach, mean + reach],
    improved,
    regressed,
    mcnemar: binary ? mcnemarP({ improved: improved.length, regressed: regressed.length }) : null,
  };
}

export function comparisonFigures({ missing, paired }: Comparison): { readonly [key: string]: Json } {
  return {
    missing: missing?.length ?? null,
    missingItems: missing?.slice(0, namedInFigures) ?? null,
    pairedItems: paired?.differences.length ?? null,
    pairedDifference: paired?.mean ?? null,
    pairedError: paired?.error ?? null,
    pairedInterval: paired?.interval ?? null,
    mcnemar: paired?.mcnemar ?? null,
    improved: paired?.improved.length ?? null,
    regressed: paired?.regressed.length ?? null,
    improvedItems: paired?.improved.slice(0, namedInFigures) ?? null,
    regressedItems: paired?.regressed.slice(0, namedInFigures) ?? null,
  };
}

/** The paired difference with its interval, whether the set is too small for a loss of `allowed`, and the items that flipped. */
export function comparisonSentence({ paired }: Comparison, allowed: Decimal): string {
  if (paired === null) return "";
  const n = paired.differences.length;
  if (paired.interval === null || paired.error === null) return ` One item is in both: too few to compare.`;
  const [low, high] = paired.interval;
  const figures = `${signed(paired.mean)} +- ${round(paired.error)} (95 % interval ${signed(low)} to ${signed(high)})`;
  const chance = paired.mcnemar === null ? "" : `, McNemar p ${round(paired.mcnemar)}`;
  const wide = (high - low) / 2 > Number(decimalText(allowed));
  const small = wide ? ` The set is too small to tell a loss of ${decimalText(allowed)} from chance.` : "";
  return ` Paired difference over ${n} items ${figures}${chance}.${small}${flips(paired)}`;
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

function signed(value: number): string {
  return value > 0 ? `+${round(value)}` : round(value);
}

function round(value: number): string {
  return String(Number(value.toFixed(4)));
}
