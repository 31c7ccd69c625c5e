// The checkers' own reading of the journal. It shares no line with the code under test: what both read wrongly, nobody sees.

import type { Stage } from "../../core/model/gate.js";
import type { Entry, Event, Operation, RolloutStart } from "../../core/model/journal.js";
import type { ComponentChange } from "../../core/model/revision.js";
import type { Route } from "../../core/model/route.js";
import type { Instant, RevisionId, RolloutId } from "../../core/model/units.js";

/** The rollout under way. */
export interface Trip extends RolloutStart {
  /** Index of the stage that it stands at. */
  at: number;
  readonly startedAt: Instant;
  weightSince: Instant | null;
  pausedSince: Instant | null;
  /** Since when its clock stands still: paused, or nobody is routed to it. */
  stoppedSince: Instant | null;
  pausedFor: number;
  /** Since when nobody is routed to it. */
  unservedSince: Instant | null;
  unservedFor: number;
  turned: "gate" | "floor" | "undecided" | "withdrawn" | "person" | null;
  promoting: boolean;
}

export class Ledger {
  serial = 0;
  at = 0;
  stable: RevisionId | null = null;
  previous: { readonly revision: RevisionId; readonly leftAt: Instant } | null = null;
  trip: Trip | null = null;
  /** The newest intent whose end was not written. */
  open: { readonly serial: number; readonly route: Route } | null = null;
  /** What was last read back, or found. */
  inForce: Route | null = null;
  rejected: (readonly ComponentChange[])[] = [];
  /** Step -> value that was promoted as an override and is not written in the registry yet. */
  unfolded: Readonly<Record<string, string>> = {};
  /** Step -> what the registry said when that override began its trip. */
  unfoldedBases: Readonly<Record<string, string>> = {};
  retired = false;
  /** Since when everybody goes to the fallback. */
  fallbackSince: Instant | null = null;
  /** Intents by their serial. */
  readonly intents = new Map<number, Route>();
  readonly finished = new Set<RolloutId>();
  readonly operations = new Map<string, "owed" | "begun" | "done" | "failed">();

  read({ serial, event }: Entry): void {
    this.serial = serial;
    this.at = event.at;
    switch (event.kind) {
      case "agent-adopted":
        this.adopt(event.stable);
        this.fallbackSince = event.fallback === true ? event.at : null;
        break;
      case "fallback-switched":
        this.fallbackSince = event.on ? (this.fallbackSince ?? event.at) : null;
        break;
      case "rollout-started":
        this.trip = tripOf(event);
        break;
      case "shift-begun":
        this.open = { serial, route: event.route };
        this.intents.set(serial, event.route);
        break;
      case "shift-done":
        this.settle(event);
        break;
      case "drift-found":
        this.find(event);
        break;
      case "rollout-finished":
        this.finish(event);
        break;
      case "recovered":
        this.stable = event.stable;
        this.trip = null;
        this.inForce = null;
        break;
      case "overrides-settled":
        this.unfolded = {};
        this.unfoldedBases = {};
        break;
      case "agent-retired":
        this.retired = true;
        break;
      case "operation-begun":
        this.operations.set(event.operation.id, "begun");
        break;
      case "operation-done":
        this.operations.set(event.id, "done");
        break;
      case "operation-failed":
        this.operations.set(event.id, "failed");
        break;
      default:
        if (this.trip !== null) this.steer(this.trip, event);
    }
    if (event.kind === "commanded" && event.command === "retry") this.rejected = [];
    if (this.trip !== null) keepTime(this.trip, this.fallbackSince !== null, event.at);
  }

  /** Where the fallback alone was switched on, the canary is not lowered. */
  private find({ live, at, fallback }: Extract<Event, { kind: "drift-found" }>): void {
    const { trip } = this;
    const isLower = trip !== null && (live.canary === trip.canary ? live.weight : 0) < confirmedWeight(this);
    if (fallback === true) {
      this.fallbackSince ??= at;
      this.open = null;
    }
    if (trip !== null && trip.turned === null && (isLower || fallback === undefined)) trip.pausedSince ??= at;
    this.inForce = live;
  }

  private adopt(stable: RevisionId): void {
    this.stable = stable;
    this.previous = null;
    this.trip = null;
    this.open = null;
    this.inForce = null;
    this.unfolded = {};
    this.unfoldedBases = {};
    this.retired = false;
  }

  private settle(event: Event): void {
    if (this.open === null) return;
    const { route } = this.open;
    this.inForce = route;
    this.open = null;
    const trip = this.trip;
    if (trip === null || route.rollout !== trip.id || trip.turned !== null) return;
    const stage = trip.stages[trip.at];
    if (route.fallback) return;
    const everything = trip.promoting && route.weight === 10_000;
    if (!everything && (trip.promoting || stage?.kind !== "weight" || stage.weight !== route.weight)) return;
    trip.at = everything ? trip.stages.length : trip.at + 1;
    trip.weightSince = event.at;
    trip.stoppedSince = null;
    trip.pausedFor = 0;
    trip.unservedFor = 0;
  }

  private steer(trip: Trip, event: Event): void {
    switch (event.kind) {
      case "gate-judged":
        if (event.verdict.result === "fail") trip.turned ??= "gate";
        else if (event.verdict.result === "pass") trip.at += 1;
        break;
      case "gate-exempted":
        trip.at += 1;
        break;
      case "floor-breached":
        if (event.arm === "canary" && !event.both) trip.turned ??= "floor";
        break;
      case "rollout-turned":
        trip.turned ??= event.cause;
        break;
      case "commanded":
        if (trip.turned === null) command(trip, event);
        break;
      default:
        break;
    }
  }

  private finish({ outcome, at }: Extract<Event, { kind: "rollout-finished" }>): void {
    const trip = this.trip;
    if (trip === null) return;
    this.finished.add(trip.id);
    this.trip = null;
    if (outcome === "rolled-back" && trip.origin !== "undo") this.rejected.push(trip.changes);
    if (outcome !== "promoted" || this.stable === null) return;
    if (trip.origin === "undo")
      this.rejected.push(trip.changes.map(({ component, from, to }) => ({ component, from: to, to: from })));
    for (const [id, at] of this.operations) if (at !== "done") this.operations.delete(id);
    if (trip.origin === "spec") this.operations.set(operationId(trip.id), "owed");
    const changed = new Set(trip.changes.map(({ component }) => component));
    const kept = (steps: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
      Object.fromEntries(Object.entries(steps).filter(([step]) => !changed.has(`step:${step}`)));
    this.unfolded = { ...kept(this.unfolded), ...trip.overrides };
    this.unfoldedBases = { ...kept(this.unfoldedBases), ...trip.bases };
    this.previous = { revision: this.stable, leftAt: at };
    this.stable = trip.canary;
  }
}

function tripOf(event: Extract<Event, { kind: "rollout-started" }>): Trip {
  return {
    ...event,
    at: 0,
    startedAt: event.at,
    weightSince: null,
    pausedSince: null,
    stoppedSince: null,
    pausedFor: 0,
    unservedSince: null,
    unservedFor: 0,
    turned: null,
    promoting: false,
  };
}

/** A clock that stops when the first reason begins, and goes on when none is left. */
function keepTime(trip: Trip, isUnserved: boolean, at: Instant): void {
  if (isUnserved) trip.unservedSince ??= at;
  else if (trip.unservedSince !== null) {
    trip.unservedFor += at - trip.unservedSince;
    trip.unservedSince = null;
  }
  const stops = trip.pausedSince !== null || isUnserved;
  if (stops) trip.stoppedSince ??= at;
  if (stops || trip.stoppedSince === null) return;
  trip.pausedFor += at - trip.stoppedSince;
  trip.stoppedSince = null;
}

function command(trip: Trip, event: Extract<Event, { kind: "commanded" }>): void {
  switch (event.command) {
    case "pause":
      trip.pausedSince ??= event.at;
      break;
    case "resume":
      trip.pausedSince = null;
      break;
    case "proceed":
      if (trip.stages[trip.at]?.kind === "gate") trip.at += 1;
      break;
    case "promote":
      trip.promoting = true;
      trip.pausedSince = null;
      break;
    case "abort":
      trip.turned = "person";
      break;
    default:
      break;
  }
}

/** The operation that a promotion owes. */
function operationId(rollout: RolloutId): Operation["id"] {
  return `${rollout}-baseline`;
}

/** The canary's share in basis points that was last read back. */
export function confirmedWeight({ inForce, trip }: Ledger): number {
  return inForce !== null && trip !== null && inForce.canary === trip.canary ? inForce.weight : 0;
}

/** The canary's share in basis points that the stages behind allow, a pause aside. */
export function reachedWeight(trip: Trip): number {
  if (trip.turned !== null) return 0;
  if (trip.promoting || trip.at >= trip.stages.length) return 10_000;
  return lastWeight(trip.stages.slice(0, trip.at + 1));
}

function lastWeight(stages: readonly Stage[]): number {
  return stages.reduce((weight, stage) => (stage.kind === "weight" ? stage.weight : weight), 0);
}

/** Index of the health gate that watches the weight in force; null where none does. */
export function watchingGate(trip: Trip): number | null {
  if (trip.weightSince === null || trip.turned !== null) return null;
  const weight = trip.stages.findLastIndex((stage, index) => index < trip.at && stage.kind === "weight");
  const gate = trip.stages.findIndex(
    (stage, index) => index > weight && (stage.kind === "weight" || stage.gate.kind === "health"),
  );
  return trip.stages[gate]?.kind === "gate" ? gate : null;
}
