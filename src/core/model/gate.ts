// Gates as the strategy of the YAML unfolds them, the evidence that they judge, and their verdicts.

import type { HealthMemory } from "../gate/health-memory.js";
import type { MetricName, MetricRule } from "./metric.js";
import { type Duration, type Instant, type Json, later, type RevisionId, type Weight } from "./units.js";

/** One stage in the unfolded course of a rollout: gate eval, weight 5 %, gate canary, weight 50 %, gate full, weight 100 %. */
export type Stage =
  | { readonly kind: "weight"; readonly weight: Weight }
  | { readonly kind: "gate"; readonly gate: Gate };

export type Gate = EvalGate | HealthGate | ApprovalGate | WindowGate | ReadyGate;

interface GateBase {
  /** `eval`, `canary`, `full`, `approval`, `window`, `ready`. */
  readonly name: string;
  /** The reviewed reason for leaving the gate out, shown in every plan; null: the gate is judged. */
  readonly skip: string | null;
}

/** Asked before any traffic. Scores and regressions are decimal strings so that 0.90 - 0.85 is 0.05 and passes. */
export interface EvalGate extends GateBase {
  readonly kind: "eval";
  readonly suites: readonly EvalRule[];
}
export interface EvalRule {
  /** Name of the suite; `default` where the spec names none. */
  readonly suite: string;
  readonly minScore: string;
  readonly maxRegression: string;
  readonly maxAge: Duration;
  /** Share of errored items above which results are no evidence. */
  readonly maxErrors: string;
  readonly decision: "point" | "paired";
}

/** Watches from the moment the weight is in force: a fail acts at the next tick, a pass counts after `hold`. */
export interface HealthGate extends GateBase {
  readonly kind: "health";
  readonly name: "canary" | "full";
  readonly hold: Duration;
  readonly until: Duration;
  readonly undecided: Undecided;
  readonly prove: readonly MetricName[];
  readonly metrics: readonly MetricRule[];
  /** False-rollback budget of the whole rollout, over all metrics and stages. */
  readonly alpha: number;
  /** False-pass budget of this gate. */
  readonly beta: number;
  /** Evidence whose newest block is older than this is stale: the gate waits and an alert is shown. */
  readonly staleAfter: Duration;
  /** A pass needs at least this many canary sessions, whatever the test says. */
  readonly minSessions: number;
}
export type Undecided =
  | "hold"
  | "rollback"
  | { readonly proceed: { readonly because: string; readonly minSessions: number } };

export interface ApprovalGate extends GateBase {
  readonly kind: "approval";
  /** An approval older than this no longer counts. */
  readonly life: Duration;
}
/** No rise outside the windows or inside a freeze. Rollback is always allowed. */
export interface WindowGate extends GateBase {
  readonly kind: "window";
  readonly windows: readonly WindowRule[];
  readonly freezes: readonly { readonly from: Instant; readonly to: Instant; readonly because: string }[];
}
/** `days`: 1 is Monday; `from` and `to` in minutes after local midnight. */
export interface WindowRule {
  readonly days: readonly number[];
  readonly from: number;
  readonly to: number;
  readonly zone: string;
}
/** Asked before the first weight: does the canary revision serve? */
export interface ReadyGate extends GateBase {
  readonly kind: "ready";
  readonly http: string;
}

/** The eval results of one revision for one suite, reduced to what the gate needs. */
export interface EvalResult {
  readonly suite: string;
  readonly revision: RevisionId;
  readonly recordedAt: Instant;
  /** What the score is: `pass rate`, `mean score`, or a named metric. */
  readonly scoreName: string;
  /** Decimal string; null when nothing was scored. */
  readonly score: string | null;
  readonly passed: number;
  readonly failed: number;
  readonly errored: number;
  /** Item -> mean score over its trials, where the format has items. Errored items are absent. */
  readonly byItem: Readonly<Record<string, number>> | null;
  /** Item -> the cluster of items that it goes together with. Absent where no item names one, as in older files. */
  readonly clusters?: Readonly<Record<string, string>>;
  /** Items that were run and only errored: they have no score, and they are not missing either. */
  readonly unscored: readonly string[];
  /** sha256 of the file that was read. */
  readonly digest: string;
}
/** The committed baseline of one suite. `best` is the best score any baseline of this suite ever had. */
export interface EvalBaseline {
  readonly suite: string;
  readonly revision: RevisionId | null;
  readonly recordedAt: Instant | null;
  readonly scoreName: string;
  readonly score: string;
  readonly best: string;
  readonly byItem: Readonly<Record<string, number>> | null;
  /** As in results. */
  readonly clusters?: Readonly<Record<string, string>>;
}

export type Evidence =
  | { readonly kind: "eval"; readonly suites: Readonly<Record<string, EvalSuiteEvidence>> }
  | {
      readonly kind: "health";
      readonly memory: HealthMemory;
      readonly alarms: readonly Alarm[];
      readonly completedOnly: boolean;
    }
  | { readonly kind: "approval"; readonly approvals: readonly Approval[] }
  | { readonly kind: "window"; readonly open: boolean; readonly because: string; readonly changesAt: Instant | null }
  | { readonly kind: "ready"; readonly serving: boolean; readonly because: string }
  | { readonly kind: "missing"; readonly because: string };

export interface EvalSuiteEvidence {
  readonly result: EvalResult | { readonly missing: string };
  readonly baseline: EvalBaseline | { readonly missing: string };
}
/** An alarm holds the ramp and is never a rollback. */
export interface Alarm {
  readonly kind: "unrouted-revision" | "revision-mismatch" | "sample-ratio" | "missing-telemetry" | "stale";
  readonly because: string;
}
export interface Approval {
  readonly revision: RevisionId;
  readonly by: string;
  readonly at: Instant;
}

/** When a gate is judged. `since`: the weight took force (or the stage was entered, before any weight); `pausedFor` stops `until`. */
export interface GateClock {
  readonly now: Instant;
  readonly since: Instant;
  /** What `until` leaves out: paused, or with the fallback on. */
  readonly pausedFor: Duration;
  /** What `hold` leaves out: with the fallback on, the canary served nobody. Left out: none. */
  readonly unservedFor?: Duration;
  readonly canary: RevisionId;
}

/** When the least time at a weight is over. */
export function holdOver(
  { hold }: Pick<HealthGate, "hold">,
  { since, unservedFor = 0 as Duration }: GateClock,
): Instant {
  return later(since, hold + unservedFor);
}

/** The same numbers as in the sentence, as data. */
export type Figures = { readonly [key: string]: Json };
export interface Verdict {
  readonly result: "pass" | "fail" | "wait";
  /** A sentence with the numbers in it. */
  readonly because: string;
  readonly figures: Figures;
  /** When waiting alone could change it; null when that is not known. */
  readonly earliest: Instant | null;
}
export type Judge = (gate: Gate, evidence: Evidence, clock: GateClock) => Verdict;
