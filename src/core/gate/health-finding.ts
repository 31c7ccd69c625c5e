// What a health gate finds about one metric: its numbers as people read them, where it stands, and what it still needs.

import type { HealthGate } from "../model/gate.js";
import type { FindingState } from "../model/gate-picture.js";
import type { MetricName, MetricRule } from "../model/metric.js";
import type { RoutingUnit } from "../model/route.js";
import { fullWeight } from "../model/units.js";
import type { Accumulator } from "../stats/accumulator.js";
import { baselineMoments, baselineRate, leastBaseline } from "../stats/baseline.js";
import { informationNeeded } from "../stats/decision-time.js";
import { meanGrowth, rateGrowth } from "../stats/growth.js";
import { type MetricEvidence, meanShare, tailShare } from "../stats/metric-evidence.js";
import { enoughForMixture, type Interval, leastForMixture } from "../stats/normal-mixture.js";
import { logE } from "../stats/process.js";
import { sketchQuantile } from "../stats/quantile-sketch.js";
import { type MetricReading, type Reading, readAccumulator } from "../stats/reading.js";
import { type ArmCounts, accumulatorOf, courseOf, type HealthCourse } from "./health-accumulator.js";
import { metricKinds, primaryMetric } from "./health-config.js";
import { displayScale, type ShownScale, shownInterval } from "./health-interval.js";
import type { HealthMemory } from "./health-memory.js";

export interface Finding {
  readonly metric: MetricName;
  readonly rule: MetricRule;
  /** Whether the gate asks for a pass of it. */
  readonly asked: boolean;
  readonly state: FindingState;
  /** Why it is missing; null where it is not. */
  readonly missing: string | null;
  /** As the metric is named: a success rate is a rate of successes. For a quantile, sessions above stable's quantile. */
  readonly stable: number | null;
  readonly canary: number | null;
  /** Badness, canary minus stable, always-valid at 95 %; in points for rates, as a share of stable for relative margins. */
  readonly worsening: Interval | null;
  readonly scale: ShownScale;
  /** Stable's quantile, or where values are cut off; null for rates, and while it is not known. */
  readonly limit: number | null;
  readonly logFail: number;
  readonly logPass: number;
  readonly targetFail: number;
  readonly targetPass: number;
  /** Sessions of both arms that a canary as good as stable is expected to need for its pass; null: not known, or proven. */
  readonly needsSessions: number | null;
  readonly fellFar: boolean;
  /** For a mean: its sessions above the cap weigh more against it than the mean itself. */
  readonly worseByTail: boolean;
  /** What has to be learned of stable before anything is bet; null: nothing. */
  readonly learning: string | null;
  /** Judged from totals alone: what is promised of it holds approximately. */
  readonly approximate: boolean;
  /** What its counts are counts of. */
  readonly unit: RoutingUnit;
}

/** What is known when a gate is judged. */
export interface HealthFindings {
  readonly reading: Reading;
  readonly course: HealthCourse;
  readonly share: number;
  readonly unit: RoutingUnit;
  readonly metrics: readonly Finding[];
}

/** `holdOver`: only then is a metric without any value known to be not applicable. */
export function findHealth(memory: HealthMemory, gate: HealthGate, holdOver: boolean): HealthFindings {
  const course = courseOf(memory);
  const accumulator: Accumulator = { ...accumulatorOf(memory), sessions: course.sessions };
  const share = (course.weight ?? 0) / fullWeight;
  const reading = readAccumulator(accumulator, share);
  const { unit = "session" } = memory;
  const metrics = gate.metrics.map((rule): Finding => {
    const read = reading.metrics.find((metric) => metric.name === rule.metric);
    const evidence = accumulator.metrics.find((metric) => metric.name === rule.metric)?.evidence;
    if (read === undefined || evidence === undefined) return unwatched(rule, gate, unit);
    return findMetric({ rule, gate, read, evidence, course, share, unit, holdOver, reading });
  });
  return { reading, course, share, unit, metrics };
}

interface Sight {
  readonly rule: MetricRule;
  readonly gate: HealthGate;
  readonly read: MetricReading;
  readonly evidence: MetricEvidence;
  readonly course: HealthCourse;
  readonly share: number;
  readonly unit: RoutingUnit;
  readonly holdOver: boolean;
  readonly reading: Reading;
}

function findMetric(sight: Sight): Finding {
  const { rule, gate, read, evidence, share, reading } = sight;
  const asked = gate.prove.includes(rule.metric);
  const stable = meanOf(read.arms.stable);
  const canary = meanOf(read.arms.canary);
  const turned = (badness: number | null): number | null =>
    badness !== null && rule.metric === primaryMetric ? 1 - badness : badness;
  const scale = displayScale(rule);
  const worsening = shownInterval(read.interval, { scale, stable });
  const missing = missingOf(sight);
  const remaining = reading.passThreshold - read.logPass;
  return {
    metric: rule.metric,
    rule,
    asked,
    state: stateOf(sight, { asked, missing }),
    missing,
    stable: turned(stable),
    canary: turned(canary),
    worsening,
    scale,
    limit: read.limit,
    logFail: read.logFail,
    logPass: read.logPass,
    targetFail: Math.log(1 / (gate.alpha * read.weight)),
    targetPass: reading.passThreshold,
    needsSessions: read.passed ? null : sessionsNeeded(evidence, { share, remaining }),
    fellFar: metricKinds[rule.metric] !== "rate" && worsening !== null && fellFar(worsening, rule, stable),
    worseByTail: isWorseByTail(evidence),
    learning: learningOf(evidence, sight.unit),
    approximate: read.approximate,
    unit: sight.unit,
  };
}

/** A metric of this gate that the rollout did not watch from its start has no part of the budget. */
function unwatched(rule: MetricRule, gate: HealthGate, unit: RoutingUnit): Finding {
  return {
    metric: rule.metric,
    rule,
    asked: gate.prove.includes(rule.metric),
    state: "missing",
    missing: "it was not watched when the rollout started",
    stable: null,
    canary: null,
    worsening: null,
    scale: displayScale(rule),
    limit: null,
    logFail: 0,
    logPass: 0,
    targetFail: 0,
    targetPass: Math.log(1 / gate.beta),
    needsSessions: null,
    fellFar: false,
    worseByTail: false,
    learning: null,
    approximate: false,
    unit,
  };
}

function meanOf(arm: { readonly count: number; readonly sum: number }): number | null {
  return arm.count > 0 ? arm.sum / arm.count : null;
}

function stateOf(
  { read, holdOver, course, rule }: Sight,
  { asked, missing }: { readonly asked: boolean; readonly missing: string | null },
): FindingState {
  if (read.provenWorse) return "worse";
  if (missing !== null) return "missing";
  const reported = course.reported[rule.metric];
  const nothing = reported === undefined || reported.canary + reported.stable === 0;
  if (nothing && holdOver && isAlive(course)) return "not-applicable";
  if (read.passed) return asked ? "proven" : "not-worse";
  return "undecided";
}

/** Telemetry arrives from both arms. */
function isAlive({ sessions, silent }: HealthCourse): boolean {
  return sessions.canary > silent.canary && sessions.stable > silent.stable;
}

/** An arm is expected to have shown so many values before its silence means something: by chance once in 150. */
const leastExpected = 5;

/** Why a metric is missing: the primary one from both arms, any other from one of them alone. Null: it is not. */
function missingOf({ rule, course, unit }: Sight): string | null {
  const { sessions } = course;
  const reported = course.reported[rule.metric] ?? { canary: 0, stable: 0, missing: null };
  if ("turned" in reported) return reported.turned ?? null;
  const reason = reported.missing === null ? "" : ` (${reported.missing})`;
  const total = sessions.canary + sessions.stable;
  if (total === 0) return null;
  const values = reported.canary + reported.stable;
  if (values === 0) return rule.metric === primaryMetric ? `no ${unit} has a value of it${reason}` : null;
  for (const [arm, other] of [
    ["canary", "stable"],
    ["stable", "canary"],
  ] as const) {
    const expected = reported[other] * (sessions[arm] / Math.max(sessions[other], 1));
    if (reported[arm] === 0 && sessions[arm] > 0 && expected >= leastExpected) {
      return `none of ${sessions[arm]} ${arm} ${unit}s has a value of it, and ${reported[other]} ${other} ${unit}s have${reason}`;
    }
  }
  return null;
}

/** Broken agents are often cheap, short and fast: a fall by so large a share is worth a look. */
const farFall = 0.3;

function fellFar(worsening: Interval, rule: MetricRule, stable: number | null): boolean {
  const unit = displayScale(rule) === "relative" ? 1 : (stable ?? 0);
  return worsening.high < 0 && worsening.estimate <= -farFall * unit;
}

/** Bets need something to start from that was fixed before them. */
function learningOf(evidence: MetricEvidence, unit: RoutingUnit): string | null {
  switch (evidence.kind) {
    case "mean":
      return evidence.waiting === null
        ? null
        : `where its values are cut off is learned from stable ${unit}s first (${evidence.arms.stable.count} so far)`;
    case "quantile":
      return sketchQuantile(evidence.main.sketch) === null ? "stable's quantile is learned first" : null;
    case "rate": {
      const { sessions } = evidence.main.baseline;
      if (sessions >= leastBaseline) return null;
      return `stable's rate is learned from ${leastBaseline} ${unit}s first (${Math.floor(sessions)} so far)`;
    }
    case "totals":
      return fewTotals(evidence);
  }
}

/** Totals prove nothing before there are so many sessions, of which so many are bad, that their sum is close to normal. */
function fewTotals({ config, arms }: Extract<MetricEvidence, { readonly kind: "totals" }>): string | null {
  const { count, sum } = arms.canary;
  const bad = config.of === "rate" ? sum : leastForMixture.bad;
  if (enoughForMixture({ sessions: count, bad })) return null;
  const seen = `${Math.floor(count)} so far`;
  if (config.of === "mean") return `totals need ${leastForMixture.sessions} canary sessions (${seen})`;
  return `totals need ${leastForMixture.sessions} canary sessions (${seen}) and ${leastForMixture.bad} bad ones among them (${Math.floor(sum)})`;
}

/** The mean and its tail by what each brings to the metric's evidence. */
function isWorseByTail(evidence: MetricEvidence): boolean {
  if (evidence.kind !== "mean" || evidence.main === null || evidence.tail === null) return false;
  return Math.log(tailShare) + logE(evidence.tail).fail > Math.log(meanShare) + logE(evidence.main).fail;
}

/** Sessions of both arms until a canary as good as stable is proven so: the median, from the growth of its evidence. */
function sessionsNeeded(
  evidence: MetricEvidence,
  at: { readonly share: number; readonly remaining: number },
): number | null {
  const growth = passGrowth(evidence, at.share);
  if (growth === null || !(growth > 0) || !(at.remaining > 0)) return null;
  return Math.ceil(informationNeeded(at.remaining, 0.5) / growth);
}

function passGrowth(evidence: MetricEvidence, share: number): number | null {
  if (!(share > 0 && share < 1)) return null;
  if (evidence.kind === "rate") {
    const rate = baselineRate(evidence.main.baseline);
    return rateGrowth({ share, canary: rate, stable: rate, shift: evidence.main.margin });
  }
  if (evidence.kind !== "mean" || evidence.main === null || evidence.tail === null) return null;
  const { main, tail } = evidence;
  const { mean, variance } = baselineMoments(main.baseline);
  if (!(variance > 0)) return null;
  const effect = main.scale === "relative" ? (mean * main.margin) / (1 + main.margin) : main.margin;
  const above = baselineRate(tail.baseline);
  return Math.min(
    meanGrowth({ share, effect, sd: Math.sqrt(variance) }),
    rateGrowth({ share, canary: above, stable: above, shift: tail.margin }),
  );
}

/** Sessions of both arms that came in an hour; null before any. */
export function sessionsPerHour(course: {
  readonly span: HealthCourse["span"];
  readonly sessions: ArmCounts;
}): number | null {
  if (course.span === null) return null;
  const hours = (course.span.end - course.span.start) / 3_600_000;
  const sessions = course.sessions.canary + course.sessions.stable;
  return hours > 0 && sessions > 0 ? sessions / hours : null;
}
