/**
 * A ramp played on blocks of sessions by the gates themselves: what they would have said at each look, and what would have
 * been done. Nothing is put in force. Eval, approval and window gates are taken as passed, for they do not look at traffic.
 */
import { absorbFloors, type FloorArms, type FloorMemory, openFloors, provenBreaches } from "../gate/floor-memory.js";
import { accumulatorOf } from "../gate/health-accumulator.js";
import type { StableValues } from "../gate/health-config.js";
import type { HealthMemory } from "../gate/health-memory.js";
import { absorbHealth, enterHealthStage, judgeHealth, openHealth } from "../gate/kinds/health.js";
import type { Floor } from "../model/floor.js";
import type { GateClock, HealthGate, Stage, Verdict } from "../model/gate.js";
import type { Block } from "../model/metric.js";
import type { RoutingUnit } from "../model/route.js";
import {
  type Duration,
  fullWeight,
  hour,
  type Instant,
  later,
  noWeight,
  type RevisionId,
  type RolloutId,
  type Weight,
} from "../model/units.js";

/** A weight with the health gate that watches it; `stage` is the gate's index in the unfolded stages. */
export interface Leg {
  readonly weight: Weight;
  readonly gate: HealthGate;
  readonly stage: number;
}

/** The weights below 100 % of a ramp, in their order. */
export function legsOf(stages: readonly Stage[]): readonly Leg[] {
  const legs: Leg[] = [];
  let weight = noWeight;
  for (const [index, stage] of stages.entries()) {
    if (stage.kind === "weight") weight = stage.weight;
    else if (stage.gate.kind === "health" && weight > 0 && weight < fullWeight)
      legs.push({ weight, gate: stage.gate, stage: index });
  }
  return legs;
}

export interface RampSettings {
  readonly legs: readonly Leg[];
  readonly floors: readonly Floor[];
  /** What is counted as one; the session where it is left out. */
  readonly unit?: RoutingUnit;
  /** Stable's session values before the ramp, newest first; rates: badness in [0, 1]. */
  readonly history: StableValues;
  /** Of both arms, known before the ramp: horizons are planned by it. */
  readonly sessionsPerHour: number;
}

/** `unproven`: a reviewed policy went on without a pass. */
export interface RampStep {
  readonly at: Instant;
  readonly leg: number;
  readonly kind: "passed" | "skipped" | "unproven";
  readonly because: string;
}

/** `waits`: the time of a weight was over, nothing was proven, and a person is asked. */
export interface RampEnd {
  readonly kind: "promoted" | "rolled-back" | "waits";
  /** `policy`: undecided when its time was over, and the spec says to roll back then. */
  readonly cause: "gate" | "floor" | "policy" | null;
  readonly at: Instant;
  readonly leg: number;
  readonly because: string;
}

export interface Ramp {
  readonly settings: RampSettings;
  readonly leg: number;
  /** When the weight of this leg took force. */
  readonly since: Instant;
  readonly memory: HealthMemory;
  readonly watched: FloorMemory;
  /** When the first weight took force. */
  readonly begun: Instant;
  readonly steps: readonly RampStep[];
  readonly end: RampEnd | null;
}

/** The first weight takes force. Throws RangeError for a ramp without any weight below 100 %. */
export function startRamp(settings: RampSettings, at: Instant): Ramp {
  const [first] = settings.legs;
  if (first === undefined) throw new RangeError("A ramp has a weight between 0 and 100 %.");
  const memory = openHealth({
    rollout: "rehearsal" as RolloutId,
    gate: first.gate,
    stage: first.stage,
    horizon: horizonOf(settings, first),
    history: settings.history,
    unit: settings.unit ?? "session",
  });
  const watched = openFloors(settings.floors);
  return { settings, leg: 0, since: at, memory, watched, begun: at, steps: [], end: null };
}

/** Canary sessions planned for a weight, as the engine plans them when it is entered. */
function horizonOf({ sessionsPerHour }: RampSettings, { weight, gate }: Leg): number {
  return Math.max(50, Math.round(sessionsPerHour * (weight / fullWeight) * (gate.until / hour)));
}

/** The canary's share in force; 0 once it was rolled back, 100 % once it was promoted. */
export function weightOf({ settings, leg, end }: Ramp): Weight {
  if (end?.kind === "rolled-back") return noWeight;
  if (end?.kind === "promoted") return fullWeight;
  return settings.legs[leg]?.weight ?? noWeight;
}

/** The ramp with one more closed block counted. */
export function countBlock(ramp: Ramp, block: Block): Ramp {
  const gate = ramp.settings.legs[ramp.leg]?.gate;
  if (gate === undefined || ramp.end !== null) return ramp;
  const { floors } = ramp.settings;
  const watched =
    floors.length === 0 ? ramp.watched : absorbFloors(ramp.watched, block, { floors, arms: armsOf(ramp) });
  return { ...ramp, memory: absorbHealth(ramp.memory, gate, block), watched };
}

function armsOf({ begun }: Ramp): FloorArms {
  return { stable: "r-stable" as RevisionId, canary: "r-canary" as RevisionId, canarySince: begun };
}

/** A canary proven below a floor, unless stable is too: then it is not the canary. */
function breachOf(ramp: Ramp): string | null {
  const { floors } = ramp.settings;
  if (floors.length === 0) return null;
  const breaches = provenBreaches(ramp.watched, { floors, arms: armsOf(ramp), runbook: null });
  return breaches.find(({ arm, both }) => arm === "canary" && !both)?.because ?? null;
}

/** One look at a moment: the gate is judged, and what follows from its verdict is done. */
export function lookAt(ramp: Ramp, now: Instant): Ramp {
  const leg = ramp.settings.legs[ramp.leg];
  if (leg === undefined || ramp.end !== null) return ramp;
  const { gate } = leg;
  const breach = breachOf(ramp);
  if (breach !== null && accumulatorOf(ramp.memory).failed === null)
    return ended(ramp, { kind: "rolled-back", cause: "floor", at: now, because: breach });
  const holdOver = now >= later(ramp.since, gate.hold);
  if (gate.skip !== null)
    return holdOver ? risen(ramp, { at: now, leg: ramp.leg, kind: "skipped", because: gate.skip }) : ramp;
  const timeOver = now >= later(ramp.since, gate.until);
  if (!timeOver && cannotSpeak(ramp, gate, holdOver)) return ramp;
  const verdict = verdictAt(ramp, gate, now);
  const { because } = verdict;
  if (verdict.result === "fail") return ended(ramp, { kind: "rolled-back", cause: "gate", at: now, because });
  if (verdict.result === "pass") return risen(ramp, { at: now, leg: ramp.leg, kind: "passed", because });
  if (!timeOver) return ramp;
  const sessions = Number(verdict.figures.canary_sessions ?? 0);
  const alarms = Number(verdict.figures.alarms ?? 0);
  return undecided(ramp, gate, { at: now, because, sessions, alarms });
}

/** What the gate of the ramp's weight says at a moment. */
export function verdictAt(ramp: Pick<Ramp, "since" | "memory">, gate: HealthGate, now: Instant): Verdict {
  const clock: GateClock = { now, since: ramp.since, pausedFor: 0 as Duration, canary: "r-rehearsal" as RevisionId };
  return judgeHealth(gate, { kind: "health", memory: ramp.memory, alarms: [], completedOnly: false }, clock);
}

/** Judging makes sentences, which costs more than counting: without a proof of anything there is nothing to judge yet. */
function cannotSpeak({ memory }: Ramp, gate: HealthGate, holdOver: boolean): boolean {
  const { failed, metrics } = accumulatorOf(memory);
  if (failed !== null) return false;
  if (!holdOver) return true;
  return metrics.some(({ name, evidence }) => {
    const isAsked = gate.prove.some((asked) => asked === name);
    return isAsked && evidence.arms.canary.count > 0 && evidence.provenAt === null;
  });
}

function undecided(
  ramp: Ramp,
  { undecided: policy }: HealthGate,
  at: { readonly at: Instant; readonly because: string; readonly sessions: number; readonly alarms: number },
): Ramp {
  const because = `${at.because}; its time is over`;
  if (policy === "rollback") return ended(ramp, { kind: "rolled-back", cause: "policy", at: at.at, because });
  if (policy !== "hold" && at.alarms === 0 && at.sessions >= policy.proceed.minSessions) {
    return risen(ramp, { at: at.at, leg: ramp.leg, kind: "unproven", because: policy.proceed.because });
  }
  return ended(ramp, { kind: "waits", cause: null, at: at.at, because });
}

function ended(ramp: Ramp, end: Omit<RampEnd, "leg">): Ramp {
  return { ...ramp, end: { ...end, leg: ramp.leg } };
}

function risen(ramp: Ramp, step: RampStep): Ramp {
  const steps = [...ramp.steps, step];
  const leg = ramp.settings.legs[ramp.leg + 1];
  if (leg === undefined)
    return ended({ ...ramp, steps }, { kind: "promoted", cause: null, at: step.at, because: step.because });
  const { gate, stage } = leg;
  const memory = enterHealthStage(ramp.memory, { gate, stage, horizon: horizonOf(ramp.settings, leg) });
  return { ...ramp, steps, leg: ramp.leg + 1, since: step.at, memory };
}
