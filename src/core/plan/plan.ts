// The planner: values to values, no clock, no input or output. Identical inputs give identical bytes.

import type { Basis, GateForecast, GateOpinion, Plan, PlannedAction, PlannedKind } from "../model/plan.js";
import { plannedKinds } from "../model/plan.js";
import { type ComponentChange, componentChanges } from "../model/revision.js";
import { type LiveState, routeKey } from "../model/route.js";
import type { AgentState, Rollout } from "../model/state.js";
import {
  type Digest,
  type Duration,
  fullWeight,
  type Instant,
  later,
  noWeight,
  type RevisionId,
  type Weight,
} from "../model/units.js";
import { approvalsFor, clockOf, evidenceFor } from "../rollout/decide.js";
import { switchedOutside, takenOutside } from "../rollout/replay.js";
import { activeHealthGate } from "../rollout/want.js";
import { type Foreseen, foresee, isAlert, weightInForce } from "./foresee.js";
import type { Situation } from "./situation.js";
import { evalOpinion } from "./start.js";
import { warningsOf } from "./warn.js";

/** What the plan of one agent is made of beside its situation. */
export interface Planned {
  readonly situation: Situation;
  readonly epoch: number;
  readonly forecast: readonly GateForecast[];
}

/** One action for each agent, riskiest first. */
export function plan(
  agents: readonly Planned[],
  from: { readonly spec: Digest; readonly now: Instant; readonly life: Duration },
): Plan {
  return planOf(agents.map(planAgent), from);
}

/** The plan of these actions. */
export function planOf(
  planned: readonly PlannedAction[],
  from: { readonly spec: Digest; readonly now: Instant; readonly life: Duration },
): Plan {
  const rank = ({ kind }: PlannedAction): number => plannedKinds.indexOf(kind);
  const actions = [...planned].sort((a, b) => rank(a) - rank(b) || (a.agent < b.agent ? -1 : 1));
  return { format: 1, spec: from.spec, madeAt: from.now, validUntil: later(from.now, from.life), actions };
}

/** What one pass over this agent would do, and why. */
export function planAgent({ situation, epoch, forecast }: Planned): PlannedAction {
  const { state, spec, agent } = situation;
  const pass = foresee(situation);
  const foreseen = { ...pass, events: pass.events.filter((event) => !isAlert(event)) };
  const kind = kindOf(situation, foreseen);
  const rollout = foreseen.state.rollout ?? state.rollout;
  const to = toward(situation, foreseen, kind);
  const reason = reasonOf(situation, foreseen, kind);
  return {
    agent,
    kind,
    from: state.stable,
    to,
    weightFrom: exposed(state),
    weightTo: kind === "promote" || kind === "restore" ? fullWeight : exposed(foreseen.state),
    because: reason.because,
    code: reason.code,
    hint: reason.hint,
    earliest: foreseen.last.kind === "wait" ? foreseen.last.until : null,
    opinions: opinionsOf(situation, foreseen),
    changes: changesOf(situation, to),
    warnings: warningsOf(situation, { to, kind }),
    progress: rollout === null ? null : progressOf(rollout),
    queued: queuedOf(situation, rollout),
    forecast: spec === null || !climbs.includes(kind) ? [] : forecast,
    basis: basisOf(situation, epoch),
  };
}

/** The canary's share of sessions: none while the fallback has them all. */
function exposed(state: AgentState): Weight {
  return state.inForce?.fallback ? noWeight : weightInForce(state);
}

/** The kinds after which gates are still to be passed: theirs are the forecasts worth reading. */
const climbs: readonly PlannedKind[] = ["start", "supersede", "advance", "hold"];

/** The situation that an action is made for. */
function basisOf(situation: Situation, epoch: number): Basis {
  return { lineage: situation.sight.lineage, epoch, serial: situation.serial, live: liveKey(situation.sight.live) };
}

function liveKey(live: LiveState): string {
  return live.kind === "serving" ? `${live.lineage} ${routeKey(live.route)}` : live.kind;
}

function kindOf(situation: Situation, { events, shifts, operations, last }: Foreseen): PlannedKind {
  const { state } = situation;
  const turned = state.rollout?.turned?.cause;
  for (const event of events) {
    if (event.kind === "gate-judged" && event.verdict.result === "fail") return "rollback";
    if (event.kind === "floor-breached") return "rollback";
    if (event.kind === "rollout-turned") return event.cause === "withdrawn" ? "withdraw" : "rollback";
    if (event.kind === "drift-found") return "hold";
    if (event.kind === "agent-adopted") return "adopt";
    if (event.kind === "agent-retired") return "retire";
    if (event.kind === "rollout-started" && event.origin !== "spec") return "restore";
    if (event.kind === "rollout-started") return state.rollout === null ? "start" : "supersede";
  }
  if (turned !== undefined) return turned === "withdrawn" ? "withdraw" : "rollback";
  const weight = shifts.at(-1)?.weight ?? 0;
  const goesBack = state.rollout !== null && state.rollout.origin !== "spec" && state.rollout.course === "forward";
  if (goesBack && shifts.length > 0) return "restore";
  if (weight > weightInForce(state)) return weight === fullWeight ? "promote" : "advance";
  if (events.some((event) => event.kind === "rollout-finished")) return "promote";
  if (shifts.length > 0) return state.finished.length > 0 && operations.length > 0 ? "promote" : "repair";
  // What is left is bookkeeping: no session is served otherwise.
  if (operations.length > 0 || events.every((event) => event.kind === "overrides-settled")) {
    return last.kind === "wait" ? "hold" : "none";
  }
  return "advance";
}

function toward(situation: Situation, foreseen: Foreseen, kind: PlannedKind): RevisionId | null {
  const { state, spec } = situation;
  const stable = foreseen.state.stable;
  if (kind === "adopt" || kind === "repair" || kind === "retire") return stable;
  if (kind === "rollback" || kind === "withdraw") return state.rollout?.canary ?? stable;
  if (kind === "hold" && state.rollout === null) return spec?.revision.id ?? stable;
  return foreseen.state.rollout?.canary ?? state.rollout?.canary ?? (stable === state.stable ? null : stable);
}

/** A hold is explained by what it waits for; everything else by the verdict or the step that began it. */
function reasonOf(
  situation: Situation,
  foreseen: Foreseen,
  kind: PlannedKind,
): { because: string; code: string | null; hint: string | null } {
  const { last } = foreseen;
  if (kind === "hold" || (kind === "none" && foreseen.first === null)) {
    return { because: last.because, code: last.code, hint: last.hint };
  }
  return { because: firstReason(situation, foreseen), code: null, hint: personsHint(situation, kind) };
}

/** What unattended apply leaves to a person, and the command that does it. */
function personsHint({ agent, spec, state }: Situation, kind: PlannedKind): string | null {
  if (kind === "adopt") return `rollout adopt ${agent} (unattended apply never adopts)`;
  if (state.held && (kind === "start" || kind === "restore"))
    return `rollout apply ${agent} (unattended apply holds: what was rejected before the state was lost is not known)`;
  const left = spec === null && (kind === "withdraw" || kind === "retire");
  return left ? `rollout apply ${agent} (unattended apply holds: the agent left the spec)` : null;
}

function firstReason(situation: Situation, { events, first, last }: Foreseen): string {
  const failing = events.find((event) => event.kind === "gate-judged" && event.verdict.result === "fail");
  if (failing?.kind === "gate-judged") return failing.verdict.because;
  const judged = events.findLast((event) => event.kind === "gate-judged" || event.kind === "gate-exempted");
  if (judged?.kind === "gate-judged") return judged.verdict.because;
  for (const event of events) {
    if (event.kind === "agent-adopted") return event.why;
    if (event.kind === "drift-found") return first === switchedOutside ? first : takenOutside;
    if (event.kind === "rollout-started" && event.origin === "restore") return `${event.because}; one move, no gates`;
    if ("because" in event) return event.because;
  }
  return situation.state.rollout?.turned?.because ?? first ?? last.because;
}

/** The verdicts of the pass, and of the gate that the agent waits for. */
function opinionsOf(situation: Situation, { events, state }: Foreseen): readonly GateOpinion[] {
  const stages = state.rollout?.stages ?? situation.state.rollout?.stages ?? situation.spec?.stages ?? [];
  const nameAt = (stage: number): string => {
    const found = stages[stage];
    return found?.kind === "gate" ? found.gate.name : "gate";
  };
  const opinions: GateOpinion[] = [];
  for (const event of events)
    if (event.kind === "gate-judged")
      opinions.push({ gate: nameAt(event.stage), stage: event.stage, verdict: event.verdict });
  const rollout = state.rollout;
  if (rollout !== null && rollout.course !== "aborting")
    opinions.push(...waitingOpinions(situation, rollout, opinions));
  const { spec } = situation;
  const undecided = rollout === null && spec !== null && state.stable !== null && spec.revision.id !== state.stable;
  const evaluated = undecided && opinions.length === 0 ? evalOpinion(situation, spec) : null;
  if (evaluated !== null)
    opinions.push({ gate: evaluated.gate.name, stage: evaluated.stage, verdict: evaluated.verdict });
  return opinions;
}

function waitingOpinions(
  situation: Situation,
  rollout: Rollout,
  known: readonly GateOpinion[],
): readonly GateOpinion[] {
  const { sight, judge, state } = situation;
  if (state.rollout?.id !== rollout.id || rollout.confirmed !== state.rollout.confirmed) return [];
  const stages = new Set([activeHealthGate(rollout), rollout.stage]);
  const opinions: GateOpinion[] = [];
  for (const stage of stages) {
    const at = stage === null ? undefined : rollout.stages[stage];
    if (
      stage === null ||
      at?.kind !== "gate" ||
      at.gate.skip !== null ||
      known.some((opinion) => opinion.stage === stage)
    )
      continue;
    const evidence = evidenceFor(at.gate, stage, {
      canary: rollout.canary,
      sight,
      approvals: approvalsFor(state, rollout),
    });
    opinions.push({ gate: at.gate.name, stage, verdict: judge(at.gate, evidence, clockOf(state, rollout, sight.now)) });
  }
  return opinions;
}

function changesOf({ state, revisions }: Situation, to: RevisionId | null): readonly ComponentChange[] {
  if (to === null || to === state.stable || state.stable === null) return [];
  return componentChanges(revisions[state.stable] ?? {}, revisions[to] ?? {});
}

function progressOf(rollout: Rollout): PlannedAction["progress"] {
  const { id, stage, stages, attempt, paused } = rollout;
  return { rollout: id, stage, stages, attempt, paused: paused !== null };
}

function queuedOf({ spec, state }: Situation, rollout: Rollout | null): RevisionId | null {
  if (spec === null || rollout === null || rollout.origin !== "spec" || rollout.course === "aborting") return null;
  return spec.revision.id === rollout.canary || spec.revision.id === state.stable ? null : spec.revision.id;
}
