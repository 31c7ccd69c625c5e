// What commands answer with: finished values, no handles and no callbacks. Text, JSON and Markdown are made from these alone.

import type { Diagnostic } from "../core/diagnostic/diagnostic.js";
import type { Floor } from "../core/model/floor.js";
import type { EvalResult, Verdict } from "../core/model/gate.js";
import type { GatePicture } from "../core/model/gate-picture.js";
import type { Incident } from "../core/model/incident.js";
import type { Entry } from "../core/model/journal.js";
import type { MetricName } from "../core/model/metric.js";
import type { Plan, PlannedAction, PlannedKind } from "../core/model/plan.js";
import type { ComponentChange, RevisionContent } from "../core/model/revision.js";
import type { RoutingUnit } from "../core/model/route.js";
import type { AgentState } from "../core/model/state.js";
import type { AgentId, Digest, Instant, Json, RevisionId, Weight } from "../core/model/units.js";

export type View =
  | PlanView
  | ApplyView
  | StatusView
  | DriftView
  | HistoryView
  | IncidentsView
  | IncidentView
  | ProblemsView
  | VerdictView
  | MetricsView
  | RevisionView
  | RunbooksView
  | SimulationView
  | BacktestView
  | DocumentView
  | MessageView;

/** An SVG file that `--svg` wrote, relative to where the command ran. `about`: an agent, or an incident. */
export interface DrawnPicture {
  readonly about: string;
  readonly metric: MetricName;
  readonly path: string;
}

export interface PlanView {
  readonly kind: "plan";
  readonly plan: Plan;
  readonly digest: Digest;
  readonly now: Instant;
  /** Relative path that `--out` wrote; null without it. */
  readonly savedTo: string | null;
  /** What the health gates of rollouts under way have seen, by agent. Not part of the plan: a saved one is shown without. */
  readonly pictures: Readonly<Record<string, GatePicture>>;
  readonly drawn: readonly DrawnPicture[];
  readonly warnings: readonly Diagnostic[];
}

/** What one pass did to one agent. */
export interface AppliedAgent {
  readonly agent: AgentId;
  readonly planned: PlannedAction;
  /** One line for each entry written, oldest first. */
  readonly done: readonly { readonly at: Instant; readonly what: string }[];
  /** What it does now, and why. */
  readonly after: {
    readonly kind: PlannedKind | "fault";
    readonly because: string;
    readonly hint: string | null;
    readonly earliest: Instant | null;
  };
  readonly rolledBack: boolean;
  /** Those that this run opened, oldest first. */
  readonly incidents: readonly string[];
}
export interface ApplyView {
  readonly kind: "apply";
  readonly now: Instant;
  readonly agents: readonly AppliedAgent[];
  readonly interrupted: boolean;
  readonly warnings: readonly Diagnostic[];
}

export interface ArmFigures {
  readonly revision: RevisionId;
  readonly tasks: number;
  readonly sessions: number;
  readonly values: Readonly<Record<MetricName, number | null>>;
}
export interface AgentStatus {
  readonly agent: AgentId;
  readonly state: AgentState;
  readonly action: PlannedAction | null;
  /** What the target shows, in a few words; and whether it is what was last put in force. */
  readonly target: { readonly name: string; readonly shows: string; readonly asWanted: boolean };
  /** What both arms are watched against. */
  readonly floors: readonly Floor[];
  /** Rolling window for display; null where there is no telemetry. */
  readonly stable: ArmFigures | null;
  readonly canary: ArmFigures | null;
  readonly window: string;
  readonly problem: string | null;
  /** What the health gate that watches has seen; null where none does. */
  readonly picture: GatePicture | null;
}
export interface StatusView {
  readonly kind: "status";
  /** Pictures over time instead of one line for each metric. */
  readonly charts: boolean;
  readonly drawn: readonly DrawnPicture[];
  readonly now: Instant;
  readonly agents: readonly AgentStatus[];
  readonly warnings: readonly Diagnostic[];
}

export interface DriftView {
  readonly kind: "drift";
  readonly now: Instant;
  readonly agents: readonly {
    readonly agent: AgentId;
    readonly target: string;
    readonly drifted: boolean;
    readonly wanted: string;
    readonly live: string;
    readonly because: string;
  }[];
}

export interface HistoryView {
  readonly kind: "history";
  readonly agents: readonly {
    readonly agent: AgentId;
    readonly entries: readonly { readonly entry: Entry; readonly what: string }[];
  }[];
}

export interface IncidentsView {
  readonly kind: "incidents";
  readonly incidents: readonly Incident[];
}
export interface IncidentView {
  readonly kind: "incident";
  readonly incident: Incident;
  readonly drawn: readonly DrawnPicture[];
}

export interface ProblemsView {
  readonly kind: "problems";
  readonly problems: readonly Diagnostic[];
  /** Said when there are none: `rollout.config.yaml is valid: 2 agents`. */
  readonly otherwise: string;
}

/** `gate eval`. */
export interface VerdictView {
  readonly kind: "verdict";
  readonly gate: string;
  readonly rows: readonly { readonly subject: string; readonly verdict: Verdict; readonly result: EvalResult | null }[];
}

export interface MetricsView {
  readonly kind: "metrics";
  readonly agent: AgentId;
  readonly from: Instant;
  readonly to: Instant;
  readonly arms: readonly ArmFigures[];
  readonly failed: readonly {
    readonly id: string;
    readonly at: Instant;
    readonly revision: string;
    readonly why: string;
  }[];
  /** What at least two of the failed tasks share, the most frequent first. */
  readonly shared: readonly { readonly trait: string; readonly tasks: number }[];
}

/** `show r-3f2a91c`. */
export interface RevisionView {
  readonly kind: "revision";
  readonly content: RevisionContent;
  readonly changes: readonly ComponentChange[];
  readonly against: RevisionId | null;
}

export interface RunbooksView {
  readonly kind: "runbooks";
  readonly runbooks: readonly {
    readonly path: string;
    readonly title: string;
    readonly on: readonly string[];
    readonly owner: string;
    readonly reviewed: string;
    readonly problems: number;
  }[];
}

/** A weight of a ramp that is rehearsed, with the health gate that watches it. */
export interface RehearsedLeg {
  readonly weight: Weight;
  readonly gate: string;
  readonly holdHours: number;
  readonly untilHours: number;
  readonly skipped: boolean;
}
/** Median and the time that nine of ten took, in hours; null: it never happened. */
export type TypicalHours = { readonly median: number; readonly p90: number } | null;
export interface SimulatedScenario {
  readonly name: string;
  /** Points of task success that the canary lacks, as a fraction, from so many hours after the start on. */
  readonly drop: number;
  readonly onsetHours: number;
  readonly runs: number;
  /** How many of the runs ended so; `unproven` of the promoted ones went on without a pass somewhere. */
  readonly promoted: number;
  readonly unproven: number;
  readonly rolledBack: number;
  readonly waits: number;
  readonly hoursToPromotion: TypicalHours;
  readonly hoursToRollback: TypicalHours;
  /** Of a run, median: sessions that the canary served, and those of them that failed because of it. */
  readonly canarySessions: number;
  readonly harmed: number;
  /** Shares of the runs that had ended so by an hour. */
  readonly curve: readonly {
    readonly hour: number;
    readonly promoted: number;
    readonly rolledBack: number;
    readonly waits: number;
  }[];
}
/** `simulate`. */
export interface SimulationView {
  readonly kind: "simulation";
  readonly agent: AgentId;
  readonly seed: number;
  /** What is counted as one; absent: the session. */
  readonly unit?: RoutingUnit;
  readonly sessionsPerHour: number;
  /** Share of stable's sessions that fail. */
  readonly failures: number;
  /** What was assumed, and what was left out, in sentences. */
  readonly notes: readonly string[];
  readonly legs: readonly RehearsedLeg[];
  readonly scenarios: readonly SimulatedScenario[];
  readonly interrupted: boolean;
  /** Path that `--svg` wrote; null without it. */
  readonly savedTo: string | null;
}

export interface BacktestEnd {
  /** `open`: the records ended first. `waits`: its time was over, and a person would have been asked. */
  readonly kind: "promoted" | "rolled-back" | "waits" | "open";
  readonly at: Instant;
  /** From the first weight on. */
  readonly hours: number;
  /** The canary's share when it ended. */
  readonly weight: Weight;
  readonly because: string;
}
/** `backtest`. */
export interface BacktestView {
  readonly kind: "backtest";
  readonly agent: AgentId;
  readonly stable: { readonly revision: RevisionId; readonly sessions: number };
  readonly canary: { readonly revision: RevisionId; readonly sessions: number };
  /** From the first weight to the last record. */
  readonly from: Instant;
  readonly to: Instant;
  readonly legs: readonly RehearsedLeg[];
  readonly notes: readonly string[];
  /** Weights that took force, the first one too, and why. */
  readonly steps: readonly { readonly at: Instant; readonly weight: Weight; readonly because: string }[];
  readonly end: BacktestEnd;
  /** Other tools' rules on the same sessions, at the first weight; null: the canary is let through. */
  readonly rivals: readonly {
    readonly name: string;
    readonly rollback: { readonly at: Instant; readonly hours: number; readonly because: string } | null;
  }[];
}

/** Markdown as it stands: a runbook, an explanation. */
export interface DocumentView {
  readonly kind: "document";
  readonly title: string;
  readonly markdown: string;
}

/** What was done, in sentences, with the same as data. */
export interface MessageView {
  readonly kind: "message";
  readonly lines: readonly string[];
  readonly data: { readonly [key: string]: Json };
}

/** What a command ends with. Exit codes are listed in `rollout --help`. */
export interface Answer {
  readonly view: View;
  readonly exit: number;
}
