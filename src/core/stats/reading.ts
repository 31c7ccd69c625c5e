/** What an accumulator says at this moment: everything that a verdict, its sentence and its picture need. */
import { type Accumulator, combinedLogE, type ProvenFail, suspectOf } from "./accumulator.js";
import { shownStratum } from "./metric-absorb.js";
import type { Arms, MetricEvidence } from "./metric-evidence.js";
import { metricLogE } from "./metric-log-e.js";
import { missingTelemetryLogE, missingTelemetryThreshold } from "./missing-telemetry.js";
import { addStratum, displayInterval, type Interval } from "./normal-mixture.js";
import { sketchQuantile } from "./quantile-sketch.js";
import { sampleRatioLogE, sampleRatioThreshold } from "./sample-ratio.js";

export interface Reading {
  /** ln of the combined FAIL e-value, the threshold ln(1 / alpha) that it must reach, and the first time it did. */
  readonly logFail: number;
  readonly failThreshold: number;
  readonly failed: ProvenFail | null;
  /** The metric that weighs most in it. */
  readonly suspect: string | null;
  readonly passThreshold: number;
  readonly metrics: readonly MetricReading[];
  /** Sessions of this stage. */
  readonly sessions: { readonly canary: number; readonly stable: number };
  /** Alarms: they hold the ramp, and never roll back. */
  readonly sampleRatio: { readonly logE: number; readonly alarm: boolean };
  readonly missingTelemetry: { readonly logE: number; readonly alarm: boolean };
}

export interface MetricReading {
  readonly name: string;
  readonly kind: MetricEvidence["kind"];
  readonly weight: number;
  /** ln of the metric's own FAIL e-value; with its weight it is proven by itself when it reaches ln(1 / (alpha * weight)). */
  readonly logFail: number;
  readonly provenWorse: boolean;
  /** ln of the PASS e-value of this stage, and whether it ever reached ln(1 / beta) in it. */
  readonly logPass: number;
  readonly passed: boolean;
  /** Badness of this stage: sums for a rate, values cut off at the cap for a mean, sessions above stable's quantile. */
  readonly arms: Arms;
  /** Canary minus stable in badness, over all stages, with an interval that holds at every tick at once. Decides nothing. */
  readonly interval: Interval | null;
  /** Where values are cut off, or the quantile that sessions are held against; null for rates and while it is not known. */
  readonly limit: number | null;
  /** The source gave totals only. */
  readonly approximate: boolean;
  readonly unsound: number;
}

/** Reads an accumulator; `share` is the canary's planned share of the traffic in this stage. */
export function readAccumulator(accumulator: Accumulator, share: number): Reading {
  const { alpha, beta, sessions } = accumulator;
  const ratio = sampleRatioLogE({ ...sessions, share });
  const missing = missingTelemetryLogE(accumulator.telemetry);
  return {
    logFail: combinedLogE(accumulator),
    failThreshold: Math.log(1 / alpha),
    failed: accumulator.failed,
    suspect: suspectOf(accumulator),
    passThreshold: Math.log(1 / beta),
    metrics: accumulator.metrics.map((metric) => readMetric(metric, alpha)),
    sessions,
    sampleRatio: { logE: ratio, alarm: ratio >= sampleRatioThreshold },
    missingTelemetry: { logE: missing, alarm: missing >= missingTelemetryThreshold },
  };
}

function readMetric(metric: Accumulator["metrics"][number], alpha: number): MetricReading {
  const { name, weight, evidence } = metric;
  const { fail, pass } = metricLogE(evidence);
  return {
    name,
    kind: evidence.kind,
    weight,
    logFail: fail,
    provenWorse: fail >= Math.log(1 / (alpha * weight)),
    logPass: pass,
    passed: evidence.provenAt !== null && (evidence.kind !== "mean" || evidence.tailProvenAt !== null),
    arms: evidence.arms,
    interval: metricInterval(evidence),
    limit: limitOf(evidence),
    approximate: evidence.kind === "totals",
    unsound: evidence.unsound,
  };
}

/** `MetricReading.interval` alone. */
export function metricInterval(evidence: MetricEvidence): Interval | null {
  const strata = addStratum(evidence.past, shownStratum(evidence));
  return displayInterval(strata, { level: 0.05, priorSd: priorSdOf(evidence) });
}

/** The picture's interval is narrowest around differences as large as the margin. */
function priorSdOf(evidence: MetricEvidence): number {
  const { stable } = evidence.arms;
  const mean = stable.count > 0 ? stable.sum / stable.count : 1;
  switch (evidence.kind) {
    case "rate":
      return Math.max(evidence.main.margin, 0.01);
    case "quantile":
      return 0.05;
    case "mean":
      return evidence.main === null ? 1 : shiftOf(evidence.main, mean);
    case "totals":
      return shiftOf(evidence.config, mean);
  }
}

/** The margin in units of the metric. */
function shiftOf(config: { readonly scale: "relative" | "absolute"; readonly margin: number }, mean: number): number {
  return Math.max(config.scale === "relative" ? mean * config.margin : config.margin, 1e-9);
}

function limitOf(evidence: MetricEvidence): number | null {
  if (evidence.kind === "mean") return evidence.main?.cap ?? null;
  return evidence.kind === "quantile" ? sketchQuantile(evidence.main.sketch) : null;
}
