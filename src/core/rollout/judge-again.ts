// Every verdict of a journal judged again, from the journal alone: the gate as it was frozen, the evidence as it was recorded, the time it was judged at.

import { type Difference, differencesIn } from "../diagnostic/differences.js";
import type { Evidence, Gate, GateClock, Judge, Verdict } from "../model/gate.js";
import type { Entry, Event, Judgement } from "../model/journal.js";
import { canonicalJson } from "../model/revision.js";
import type { AgentState, Rollout } from "../model/state.js";
import type { AgentId } from "../model/units.js";
import { approvalsFor, clockOf } from "./decide.js";
import { judgeFloorAgain } from "./judge-floor-again.js";
import { fold, unknownAgent } from "./replay.js";
import { decideUndecided, untilOf } from "./undecided.js";

/** What was concluded as it stands in the journal, and what becomes of it when it is judged again. */
export interface JudgedAgain {
  readonly entry: number;
  /** A gate's verdict, a policy's decision about one that stayed undecided, or a breach of a floor. */
  readonly kind: "gate" | "undecided" | "floor";
  /** `canary gate`, `canary gate undecided`, `canary's floor of task_success_rate`. */
  readonly subject: string;
  readonly gate: string | null;
  readonly stage: number | null;
  /** A verdict's result; what a policy did: `proceed`, `rollback`; `breach`. */
  readonly result: string;
  readonly because: string;
  /** Sentences about what differs; none: the same follows, or it could not be judged. */
  readonly differences: readonly string[];
  /** Why it was not judged again; null: it was. */
  readonly notJudged: string | null;
  /** The same conclusion, in other words: those of another version of this program, or of somebody who changed them. */
  readonly otherWords: string | null;
  /** What a gate was judged from; null where there was none, and where the entry itself is out of place. */
  readonly scene: JudgedScene | null;
}
export interface JudgedScene {
  readonly state: AgentState;
  readonly rollout: Rollout;
  readonly gate: Gate;
  readonly evidence: Evidence;
  readonly clock: GateClock;
}

type GateJudged = Extract<Event, { kind: "gate-judged" }>;
type PolicyTold = Extract<Event, { kind: "gate-exempted" | "rollout-turned" }>;
type Again = Omit<JudgedAgain, "entry">;

export function judgeAgain(agent: AgentId, entries: readonly Entry[], judge: Judge): readonly JudgedAgain[] {
  const judged: JudgedAgain[] = [];
  let state = unknownAgent(agent);
  for (const { serial, event } of entries) {
    const found = again(state, event, judge);
    if (found !== null) judged.push({ entry: serial, ...found });
    state = fold(state, event);
  }
  return judged;
}

/** Null for what concludes nothing from evidence. */
function again(state: AgentState, event: Event, judge: Judge): Again | null {
  switch (event.kind) {
    case "gate-judged":
      return gateAgain(state, event, judge);
    case "gate-exempted":
      return event.exemption === "policy" ? policyAgain(state, event, judge) : null;
    case "rollout-turned":
      return event.cause === "undecided" ? policyAgain(state, event, judge) : null;
    case "floor-breached":
      return {
        ...{ kind: "floor", subject: `${event.arm}'s floor of ${event.metric}`, result: "breach" },
        ...{ gate: null, stage: null, because: event.because, scene: null },
        ...judgeFloorAgain(state, event),
      };
    default:
      return null;
  }
}

function gateAgain(state: AgentState, event: GateJudged, judge: Judge): Again {
  const { stage, verdict } = event;
  const told = { kind: "gate", stage, result: verdict.result, because: verdict.because, notJudged: null } as const;
  const scene = sceneOf(state, { ...event, evidence: event.evidence });
  if (typeof scene === "string") return { ...told, ...misplaced, differences: [`it judges ${scene}`] };
  const found = judgedBy(judge, scene);
  const differences =
    typeof found === "string" ? [found] : [...verdictDifferences(verdict, found), ...approvalDifferences(scene)];
  const { name } = scene.gate;
  return {
    ...{ ...told, gate: name, subject: `${name} gate`, scene, differences },
    otherWords: differences.length === 0 && typeof found !== "string" ? unless(verdict.because, found.because) : null,
  };
}

const misplaced = { gate: null, subject: "gate", otherWords: null, scene: null } as const;

/** The policy is the one frozen with the gate; what it does follows from the verdict and from the time being over. */
function policyAgain(state: AgentState, event: PolicyTold, judge: Judge): Again {
  const stage = event.kind === "gate-exempted" ? event.stage : (state.rollout?.stage ?? 0);
  const { because, judged } = event;
  const result = event.kind === "gate-exempted" ? "proceed" : "rollback";
  const told = { kind: "undecided", stage, result, because, notJudged: null } as const;
  const evidence: Evidence = judged?.evidence ?? { kind: "missing", because: "none was recorded" };
  const scene = sceneOf(state, { ...event, stage, evidence });
  if (typeof scene === "string") return { ...told, ...misplaced, differences: [`it decides about ${scene}`] };
  const { name } = scene.gate;
  const at = { ...told, gate: name, subject: `${name} gate undecided` };
  if (judged === undefined)
    return { ...at, differences: [], notJudged: beforeJudgement, otherWords: null, scene: null };
  const found = judgedBy(judge, scene);
  if (typeof found === "string") return { ...at, differences: [found], otherWords: null, scene };
  const decided = policyBy(scene, { verdict: found, evidence: judged.evidence });
  const otherwise =
    decided.result === result
      ? []
      : [`it says ${result}, and its evidence gives ${decided.result}: ${decided.because}`];
  const differences = [...verdictDifferences(judged.verdict, found), ...otherwise];
  return { ...at, differences, scene, otherWords: differences.length === 0 ? unless(because, decided.because) : null };
}

const beforeJudgement = "recorded before policies carried what they were decided by";

/** `proceed`, `rollback`, or why neither follows. */
function policyBy({ state, rollout, gate, clock }: JudgedScene, judged: Judgement) {
  if (gate.kind !== "health") return { result: "none", because: `an ${gate.name} gate has no such policy` };
  const { result, because } = judged.verdict;
  if (result !== "wait") return { result, because };
  if (clock.now < untilOf(gate, clock)) return { result: "wait", because: "its time was not over" };
  const decision = decideUndecided(state.agent, { rollout, gate, judged });
  if (decision.kind !== "note") return { result: "hold", because: decision.because };
  return { result: decision.event.kind === "gate-exempted" ? "proceed" : "rollback", because: decision.because };
}

/** Or what is not as the entry says. */
function sceneOf(
  state: AgentState,
  told: { readonly rollout: string; readonly stage: number; readonly evidence: Evidence; readonly at: Event["at"] },
): JudgedScene | string {
  const { rollout } = state;
  const { stage, evidence } = told;
  if (rollout === null || rollout.id !== told.rollout) return `the rollout ${told.rollout}, which is not under way`;
  const at = rollout.stages[stage];
  if (at?.kind !== "gate") return `stage ${stage} of the rollout, which is no gate`;
  return { state, rollout, gate: at.gate, evidence, clock: clockOf(state, rollout, told.at) };
}

/** Evidence is what somebody stored: where it cannot even be judged, that is what there is to say. */
function judgedBy(judge: Judge, { gate, evidence, clock }: JudgedScene): Verdict | string {
  try {
    return judge(gate, evidence, clock);
  } catch {
    return "the evidence that it carries cannot be judged: it is not what a gate is given";
  }
}

function verdictDifferences(recorded: Verdict, found: Verdict): readonly string[] {
  if (recorded.result !== found.result)
    return [`it says ${recorded.result}, and its evidence gives ${found.result}: ${found.because}`];
  const { figures, earliest } = recorded;
  return differencesIn({ figures, earliest }, found, "").map(differenceText);
}

function differenceText({ place, recorded, found }: Difference): string {
  return `its ${place} is ${recorded}, and its evidence gives ${found}`;
}

function unless(recorded: string, found: string): string | null {
  return found === recorded ? null : found;
}

/** The words that an approval gate went by must stand in the journal themselves. */
function approvalDifferences({ state, rollout, evidence }: JudgedScene): readonly string[] {
  if (evidence.kind !== "approval") return [];
  const known = new Set(approvalsFor(state, rollout).map(canonicalJson));
  return evidence.approvals
    .filter((approval) => !known.has(canonicalJson(approval)))
    .map(({ by }) => `it goes by an approval of ${by} that no entry before it gives`);
}
