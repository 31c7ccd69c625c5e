// One arm against one floor: what is counted of its blocks, and what that proves (STATISTICS section 6).

import type { Floor, FloorBreach, FloorCount, FloorEvidence } from "../model/floor.js";
import type { BlockArm, Sample } from "../model/metric.js";
import type { Instant } from "../model/units.js";
import { absorbFloor, floorLogE, openFloor } from "../stats/floor.js";
import { absorbMeanFloor, meanFloorCap, meanFloorLogE, openMeanFloor } from "../stats/mean-floor.js";
import { floorLimit, metricText } from "./floor-text.js";
import { metricKinds, quantileOf } from "./health-config.js";
import { evidenceText, minuteText, percentText } from "./health-text.js";

/** The chance that an arm within its limit is called breached, for each floor and day. */
export const floorLevel = 0.001;
const target = -Math.log(floorLevel);

/** A count that has seen nothing. */
export function openCount(floor: Floor): FloorCount {
  const limit = floorLimit(floor);
  const level = floorLevel;
  switch (metricKinds[floor.metric]) {
    case "mean":
      return { kind: "mean", state: openMeanFloor({ limit, level }) };
    case "quantile":
      return { kind: "share", state: openFloor({ limit: 1 - quantileOf, level }) };
    case "rate":
      return { kind: "share", state: openFloor({ limit: "least" in floor ? 1 - limit : limit, level }) };
  }
}

/**
 * The count after one arm of a block that began at `at`; null where the arm says nothing of the metric. Sessions without any task are
 * missing telemetry, and what is missing breaches no floor.
 */
export function countArm(
  count: FloorCount,
  floor: Floor,
  seen: { readonly at: Instant; readonly arm: BlockArm },
): FloorCount | null {
  const { at, arm } = seen;
  const sample = arm.samples[floor.metric];
  if (count.kind === "mean") {
    const buckets = bucketsOf(sample);
    if (buckets === null) return null;
    return { kind: "mean", state: absorbMeanFloor(count.state, buckets.values, buckets.counts) };
  }
  const shares = sharesOf(floor, arm);
  return shares === null ? null : { kind: "share", state: absorbFloor(count.state, { at, ...shares }) };
}

interface Shares {
  readonly sessions: number;
  readonly bad: number;
}

/** Each value with how many sessions have it, one where `counts` is null. Null for what knows no values: totals and counts tell no mean. */
function bucketsOf(sample: Sample | undefined): Buckets | null {
  if (sample?.kind === "values" && sample.values.length > 0) return { values: sample.values, counts: null };
  return sample?.kind === "histogram" && sample.values.length > 0 ? sample : null;
}

interface Buckets {
  readonly values: readonly number[];
  readonly counts: readonly number[] | null;
}

/** Sessions without any task count as failed, and as lasting the whole timeout; they have no other value. */
function sharesOf(floor: Floor, arm: BlockArm): Shares | null {
  const sample = arm.samples[floor.metric];
  if (sample?.kind === "rate" || sample?.kind === "totals") {
    if (metricKinds[floor.metric] !== "rate") return null;
    const silent = floor.metric === "task_success_rate" ? arm.silent : 0;
    const bad = sample.kind === "rate" ? sample.bad : sample.sum;
    return soundShares(sample.sessions - silent, bad - silent);
  }
  const buckets = bucketsOf(sample);
  if (buckets === null) return null;
  const limit = floorLimit(floor);
  const count = (isCounted: (value: number) => boolean): number =>
    buckets.values.reduce((sum, value, at) => sum + (isCounted(value) ? (buckets.counts?.[at] ?? 1) : 0), 0);
  return soundShares(count(() => true) - arm.silent, count((value) => value > limit) - arm.silent);
}

function soundShares(sessions: number, known: number): Shares | null {
  const bad = Math.max(0, known);
  return Number.isFinite(sessions) && sessions > 0 && bad <= sessions ? { sessions, bad } : null;
}

function logEOf(count: FloorCount): number {
  return count.kind === "mean" ? meanFloorLogE(count.state) : floorLogE(count.state);
}

export function provesBreach(count: FloorCount): boolean {
  return logEOf(count) >= target;
}

/** What a breach says: the sentence, and the same numbers as data. */
export function breachTold(found: {
  readonly evidence: FloorEvidence;
  readonly since: Instant;
  readonly arm: FloorBreach["arm"];
}): Pick<FloorBreach, "because" | "figures" | "evidence"> {
  const { since, arm, evidence } = found;
  const { floor, count, other } = evidence;
  const { metric } = floor;
  const limit = floorLimit(floor);
  const sessions = `${count.state.sessions} ${arm} sessions since ${minuteText(since)}`;
  const edge = `${"least" in floor ? "below the floor" : "above the limit"} of ${metricText(metric, limit)}`;
  const seen = seenOf(floor, count);
  const logE = logEOf(count);
  const said = `${metric} ${seen.text} ${sessions}, proven ${edge} (${evidenceText(logE, target)})`;
  return {
    because: other === null ? said : `both arms, not the canary: ${said}`,
    evidence,
    figures: {
      metric,
      floor: limit,
      bound: "least" in floor ? "least" : "most",
      ...seen.figures,
      sessions: count.state.sessions,
      log_e: logE,
      log_threshold: target,
      since,
    },
  };
}

/** `0.640 in`, `1.12 USD in`, `above 60 s in 9.3 % (5 % may be) of`; what was counted, as data. */
function seenOf(floor: Floor, count: FloorCount): { readonly text: string; readonly figures: FloorBreach["figures"] } {
  const { metric } = floor;
  if (count.kind === "mean") {
    const { sum, capped, sessions } = count.state;
    const cap = meanFloorCap(count.state);
    const figures = { mean: sum / sessions, capped_mean: capped / sessions, cap };
    return { text: `${metricText(metric, figures.mean, 3)} in`, figures };
  }
  const { bad, sessions } = count.state;
  if (metricKinds[metric] === "quantile") {
    const figures = { quantile: quantileOf, above: bad, share_above: bad / sessions, may_be_above: count.state.limit };
    const shares = `${percentText(figures.share_above)} (${percentText(count.state.limit)} may be)`;
    return { text: `above ${metricText(metric, floorLimit(floor))} in ${shares} of`, figures };
  }
  const rate = "least" in floor ? 1 - bad / sessions : bad / sessions;
  return { text: `${metricText(metric, rate, 3)} in`, figures: { rate, bad } };
}
