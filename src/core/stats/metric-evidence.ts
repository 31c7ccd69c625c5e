/**
 * All that one metric has said in a rollout: its process from the start, the snapshots from which later starts are counted,
 * the rate of runaway sessions beside a capped mean, what was proven in this stage, and the sums that are shown to people.
 * Plain JSON of at most 120 numbers. STATISTICS sections 3, 5 and 6.
 */
import type { History } from "./baseline.js";
import { type MeanState, openMean, type Sample } from "./mean.js";
import { type ArmTotals, noStrata, type Strata } from "./normal-mixture.js";
import type { Targets } from "./process.js";
import { openQuantile, type QuantileState } from "./quantile.js";
import { openSketch, type QuantileSketch } from "./quantile-sketch.js";
import { openRate, type RateState } from "./rate.js";
import type { RateCounts } from "./reverse-projection.js";

/** How a metric's FAIL weight is shared: most on the process from the start, the rest on later starts. */
export const startShare = 0.8;
export const slotShare = 0.05;
export const slotCount = 4;

/** How a mean's weight is shared between the capped mean and the rate of sessions above the cap. */
export const meanShare = 0.8;
export const tailShare = 0.2;

/** Margins and tolerances: absolute for rates, relative for quantiles, by `scale` for means and totals. */
export type MetricConfig = RateMetric | MeanMetric | QuantileMetric | TotalsMetric;

export interface RateMetric {
  readonly kind: "rate";
  readonly margin: number;
  readonly tolerance: number;
  readonly history: Omit<History, "variance"> | null;
}
/** `cap`: null learns it from the first 200 stable sessions, and bets only after that. `tail`: the rate of sessions above it. */
export interface MeanMetric {
  readonly kind: "mean";
  readonly scale: "relative" | "absolute";
  readonly margin: number;
  readonly tolerance: number;
  readonly cap: number | null;
  readonly tail: { readonly margin: number; readonly tolerance: number };
  readonly history: History | null;
}
export interface QuantileMetric {
  readonly kind: "quantile";
  readonly q: number;
  readonly margin: number;
  readonly tolerance: number;
}
/**
 * A source that answers totals alone: approximate. `unit`: 1 where the badness is a rate, else the size of large values; null takes it
 * from the values' own root mean square.
 */
export interface TotalsMetric {
  readonly kind: "totals";
  readonly of: "rate" | "mean";
  readonly scale: "relative" | "absolute";
  readonly margin: number;
  readonly tolerance: number;
  readonly unit: number | null;
}

/** What a block says of a metric; `totals` are added up within their stage. */
export type MetricBlock =
  | { readonly kind: "rate"; readonly counts: RateCounts }
  | { readonly kind: "values"; readonly canary: Sample; readonly stable: Sample }
  | { readonly kind: "totals"; readonly canary: ArmTotals; readonly stable: ArmTotals };

export type MetricEvidence = RateEvidence | MeanEvidence | QuantileEvidence | TotalsEvidence;

/** Both arms' badness in this stage, as shown: rates as they are, means cut off at the cap, quantiles as shares above it. */
export interface Arms {
  readonly canary: ArmTotals;
  readonly stable: ArmTotals;
}

interface Kept {
  readonly arms: Arms;
  /** The stages before this one, for the interval that is shown. */
  readonly past: Strata;
  /** When PASS was proven in this stage (end of that block, ms), and for a mean that its tail holds; null: not yet. */
  readonly provenAt: number | null;
  readonly tailProvenAt: number | null;
  /** Blocks left out because their numbers were impossible. */
  readonly unsound: number;
}
interface Restarted {
  /** FAIL grid of `main` at each later start. */
  readonly slots: readonly (readonly number[])[];
}
export interface RateEvidence extends Kept, Restarted {
  readonly kind: "rate";
  readonly main: RateState;
}
/** `main` and `tail` are null as long as the metric waits for its cap. */
export interface MeanEvidence extends Kept, Restarted {
  readonly kind: "mean";
  readonly main: MeanState | null;
  readonly tail: RateState | null;
  readonly waiting: WaitingMean | null;
}
/** A mean whose cap is being learned, and what it will be opened with. */
export interface WaitingMean {
  readonly config: MeanMetric;
  readonly stake: Stake;
  /** Canary sessions planned for the stage. */
  readonly planned: number;
  readonly caps: QuantileSketch;
}
export interface QuantileEvidence extends Kept, Restarted {
  readonly kind: "quantile";
  readonly main: QuantileState;
}
export interface TotalsEvidence extends Kept {
  readonly kind: "totals";
  readonly config: TotalsMetric;
  readonly stake: Stake;
  /** The stages before this one, against the tolerance. */
  readonly pastFail: Strata;
}

/** What a metric stands for in the gate: its weight among the metrics and the two promises. */
export interface Stake {
  readonly weight: number;
  readonly alpha: number;
  readonly beta: number;
}

/** What each component of a metric aims at. */
function targetsOf(stake: Stake, share: number): Targets {
  return { fail: Math.log(1 / (stake.alpha * stake.weight * share)), pass: Math.log(1 / stake.beta) };
}

export const noTotals: ArmTotals = { count: 0, sum: 0, squares: 0 };

/** A metric that has said nothing. `planned`: canary sessions planned for the first stage. */
export function openMetric(config: MetricConfig, stake: Stake, planned: number): MetricEvidence {
  const kept: Kept = {
    arms: { canary: noTotals, stable: noTotals },
    past: noStrata,
    provenAt: null,
    tailProvenAt: null,
    unsound: 0,
  };
  const targets = targetsOf(stake, startShare);
  switch (config.kind) {
    case "rate": {
      const { margin, tolerance, history } = config;
      return { ...kept, kind: "rate", slots: [], main: openRate({ margin, tolerance, history, targets, planned }) };
    }
    case "quantile": {
      const { q, margin, tolerance } = config;
      return { ...kept, kind: "quantile", slots: [], main: openQuantile({ q, margin, tolerance, targets, planned }) };
    }
    case "totals":
      return { ...kept, kind: "totals", config, stake, pastFail: noStrata };
    case "mean": {
      const opened = { ...kept, kind: config.kind, slots: [], main: null, tail: null, waiting: null };
      if (config.cap !== null) return openAtCap(opened, { config, stake, planned }, config.cap);
      return { ...opened, waiting: { config, stake, planned, caps: openSketch(0.99) } };
    }
  }
}

/** A mean begins to be judged, cut off at the cap. */
export function openAtCap(evidence: MeanEvidence, plan: Omit<WaitingMean, "caps">, cap: number): MeanEvidence {
  const { config, stake, planned } = plan;
  const { scale, margin, tolerance, tail, history } = config;
  // The cap is stable's 99th percentile, so one stable session in a hundred lies above it.
  const tailHistory = history === null ? null : { sessions: history.sessions, mean: 0.01 };
  const targets = targetsOf(stake, meanShare * startShare);
  return {
    ...evidence,
    waiting: null,
    main: openMean({ scale, margin, tolerance, cap, history, planned, targets }),
    tail: openRate({ ...tail, planned, targets: targetsOf(stake, tailShare), history: tailHistory }),
  };
}
