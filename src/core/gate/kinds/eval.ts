// The eval gate: does the canary's eval score reach the minimum, and does it lose at most what may be lost against the baseline?

import type {
  EvalBaseline,
  EvalGate,
  EvalResult,
  EvalRule,
  EvalSuiteEvidence,
  Evidence,
  GateClock,
  Verdict,
} from "../../model/gate.js";
import { type Duration, day, hour, type Json, minute, shortRevision } from "../../model/units.js";
import {
  compareDecimals,
  type Decimal,
  decimalText,
  minus,
  parseDecimal,
  plus,
  quotient,
  rounded,
} from "../decimal.js";
import { type Comparison, compareItems, comparisonFigures, comparisonSentence, judgePaired } from "../eval-items.js";

/**
 * Judges every suite; all must hold. Without a fail, any suite that waits makes the gate wait. A fail is proven by the
 * numbers at hand: results that are absent, stale, of another revision or mostly errors are `wait`. Items of the baseline that
 * the result lacks could be anything, so they never help a pass and never make a fail. Figures: `{ suites: [...] }`, scores as
 * decimal strings, counts as numbers, null for what is not known.
 */
export function judgeEval(gate: EvalGate, evidence: Evidence, clock: GateClock): Verdict {
  if (evidence.kind !== "eval") {
    const because =
      evidence.kind === "missing" ? evidence.because : `The eval gate was given ${evidence.kind} evidence.`;
    return { result: "wait", because, figures: { suites: [] }, earliest: null };
  }
  if (gate.suites.length === 0)
    return { result: "wait", because: "The eval gate names no suite.", figures: { suites: [] }, earliest: null };
  const named = gate.suites.length > 1 || gate.suites[0]?.suite !== "default";
  const opinions = gate.suites.map((rule) => ({ rule, opinion: judgeSuite(rule, evidence.suites[rule.suite], clock) }));
  const results = opinions.map(({ opinion }) => opinion.result);
  return {
    result: results.includes("fail") ? "fail" : results.includes("wait") ? "wait" : "pass",
    because: opinions
      .map(({ rule, opinion }) => (named ? `${rule.suite}: ${opinion.because}` : opinion.because))
      .join(" "),
    figures: {
      suites: opinions.map(({ rule, opinion }) => ({ suite: rule.suite, result: opinion.result, ...opinion.figures })),
    },
    earliest: null,
  };
}

interface Opinion {
  readonly result: Verdict["result"];
  readonly because: string;
  readonly figures: { readonly [key: string]: Json };
}
/** What one suite is judged on once its results may count. */
interface Case {
  readonly rule: EvalRule;
  readonly result: EvalResult;
  readonly score: Decimal;
  readonly least: Decimal;
  readonly allowed: Decimal;
  readonly baseline: EvalBaseline | null;
  readonly comparison: Comparison;
}

function judgeSuite(rule: EvalRule, evidence: EvalSuiteEvidence | undefined, clock: GateClock): Opinion {
  if (evidence === undefined) return wait(`There are no results of the suite ${rule.suite}.`, {});
  const { result } = evidence;
  if ("missing" in result) return wait(sentence(result.missing), {});
  const baseline = "missing" in evidence.baseline ? null : evidence.baseline;
  const comparison = compareItems(result, baseline);
  const known = figuresOf(rule, result, comparison);
  const unusable = whyUnusable(rule, result, clock);
  if (unusable !== null) return wait(`${unusable} ${countsSentence(result, comparison)}`, known);
  const score = parseDecimal(result.score ?? "");
  const least = parseDecimal(rule.minScore);
  const allowed = parseDecimal(rule.maxRegression);
  if (score === null || least === null || allowed === null) {
    return wait(
      `Nothing was scored, so there is no ${result.scoreName} to judge. ${countsSentence(result, comparison)}`,
      known,
    );
  }
  if (baseline !== null && baseline.scoreName !== result.scoreName) {
    const because = `The results give a ${result.scoreName} (${result.score}) and the baseline a ${baseline.scoreName} (${baseline.score}), which do not compare: record both with the same score.`;
    return wait(`${because} ${countsSentence(result, comparison)}`, known);
  }
  const missing = "missing" in evidence.baseline ? evidence.baseline.missing : "";
  return judgeScore({ rule, result, score, least, allowed, baseline, comparison }, missing);
}

/** Why results are no evidence at all; null when they may be judged. */
function whyUnusable(rule: EvalRule, result: EvalResult, clock: GateClock): string | null {
  if (result.revision !== clock.canary) {
    return `The results are of ${shortRevision(result.revision)}, not of ${shortRevision(clock.canary)}: record results of this revision with rollout eval record.`;
  }
  const age = clock.now - result.recordedAt;
  if (age > rule.maxAge) {
    return `The results are ${durationText(age)} old and count for ${durationText(rule.maxAge)}: run the evals again and record them with rollout eval record.`;
  }
  if (age < -hour)
    return `The results are dated ${durationText(-age)} in the future: set the clock right and record them again with rollout eval record.`;
  const total = result.passed + result.failed + result.errored;
  const limit = parseDecimal(rule.maxErrors);
  if (total === 0 || limit === null) return null;
  const share = quotient(whole(result.errored), whole(total));
  if (compareDecimals(share, limit) <= 0) return null;
  return `${result.errored} of ${total} results are errors (${percent(share)}, at most ${percent(limit)} may be): an error is no measurement, so repair what fails to run and run the evals again.`;
}

/** Both decisions are always said: the two rules on the score, and the proof item by item. The rule names the one that counts. */
function judgeScore(item: Case, baselineMissing: string): Opinion {
  const { rule, result, least, allowed, baseline, comparison } = item;
  const point = judgePoint(item, baselineMissing);
  const tail = `${countsSentence(result, comparison)}${comparisonSentence(comparison, allowed)}${fallSentence(item)}`;
  const known = { ...figuresOf(rule, result, comparison), ...regressionFigures(item), decision: rule.decision };
  const proof = baseline === null ? null : judgePaired(comparison, { least, allowed });
  const figures = { ...known, point: point.result, paired: proof?.result ?? null, ...proof?.figures };
  const said = `${point.because}${point.more === "" ? "" : ` ${point.more}`}`;
  if (rule.decision === "paired" && proof !== null) {
    const byProof = proof.result === "pass" && !point.atWorst ? "wait" : proof.result;
    const other = `The score alone would ${pointVerb[point.result]}; the proof decides.`;
    return { result: byProof, because: `${point.because} ${proof.because} ${other} ${tail}`, figures };
  }
  const other = proof === null || comparison.paired === null ? "" : ` The score decides; ${proof.brief}.`;
  return { result: point.result, because: `${said} ${tail}${other}`, figures };
}

const pointVerb = { pass: "pass", fail: "fail", wait: "not decide" } as const;

interface PointOpinion {
  readonly result: Verdict["result"];
  readonly because: string;
  /** Why it waits, beside the rules; or nothing. */
  readonly more: string;
  /** Whether both rules hold however the missing items come out. */
  readonly atWorst: boolean;
}

/** The two rules, on the score and on the least and the most that it could be if the missing items were there. */
function judgePoint(item: Case, baselineMissing: string): PointOpinion {
  const { score, least, allowed, baseline, comparison } = item;
  const [worst, best] = reach(score, comparison);
  const before = baseline === null ? null : parseDecimal(baseline.score);
  const holds = (value: Decimal): boolean =>
    compareDecimals(value, least) >= 0 && (before === null || compareDecimals(minus(before, value), allowed) <= 0);
  const regression = before === null ? "" : `, ${regressionText(item, before)}`;
  const because = `${capitalized(minimumText(item))}${regression}.`;
  const atWorst = holds(worst);
  if (!holds(score) && !holds(best)) return { result: "fail", because, more: "", atWorst };
  if (before === null) return { result: "wait", because, more: sentence(baselineMissing), atWorst };
  if (!holds(score) || !atWorst) {
    const more = `With the ${comparison.missing?.length ?? 0} missing items it could be ${shown(worst, [least])} to ${shown(best, [least])}: run them too.`;
    return { result: "wait", because, more, atWorst };
  }
  return { result: "pass", because, more: "", atWorst };
}

/** The least and the most that the score could be, each missing item counting as 0 or as 1. */
function reach(score: Decimal, comparison: Comparison): readonly [Decimal, Decimal] {
  const missing = whole(comparison.missing?.length ?? 0);
  const items = whole(comparison.items);
  if (missing.digits === 0n) return [score, score];
  const all = plus(items, missing);
  const sum = { digits: score.digits * items.digits, scale: score.scale };
  return [quotient(sum, all), quotient(plus(sum, missing), all)];
}

function minimumText({ result, score, least }: Case): string {
  const verb = compareDecimals(score, least) >= 0 ? "reaches" : "is below";
  return `${result.scoreName} ${shown(score, [least])} ${verb} the minimum ${decimalText(least)}`;
}

function regressionText({ score, allowed }: Case, before: Decimal): string {
  const lost = minus(before, score);
  const verb = compareDecimals(lost, allowed) <= 0 ? "may be lost" : "may be lost at most";
  if (lost.digits <= 0n)
    return `${shown(minus(score, before), [])} above the baseline ${shown(before, [])} (${decimalText(allowed)} ${verb})`;
  return `${shown(lost, [allowed])} below the baseline ${shown(before, [])} (${decimalText(allowed)} ${verb})`;
}

/** Small losses at every deploy add up: the best baseline that there ever was keeps them in sight. */
function fallSentence({ score, baseline }: Case): string {
  const best = parseDecimal(baseline?.best ?? "");
  if (best === null) return "";
  const fall = minus(best, score);
  if (fall.digits <= 0n) return ` No baseline was ever better (best ${shown(best, [])}).`;
  return ` The fall since the best baseline ever, ${shown(best, [])}, is ${shown(fall, [])}.`;
}

function regressionFigures({ score, baseline }: Case): { readonly [key: string]: Json } {
  const before = parseDecimal(baseline?.score ?? "");
  const best = parseDecimal(baseline?.best ?? "");
  return {
    baseline: before === null ? null : decimalText(before),
    regression: before === null ? null : decimalText(minus(before, score)),
    best: best === null ? null : decimalText(best),
    fallSinceBest: best === null ? null : decimalText(minus(best, score)),
  };
}

function figuresOf(rule: EvalRule, result: EvalResult, comparison: Comparison): { readonly [key: string]: Json } {
  const counted = hasCounts(result);
  return {
    scoreName: result.scoreName,
    score: result.score,
    minScore: rule.minScore,
    maxRegression: rule.maxRegression,
    passed: counted ? result.passed : null,
    failed: counted ? result.failed : null,
    errored: counted ? result.errored : null,
    ...comparisonFigures(comparison, parseDecimal(rule.maxRegression)),
  };
}

function countsSentence(result: EvalResult, comparison: Comparison): string {
  const missing = comparison.missing === null ? "missing items not known" : `${comparison.missing.length} missing`;
  if (!hasCounts(result)) return `The results carry no counts; ${missing}.`;
  return `${result.passed} passed, ${result.failed} failed, ${result.errored} errored, ${missing}.`;
}

/** A plain file may hold a score alone; no counts is not the same as counts of 0. */
function hasCounts(result: EvalResult): boolean {
  return result.byItem !== null || result.passed + result.failed + result.errored > 0;
}

/** Four places, or all of them where rounding would show a value on the wrong side of a limit. */
function shown(value: Decimal, limits: readonly Decimal[]): string {
  const short = rounded(value, 4);
  const honest = limits.every((limit) => compareDecimals(short, limit) === compareDecimals(value, limit));
  return decimalText(honest ? short : value);
}

function percent(share: Decimal): string {
  return `${decimalText(rounded({ digits: share.digits * 100n, scale: share.scale }, 2))} %`;
}

function whole(count: number): Decimal {
  return { digits: BigInt(count), scale: 0 };
}

function durationText(duration: number): string {
  const units: readonly (readonly [Duration, string])[] = [
    [day, "d"],
    [hour, "h"],
    [minute, "min"],
  ];
  for (const [unit, name] of units) if (duration >= unit) return `${Math.floor((duration / unit) * 10) / 10} ${name}`;
  return `${Math.floor(duration / 1000)} s`;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function sentence(text: string): string {
  return /[.!?:]$/.test(text) ? text : `${text}.`;
}

function wait(because: string, figures: Opinion["figures"]): Opinion {
  return { result: "wait", because, figures };
}
