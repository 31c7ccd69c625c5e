// One look, at most one thing to do. Read in order: a failing canary, a breached floor, a hand that lowered it, doubt, other drift, our own open move, the course, the stage.

import type { Decision, Sight } from "../model/decision.js";
import type { FloorBreach } from "../model/floor.js";
import type { Evidence, Gate, GateClock, Judge, Verdict } from "../model/gate.js";
import type { EventBody } from "../model/journal.js";
import { type LiveState, type Route, sameRoute } from "../model/route.js";
import { type AgentState, currentStage, type Rollout } from "../model/state.js";
import {
  type AgentId,
  type Instant,
  later,
  noWeight,
  type RevisionId,
  shortRevision,
  type Weight,
} from "../model/units.js";
import { switchedOutside, takenOutside } from "./replay.js";
import { stoppedFor } from "./stopped-clock.js";
import { decideUndecided, untilOf } from "./undecided.js";
import { activeHealthGate, raises, routeFrom, want } from "./want.js";

/** The next thing to do for an agent that the journal knows, by the journal and the look alone; the spec does not speak here. */
export function decide(state: AgentState, sight: Sight, judge: Judge): Decision {
  const wanted = want(state);
  if (wanted === null) return { kind: "rest", because: "the agent is not adopted", code: null, hint: null };
  // In doubt the shift is tried: a target of another lineage refuses it by itself unless a person recovered it under a higher epoch.
  if (isForeign(sight) && !state.inDoubt)
    return waiting("the target carries a route of another journal", "state/lost", `rollout recover ${state.agent}`);
  const watched = judgeActive(state, sight, judge);
  if (watched?.verdict.result === "fail") return note(judged(watched), watched.verdict.because);
  const breached = decideFloor(state, sight);
  if (breached !== null) return breached;
  const switched = decideSwitched(state, sight);
  if (switched !== null) return switched;
  const lowered = decideLowered(state, sight, wanted);
  if (lowered !== null) return lowered;
  if (state.inDoubt) return decideDoubt(state, sight, want(state, mayRaise(state, sight)) ?? wanted);
  const drifted = decideDrift(state, sight, wanted);
  if (drifted !== null) return drifted;
  if (state.inForce === null || !sameRoute(state.inForce, wanted)) return decideMove(state, sight, wanted);
  if (state.rollout === null)
    return { kind: "rest", because: "the target shows what is wanted", code: null, hint: null };
  return decideCourse({ state, rollout: state.rollout, sight, judge, watched });
}

interface Watched {
  readonly rollout: Rollout;
  readonly stage: number;
  readonly verdict: Verdict;
  readonly evidence: Evidence;
}
interface Standing {
  readonly state: AgentState;
  readonly rollout: Rollout;
  readonly sight: Sight;
  readonly judge: Judge;
  readonly watched: Watched | null;
}

/** A live route of another lineage was not written from this journal: nothing is done to it. */
function isForeign(sight: Sight): boolean {
  return sight.live.kind === "serving" && sight.live.lineage !== sight.lineage;
}

/** While the canary has any weight its health gate is judged at every look, whatever else the rollout waits for. */
function judgeActive(state: AgentState, sight: Sight, judge: Judge): Watched | null {
  const rollout = state.rollout;
  const stage = rollout === null ? null : activeHealthGate(rollout);
  if (rollout === null || stage === null) return null;
  const at = rollout.stages[stage];
  if (at?.kind !== "gate") return null;
  const evidence = evidenceFor(at.gate, stage, {
    canary: rollout.canary,
    sight,
    approvals: approvalsFor(state, rollout),
  });
  return { rollout, stage, evidence, verdict: judge(at.gate, evidence, clockOf(state, rollout, sight.now)) };
}

/** A breach of a floor that nobody was told of yet: the canary's turns its rollout, stable's and one in both arms move nothing. */
function decideFloor({ breaches, rollout }: AgentState, { floors }: Sight): Decision | null {
  const isTold = (breach: FloorBreach): boolean =>
    breaches.some(
      ({ arm, revision, metric, since }) =>
        arm === breach.arm && revision === breach.revision && metric === breach.metric && since >= breach.since,
    );
  const untold = floors.filter((breach) => !isTold(breach));
  const first = untold.find(({ arm, both }) => arm === "canary" && !both) ?? untold[0];
  if (first === undefined) return null;
  return note({ kind: "floor-breached", rollout: rollout?.id ?? null, ...first }, first.because);
}

/**
 * Somebody else's hand, towards less canary: it pauses, and is never raised again without a person. In doubt that is less than both
 * that may be in force, or less than either where a person broke the glass: that came after our shift, whatever became of it.
 */
function decideLowered(state: AgentState, sight: Sight, wanted: Route): Decision | null {
  const { live } = sight;
  const { inForce, pending, rollout, agent } = state;
  if (rollout === null || rollout.course === "aborting" || inForce === null) return null;
  if (live.kind !== "serving" && live.kind !== "empty") return null;
  if (live.kind === "serving" && sameRoute(live.route, wanted)) return null;
  const isNoted = rollout.paused !== null && live.kind === "serving" && sameRoute(live.route, inForce);
  if (isNoted) return null;
  const ours = [inForce.weight, pending?.weight ?? inForce.weight];
  const least = brokeGlass(sight) ? Math.max(...ours) : Math.min(...ours);
  if (shownWeight(live, [inForce, pending]) >= least) return null;
  const none: Route = { ...wanted, rollout: null, canary: null, weight: noWeight, history: [] };
  const event: EventBody = { kind: "drift-found", live: live.kind === "serving" ? live.route : none };
  return {
    kind: "note",
    event,
    because: takenOutside,
    code: "drift/lowered",
    hint: endOrRaise(agent),
  };
}

/**
 * The fallback that a person switched on by breaking the glass, or that somebody's hand took the canary's traffic to: it is on from now, and a
 * person's to switch off. In doubt only what was set under a higher epoch is surely not ours. Without a canary it is drift like any other.
 */
function decideSwitched({ inForce, pending, fallback, rollout, ...state }: AgentState, sight: Sight): Decision | null {
  const { live } = sight;
  if (live.kind !== "serving" || !live.route.fallback || fallback !== null) return null;
  // Known, and said to end: its shift is on its way, and raises the epoch before its intent.
  if (pending === null && inForce?.fallback) return null;
  if (!brokeGlass(sight)) {
    if (state.inDoubt || rollout === null || inForce === null || live.route.stable !== inForce.stable) return null;
    if (live.route.canary !== null && live.route.canary !== inForce.canary) return null;
  }
  return {
    kind: "note",
    event: { kind: "drift-found", live: live.route, fallback: true },
    because: switchedOutside,
    code: "drift/fallback",
    hint: `rollout fallback off ${state.agent}`,
  };
}

/** Break-glass raises the epoch at the target alone. */
function brokeGlass({ live, lineage, epoch }: Sight): boolean {
  return live.kind === "serving" && live.lineage === lineage && live.fence.epoch > epoch;
}

/** Doubt is overtaken by what is wanted now. Where the target cannot be read, only downwards: somebody may have lowered it meanwhile. */
function decideDoubt({ inForce, pending }: AgentState, sight: Sight, known: Route): Decision {
  const { live, now } = sight;
  const most = Math.max(inForce?.weight ?? noWeight, pending?.weight ?? noWeight);
  if (live.kind === "unreachable" && known.weight > noWeight && known.weight >= most)
    return waiting(`the target cannot be read: ${live.because}`, "target/unreachable", null);
  return act(known, now, "the end of the last shift was never recorded");
}

/** Any other drift is corrected or reported, as the agent says; the way back and a person's fallback wait for no report. */
function decideDrift(state: AgentState, sight: Sight, wanted: Route): Decision | null {
  const { live } = sight;
  const { inForce, rollout } = state;
  if (inForce === null) return null;
  const rescuing = wanted.fallback && !inForce.fallback;
  if (live.kind === "unreachable") {
    const lowering = wanted.weight < inForce.weight || (rescuing && wanted.weight === noWeight);
    return lowering ? null : waiting(`the target cannot be read: ${live.because}`, "target/unreachable", null);
  }
  if (live.kind === "serving" && (sameRoute(live.route, inForce) || sameRoute(live.route, wanted))) return null;
  const shown = `the target shows ${shownAs(live, inForce)}`;
  if (sight.onDrift === "correct" || rollout?.course === "aborting" || rescuing)
    return { ...act(wanted, sight.now, shown), code: "drift/corrected" };
  return waiting(`${shown}, and drift is only reported`, "drift/reported", `rollout drift ${state.agent} --correct`);
}

function shownWeight(live: LiveState, ours: readonly (Route | null)[]): Weight {
  if (live.kind !== "serving") return noWeight;
  return ours.some((route) => route !== null && route.canary === live.route.canary) ? live.route.weight : noWeight;
}

function shownAs(live: LiveState, inForce: Route): string {
  if (live.kind === "empty") return "nothing";
  if (live.kind === "foreign") return `something that rollout did not write (${live.because})`;
  if (live.kind === "serving" && live.route.fallback !== inForce.fallback)
    return `the fallback ${live.route.fallback ? "on" : "off"}, which nobody said here`;
  return "another route than the one last put in force";
}

/** A spec with errors raises nothing; the way back that a person asked for is not a raise. */
function mayRaise({ rollout }: AgentState, { watchOnly, windows }: Sight): boolean {
  if (rollout === null || rollout.origin === "undo") return !watchOnly || rollout !== null;
  return !watchOnly && closedWindow(rollout, windows) === null;
}

/** The window in front of the weight that the rollout stands at, when it has closed since it was passed. */
function closedWindow(rollout: Rollout, windows: Sight["windows"]): string | null {
  if (rollout.course !== "forward" || currentStage(rollout)?.kind !== "weight") return null;
  for (let index = rollout.stage - 1; index >= 0 && rollout.stages[index]?.kind === "gate"; index--) {
    const left = rollout.exemptions.some((exemption) => exemption.stage === index);
    const evidence = windows[index];
    if (!left && evidence?.kind === "window" && !evidence.open) return evidence.because;
  }
  return null;
}

/** Our own open move: the journal calls for another route than the one in force. Lowering is never blocked. */
function decideMove(state: AgentState, sight: Sight, wanted: Route): Decision {
  const isRaise = raises(state, wanted);
  const toggles = state.inForce !== null && state.inForce.fallback !== wanted.fallback;
  if (toggles) {
    const because = `the fallback was switched ${wanted.fallback ? "on" : "off"}`;
    return act(mayRaise(state, sight) ? wanted : (want(state, false) ?? wanted), sight.now, because);
  }
  if (isRaise && !mayRaise(state, sight)) {
    const closed = state.rollout === null ? null : closedWindow(state.rollout, sight.windows);
    if (closed !== null) return waiting(`no rise now: ${closed}`, "gate/window-waits", null);
    return waiting("nothing is raised while the spec has errors", "rollout/watch-only", "rollout validate");
  }
  return act(
    wanted,
    sight.now,
    isRaise ? `the stages reached call for ${percent(wanted.weight)}` : "the journal calls for it",
  );
}

/** Everything but the way back waits for a person to switch it off. */
export function underFallback(state: AgentState): Decision {
  const because = "the fallback is on: all but the way back waits until it is switched off";
  return waiting(because, "rollout/fallback-on", `rollout fallback off ${state.agent}`);
}

function endOrRaise(agent: AgentId): string {
  return `rollout abort ${agent} (end it) or rollout resume ${agent} (raise it again)`;
}

function decideCourse(standing: Standing): Decision {
  const { state, rollout, sight } = standing;
  if (rollout.course === "aborting") {
    const outcome = rollout.turned?.cause === "withdrawn" ? "withdrawn" : "rolled-back";
    return note(
      { kind: "rollout-finished", rollout: rollout.id, outcome },
      rollout.turned?.because ?? "the rollout was turned",
    );
  }
  if (state.fallback !== null) return underFallback(state);
  if (rollout.paused !== null) {
    const hint = rollout.paused.because === takenOutside ? endOrRaise(state.agent) : `rollout resume ${state.agent}`;
    return waiting(`paused: ${rollout.paused.because}`, "rollout/paused", hint);
  }
  if (rollout.stage >= rollout.stages.length) {
    return note(
      { kind: "rollout-finished", rollout: rollout.id, outcome: "promoted" },
      "the canary serves every session",
    );
  }
  const decided = decideStage(standing);
  if (!sight.watchOnly || (decided.kind === "note" && turnsBack(decided.event))) return decided;
  return waiting("nothing is raised while the spec has errors", "rollout/watch-only", "rollout validate");
}

/** What is done under a broken spec too: a canary goes back, whatever else may not be read. */
function turnsBack(event: EventBody): boolean {
  return event.kind === "rollout-turned" || (event.kind === "gate-judged" && event.verdict.result === "fail");
}

function decideStage({ state, rollout, sight, judge, watched }: Standing): Decision {
  const stage = currentStage(rollout);
  if (stage?.kind !== "gate") return act(want(state) as Route, sight.now, "the weight has not taken force");
  const { gate } = stage;
  const clock = clockOf(state, rollout, sight.now);
  if (gate.skip !== null) return decideSkip(rollout, gate, clock);
  const evidence = evidenceFor(gate, rollout.stage, {
    canary: rollout.canary,
    sight,
    approvals: approvalsFor(state, rollout),
  });
  const verdict = watched?.stage === rollout.stage ? watched.verdict : judge(gate, evidence, clock);
  if (verdict.result !== "wait")
    return note(judged({ rollout, stage: rollout.stage, verdict, evidence }), verdict.because);
  if (gate.kind === "health" && clock.now >= untilOf(gate, clock))
    return decideUndecided(state.agent, { rollout, gate, judged: { verdict, evidence } });
  const hint =
    gate.kind === "approval" ? `rollout approve ${state.agent} --revision ${shortRevision(rollout.canary)}` : null;
  return { kind: "wait", until: verdict.earliest, because: verdict.because, code: `gate/${gate.name}-waits`, hint };
}

/** A skipped health gate still lasts its hold: the ramp's shape was reviewed too. */
function decideSkip(rollout: Rollout, gate: Gate, clock: GateClock): Decision {
  const holdOver = gate.kind === "health" ? later(clock.since, gate.hold + clock.pausedFor) : clock.now;
  const because = `the ${gate.name} gate is skipped: ${gate.skip}`;
  if (clock.now < holdOver) return { kind: "wait", until: holdOver, because, code: "gate/skipped", hint: null };
  return note(
    { kind: "gate-exempted", rollout: rollout.id, stage: rollout.stage, exemption: "skip", because: gate.skip ?? "" },
    because,
  );
}

function act(wanted: Route, now: Instant, because: string): Decision {
  return { kind: "act", route: routeFrom(wanted, now), because, code: null, hint: null };
}

function note(event: EventBody, because: string): Decision {
  return { kind: "note", event, because, code: null, hint: null };
}

function waiting(because: string, code: string, hint: string | null): Decision {
  return { kind: "wait", until: null, because, code, hint };
}

/**
 * The words that count for the rise that is next: each rise asks anew, and what was said before the same canary's last rollout
 * ended was said of that one.
 */
export function approvalsFor(state: AgentState, rollout: Rollout): AgentState["approvals"] {
  const ended = state.finished.findLast(({ canary }) => canary === rollout.canary)?.at ?? Number.NEGATIVE_INFINITY;
  const since = rollout.weightSince ?? ended;
  return state.approvals.filter(({ at }) => at >= since);
}

/** The evidence that a gate is judged by; whatever was not gathered is missing. */
export function evidenceFor(
  gate: Gate,
  stage: number,
  from: { readonly canary: RevisionId; readonly sight: Sight; readonly approvals: AgentState["approvals"] },
): Evidence {
  const { sight, canary } = from;
  const missing: Evidence = { kind: "missing", because: `nothing was gathered for the ${gate.name} gate` };
  switch (gate.kind) {
    case "eval":
      return sight.evals[canary] ?? missing;
    case "health":
      return sight.health?.stage === stage ? sight.health.evidence : missing;
    case "ready":
      return sight.ready[canary] ?? missing;
    case "window":
      return sight.windows[stage] ?? missing;
    case "approval":
      return { kind: "approval", approvals: from.approvals };
  }
}

export function clockOf({ fallback }: Pick<AgentState, "fallback">, rollout: Rollout, now: Instant): GateClock {
  return {
    now,
    since: rollout.weightSince ?? rollout.startedAt,
    ...stoppedFor(rollout, fallback, now),
    canary: rollout.canary,
  };
}

/** Basis points as people write them: `5 %`, `0.25 %`. */
function percent(weight: Weight): string {
  return `${weight / 100} %`;
}

function judged({ rollout, stage, verdict, evidence }: Watched): EventBody {
  return { kind: "gate-judged", rollout: rollout.id, stage, verdict, evidence };
}
