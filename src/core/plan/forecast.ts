// What each health gate is expected to need at the observed traffic, before anything is live (STATISTICS section 8).

import { judgedMetrics, metricKinds, primaryMetric, type StableValues } from "../gate/health-config.js";
import type { HealthGate, Stage } from "../model/gate.js";
import type { MetricRule } from "../model/metric.js";
import type { GateForecast } from "../model/plan.js";
import type { RoutingUnit } from "../model/route.js";
import { day, fullWeight, hour, noWeight, type Weight } from "../model/units.js";
import type { JudgedMetric } from "../stats/accumulator.js";
import { decisionTarget, informationNeeded } from "../stats/decision-time.js";
import { marginWithGrowth, meanGrowth, rateGrowth, riseWithGrowth } from "../stats/growth.js";
import { startShare } from "../stats/metric-evidence.js";
import { sampleQuantile } from "../stats/quantile-sketch.js";

export interface ForecastInput {
  readonly stages: readonly Stage[];
  /** The weight that a gate stands behind where `stages` begins with the gate itself. */
  readonly inForce?: Weight;
  /** What is counted as one; the session where it is left out. */
  readonly unit?: RoutingUnit;
  /** Units of both arms: sessions, or users who come new. */
  readonly sessionsPerHour: number;
  /** Stable's session values, newest first; rates: badness in [0, 1]. */
  readonly history: StableValues;
}

/** One forecast for each health gate that has a weight and is not skipped, in the order of the stages. */
export function forecastGates(input: ForecastInput): readonly GateForecast[] {
  const forecasts: GateForecast[] = [];
  let weight = input.inForce ?? noWeight;
  for (const stage of input.stages) {
    if (stage.kind === "weight") weight = stage.weight;
    else if (stage.gate.kind === "health" && stage.gate.skip === null && weight > 0 && weight < fullWeight) {
      forecasts.push(forecastGate(prospectOf(input, stage.gate, weight)));
    }
  }
  return forecasts;
}

/** All that one gate's forecast is reckoned from. */
interface Prospect {
  readonly gate: HealthGate;
  readonly weight: Weight;
  readonly share: number;
  readonly unit: RoutingUnit;
  readonly sessionsPerHour: number;
  readonly metrics: readonly JudgedMetric[];
  readonly history: StableValues;
}

function prospectOf(
  { sessionsPerHour, history, unit = "session" }: ForecastInput,
  gate: HealthGate,
  weight: Weight,
): Prospect {
  const metrics = judgedMetrics(gate, history);
  return { gate, weight, share: weight / fullWeight, unit, sessionsPerHour, metrics, history };
}

interface Hours {
  readonly median: number | null;
  readonly p90: number | null;
}
const unknownHours: Hours = { median: null, p90: null };

function forecastGate(prospect: Prospect): GateForecast {
  const { gate, weight, share, unit, sessionsPerHour } = prospect;
  const slowest = slowestProof(prospect);
  const hoursToFail = hoursToFailAtMargin(prospect);
  const { median } = hoursToFail;
  return {
    gate: gate.name,
    weight,
    ...(unit === "session" ? {} : { unit }),
    sessionsPerHour,
    holdHours: gate.hold / hour,
    untilHours: gate.until / hour,
    hoursToPass: slowest.hours,
    hoursToFail,
    smallestDrop: smallestDrop(prospect),
    exposedSessions: median === null ? null : Math.round(median * sessionsPerHour * share),
    warning: warningOf(prospect, slowest),
  };
}

/** Hours at which a test with this target has decided, for the growth of its evidence in nats a session. */
function hoursFor(prospect: Prospect, growth: number, target: number): Hours {
  const perHour = growth * prospect.sessionsPerHour;
  if (!(perHour > 0)) return unknownHours;
  return { median: informationNeeded(target, 0.5) / perHour, p90: informationNeeded(target, 0.9) / perHour };
}

interface Proof {
  /** Null: nothing is asked for a pass. */
  readonly rule: MetricRule | null;
  readonly hours: Hours;
}

/** A gate passes when its slowest metric has; each is taken to be exactly as good as stable. */
function slowestProof(prospect: Prospect): Proof {
  const { gate, share, sessionsPerHour } = prospect;
  const canaryPerHour = sessionsPerHour * share;
  const least = canaryPerHour > 0 ? gate.minSessions / canaryPerHour : null;
  let slowest: Proof = { rule: null, hours: { median: least, p90: least } };
  const target = decisionTarget("pass", { level: gate.beta, weight: 1 });
  for (const rule of gate.metrics.filter(({ metric }) => gate.prove.includes(metric))) {
    const growth = proofGrowth(prospect, rule, { share, margin: rule.margin.value });
    const hours = hoursFor(prospect, growth ?? 0, target);
    if (hours.p90 === null || slowest.hours.p90 === null) return { rule, hours: unknownHours };
    if (hours.p90 > slowest.hours.p90) slowest = { rule, hours };
  }
  return slowest;
}

/** Nats a session towards a pass of a canary that is exactly stable's equal; null where history does not tell. */
function proofGrowth(
  { metrics, history }: Prospect,
  rule: MetricRule,
  at: { readonly share: number; readonly margin: number },
): number | null {
  const config = metrics.find(({ name }) => name === rule.metric)?.config;
  if (config === undefined) return null;
  const { share, margin } = at;
  switch (config.kind) {
    case "rate": {
      const stable = smoothedRate(config.history);
      return stable === null ? null : rateGrowth({ share, canary: stable, stable, shift: margin });
    }
    case "mean": {
      const known = config.history;
      if (known === null || !(known.variance > 0)) return null;
      const effect = config.scale === "relative" ? (known.mean * margin) / (1 + margin) : margin;
      return meanGrowth({ share, effect, sd: Math.sqrt(known.variance) });
    }
    case "quantile":
      return quantileGrowth(history[rule.metric], { share, margin, q: config.q });
    case "totals":
      return null;
  }
}

/** Fewer values say nothing about a quantile's neighbourhood. */
const leastForQuantile = 40;

/** A canary as fast as stable has fewer sessions above the raised quantile than stable has above its own. */
function quantileGrowth(
  values: readonly number[],
  at: { readonly share: number; readonly margin: number; readonly q: number },
): number | null {
  const known = values.filter((value) => Number.isFinite(value));
  if (known.length < leastForQuantile) return null;
  const limit = sampleQuantile(known, at.q);
  const above = (edge: number): number => (known.filter((value) => value > edge).length + 0.5) / (known.length + 1);
  return rateGrowth({ share: at.share, canary: above((1 + at.margin) * limit), stable: above(limit), shift: 0 });
}

/** Drawn a little towards one half, as the gate's own baseline is. */
function smoothedRate(history: { readonly sessions: number; readonly mean: number } | null): number | null {
  return history === null ? null : (history.sessions * history.mean + 0.5) / (history.sessions + 1);
}

interface Primary {
  readonly stable: number;
  readonly margin: number;
  readonly tolerance: number;
  readonly target: number;
}

function primaryOf({ gate, metrics }: Prospect): Primary | null {
  const found = metrics.find(({ name }) => name === primaryMetric);
  if (found?.config.kind !== "rate") return null;
  const stable = smoothedRate(found.config.history);
  if (stable === null) return null;
  const { margin, tolerance } = found.config;
  const target = decisionTarget("fail", { level: gate.alpha, weight: found.weight * startShare });
  return { stable, margin, tolerance, target };
}

/** Hours until a canary whose task success lies exactly at the margin is rolled back. */
function hoursToFailAtMargin(prospect: Prospect): Hours {
  const primary = primaryOf(prospect);
  if (primary === null || primary.stable + primary.margin >= 1) return unknownHours;
  const { stable, margin, tolerance, target } = primary;
  const growth = rateGrowth({ share: prospect.share, canary: stable + margin, stable, shift: tolerance });
  return margin > tolerance ? hoursFor(prospect, growth, target) : unknownHours;
}

/** The smallest drop of task success that is rolled back with 80 % before the stage ends. */
function smallestDrop(prospect: Prospect): number | null {
  const primary = primaryOf(prospect);
  const sessions = prospect.sessionsPerHour * (prospect.gate.until / hour);
  if (primary === null || !(sessions > 0)) return null;
  const growth = informationNeeded(primary.target, 0.8) / sessions;
  return riseWithGrowth({ share: prospect.share, stable: primary.stable, shift: primary.tolerance, growth });
}

function warningOf(prospect: Prospect, { rule, hours }: Proof): string | null {
  const { gate, weight, unit, sessionsPerHour } = prospect;
  const name = `${gate.name} at ${weight / 100} %`;
  if (!(sessionsPerHour > 0)) return `${name}: no ${unit} was seen in the last 24 h, so nothing can be proven`;
  if (rule === null && hours.p90 === null) return null;
  if (hours.p90 === null || hours.median === null)
    return `${name}: how long ${rule?.metric ?? "it"} needs is not known, for history has too few ${unit}s of it`;
  const until = gate.until / hour;
  if (hours.p90 <= until) return null;
  if (rule === null)
    return `${name}: ${gate.minSessions} canary ${unit}s take about ${hoursText(hours.p90)}, and the stage lasts ${hoursText(until)}: ${untilFix(hours.p90)}`;
  const lasts = `${name}: a healthy canary needs ${hoursText(hours.median)} (median) to ${hoursText(hours.p90)} (9 of 10) to be proven within ${marginText(rule, rule.margin.value)} of ${rule.metric}, and the stage lasts ${hoursText(until)}`;
  return `${lasts}${plainly(prospect, rule)}: ${fixes(prospect, rule, hours.p90).join(", or ")}`;
}

/** Below this many sessions a day proof is slow whatever the weight, and the plan says so in plain words. */
const fewSessionsADay = 200;

function isLowTraffic({ sessionsPerHour }: Prospect): boolean {
  return sessionsPerHour * 24 < fewSessionsADay;
}

function plainly(prospect: Prospect, rule: MetricRule): string {
  if (!isLowTraffic(prospect)) return "";
  const margin = marginThatFits(prospect, rule);
  const visible = smallestDrop(prospect);
  const provable = margin === null ? "nothing" : `only a margin of ${marginText(rule, margin)}`;
  const seen =
    visible === null ? "no drop of task success" : `a drop of task success by ${pointsText(visible)} or more`;
  const perDay = Math.round(prospect.sessionsPerHour * 24);
  return `. At about ${perDay} ${prospect.unit}s a day ${provable} can be proven in that time, and ${seen} be seen`;
}

/** A margin wider than this, or a stage longer than this, is no advice. */
const widestMargin = { points: 0.2, relative: 1 };
const longestStageHours = 30 * 24;

/** What would let the gate decide in time: each fix by itself. */
function fixes(prospect: Prospect, rule: MetricRule, p90: number): readonly string[] {
  const found: string[] = [];
  const weight = weightThatFits(prospect, rule);
  if (weight !== null) found.push(`raise the weight to ${weight} %`);
  const margin = marginThatFits(prospect, rule);
  const limit = rule.metric === primaryMetric ? "max_drop" : "max_rise";
  if (margin !== null && margin <= widestMargin[rule.margin.kind]) {
    found.push(`set ${limit} to ${marginText(rule, margin)}`);
  }
  if (p90 <= longestStageHours) found.push(untilFix(p90));
  // The strategy's own gates are already as wide and as long as it makes them.
  const isWide = prospect.weight >= 2_500 && prospect.gate.until >= 7 * day;
  if (isLowTraffic(prospect) && !isWide)
    found.push("use the strategy low-traffic (25, 50, 100 %, wide margins, paired evals)");
  if (found.length > 0) return found;
  return ["leave it to a reviewed policy (undecided: proceed), which every view shows as unproven"];
}

/** Whole hours as the spec writes them, whole days where they are many. */
function untilFix(hours: number): string {
  return `set until to ${hours > 96 ? `${Math.ceil(hours / 24)}d` : `${Math.ceil(hours)}h`}`;
}

/** Growth at which nine of ten healthy canaries are proven before the stage ends. */
function growthThatFits({ gate, sessionsPerHour }: Prospect): number {
  const target = decisionTarget("pass", { level: gate.beta, weight: 1 });
  return informationNeeded(target, 0.9) / (sessionsPerHour * (gate.until / hour));
}

/** The least whole percentage, up to 50, that is enough; null if none is. */
function weightThatFits(prospect: Prospect, rule: MetricRule): number | null {
  const needed = growthThatFits(prospect);
  for (let percent = Math.floor(prospect.share * 100) + 1; percent <= 50; percent += 1) {
    const growth = proofGrowth(prospect, rule, { share: percent / 100, margin: rule.margin.value });
    if (growth !== null && growth >= needed) return percent;
  }
  return null;
}

/** The least margin that is enough, rounded up to what people write (0.5 pp, 1 %); null if none below 100 % is. */
function marginThatFits(prospect: Prospect, rule: MetricRule): number | null {
  const needed = growthThatFits(prospect);
  const { share } = prospect;
  if (metricKinds[rule.metric] === "rate") {
    const config = prospect.metrics.find(({ name }) => name === rule.metric)?.config;
    const stable = config?.kind === "rate" ? smoothedRate(config.history) : null;
    const margin = stable === null ? null : marginWithGrowth({ share, stable, growth: needed });
    return margin === null ? null : Math.ceil(margin * 200) / 200;
  }
  for (let percent = Math.ceil(rule.margin.value * 100) + 1; percent <= 100; percent += 1) {
    const growth = proofGrowth(prospect, rule, { share, margin: percent / 100 });
    if (growth !== null && growth >= needed) return percent / 100;
  }
  return null;
}

function marginText({ margin }: MetricRule, value: number): string {
  return margin.kind === "points" ? pointsText(value) : `${shortened(value * 100)} %`;
}

function pointsText(value: number): string {
  return `${shortened(value * 100)} pp`;
}

function shortened(value: number): string {
  return String(Number(value.toFixed(1)));
}

function hoursText(hours: number): string {
  if (hours > 96) return `${Math.ceil(hours / 24)} d`;
  return `${hours < 10 ? shortened(hours) : Math.ceil(hours)} h`;
}
