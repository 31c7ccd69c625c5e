// Every verdict of a journal judged again, from the journal alone: the gate as it was frozen, the evidence as it was recorded, the time it was judged at.

import { differencesIn } from "../diagnostic/differences.js";
import type { Evidence, Gate, GateClock, Judge, Verdict } from "../model/gate.js";
import type { Entry, Event } from "../model/journal.js";
import { canonicalJson } from "../model/revision.js";
import type { AgentState, Rollout } from "../model/state.js";
import type { AgentId } from "../model/units.js";
import { approvalsFor, clockOf } from "./decide.js";
import { fold, unknownAgent } from "./replay.js";

/** A verdict as it stands in the journal, and what becomes of it when it is judged again. */
export interface JudgedAgain {
  readonly entry: number;
  readonly gate: string;
  readonly stage: number;
  readonly recorded: Verdict;
  /** Sentences about what differs; none: the same verdict follows. */
  readonly differences: readonly string[];
  /** The same verdict, in other words: those of another version of this program, or of somebody who changed them. */
  readonly otherWords: string | null;
  /** What it was judged from; null where the entry itself is out of place. */
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

export function judgeAgain(agent: AgentId, entries: readonly Entry[], judge: Judge): readonly JudgedAgain[] {
  const judged: JudgedAgain[] = [];
  let state = unknownAgent(agent);
  for (const { serial, event } of entries) {
    if (event.kind === "gate-judged") judged.push({ entry: serial, ...again(state, event, judge) });
    state = fold(state, event);
  }
  return judged;
}

function again(state: AgentState, event: GateJudged, judge: Judge): Omit<JudgedAgain, "entry"> {
  const { stage, verdict: recorded, evidence } = event;
  const { rollout } = state;
  const at = rollout?.stages[stage];
  const misplaced = (because: string) => ({
    gate: "?",
    stage,
    recorded,
    differences: [because],
    otherWords: null,
    scene: null,
  });
  if (rollout === null || rollout.id !== event.rollout)
    return misplaced(`it judges the rollout ${event.rollout}, which is not under way`);
  if (at?.kind !== "gate") return misplaced(`stage ${stage} of the rollout is no gate`);
  const { gate } = at;
  const clock = clockOf(rollout, event.at);
  const scene = { state, rollout, gate, evidence, clock };
  const found = judgedBy(judge, scene);
  const differences =
    typeof found === "string" ? [found] : [...verdictDifferences(recorded, found), ...approvalDifferences(scene)];
  const said = typeof found === "string" || found.because === recorded.because ? null : found.because;
  const otherWords = differences.length === 0 ? said : null;
  return { gate: gate.name, stage, recorded, differences, otherWords, scene };
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
  return differencesIn({ figures, earliest }, found, "").map(
    (difference) => `its ${difference.place} is ${difference.recorded}, and its evidence gives ${difference.found}`,
  );
}

/** The words that an approval gate went by must stand in the journal themselves. */
function approvalDifferences({ state, rollout, evidence }: JudgedScene): readonly string[] {
  if (evidence.kind !== "approval") return [];
  const known = new Set(approvalsFor(state, rollout).map(canonicalJson));
  return evidence.approvals
    .filter((approval) => !known.has(canonicalJson(approval)))
    .map(({ by }) => `it goes by an approval of ${by} that no entry before it gives`);
}
