// One agent's part of an apply: one pass, and what came of it. Its fault, or a bug of ours, stops that agent alone.

import type { Decision } from "../core/model/decision.js";
import type { Entry, Event } from "../core/model/journal.js";
import type { PlannedAction } from "../core/model/plan.js";
import type { AgentState } from "../core/model/state.js";
import type { AgentId, Digest, Instant } from "../core/model/units.js";
import { planAgent } from "../core/plan/plan.js";
import type { Situation } from "../core/plan/situation.js";
import { fold, unknownAgent } from "../core/rollout/replay.js";
import { type Passed, pass, passWithoutLease } from "../engine/pass.js";
import type { Charge, Run } from "../engine/run.js";
import { Fault } from "../ports/fault.js";
import { describeEvent } from "../views/describe-event.js";
import type { AppliedAgent } from "../views/view.js";
import { withLastWords } from "./last-words.js";
import { moved } from "./plan-file.js";
import { asFault } from "./refusal.js";
import { runOf, type Session, stateOf } from "./session.js";

export interface AgentWork {
  readonly action: PlannedAction;
  readonly charge: Charge;
  readonly run: Run;
  readonly digest: Digest;
  readonly madeAt: Instant;
  /** The plan was made for a person's eyes. */
  readonly forPerson: boolean;
  /** Why it could not even be looked at when the plan was made; null: it was. */
  readonly unplanned: Fault | null;
}

export async function applyAgent(
  session: Session,
  work: AgentWork,
): Promise<{ readonly result: AppliedAgent; readonly exit: number }> {
  const { action, charge, unplanned } = work;
  const written: Event[] = [];
  const stages = action.progress?.stages ?? [];
  const run: Run = {
    ...work.run,
    plan: work.digest,
    onEvent: (agent, event) => {
      written.push(event);
      session.world.say(`${agent}: ${describeEvent(event, stages)}`);
    },
  };
  let stale = false;
  const allow = (situation: Situation): Fault | null => {
    const why = movedSince(work, situation);
    stale = why !== null;
    return why === null ? null : new Fault("rejected", `the plan of ${isoText(work.madeAt)} is stale: ${why}`);
  };
  const passed = unplanned === null ? await passOrFault(session, run, { charge, allow }) : stopped(charge, unplanned);
  return outcomeOf(session, { action, charge, written, passed, stale });
}

/** What differs from the plan now; null where it still holds. Whether a person may adopt and retire is asked by the pass itself. */
function movedSince({ action, forPerson }: AgentWork, situation: Situation): string | null {
  const now = planAgent({ situation: { ...situation, person: forPerson }, epoch: action.basis.epoch, forecast: [] });
  return moved(action, now);
}

function isoText(at: Instant): string {
  return new Date(at).toISOString();
}

async function passOrFault(
  session: Session,
  run: Run,
  over: {
    readonly charge: Charge;
    readonly allow?: Parameters<typeof pass>[2];
    readonly takes?: Parameters<typeof pass>[3];
    /** A person's word is not kept waiting by another run: compare and fence keep the truth, the lease only saves work. */
    readonly leaseless?: true;
  },
): Promise<Passed> {
  try {
    const through = over.leaseless ? passWithoutLease : pass;
    const { charge, allow, takes } = over;
    return await withLastWords(session.world, { run, agent: charge.agent }, () => through(run, charge, allow, takes));
  } catch (error) {
    return stopped(over.charge, asFault(error, session.world));
  }
}

function stopped({ agent }: Charge, fault: Fault): Passed {
  return { agent, decisions: [], last: null, fault };
}

interface Done {
  readonly action: PlannedAction;
  readonly charge: Charge;
  readonly written: readonly Event[];
  readonly passed: Passed;
  readonly stale: boolean;
}

async function outcomeOf(
  session: Session,
  done: Done,
): Promise<{ readonly result: AppliedAgent; readonly exit: number }> {
  const { action, written, passed, charge } = done;
  const state = await stateOrNull(session, charge);
  const rolledBack = written.some(turnsBack);
  const result: AppliedAgent = {
    agent: charge.agent,
    planned: action,
    done: written.map((event) => ({ at: event.at, what: describeEvent(event, action.progress?.stages ?? []) })),
    after: afterOf(passed, session.world.stop.aborted),
    rolledBack,
    incidents: await openedBy(session, charge.agent, written),
  };
  return { result, exit: exitOf(done, { rolledBack, inDoubt: state?.inDoubt ?? false }) };
}

/** Null where the journal cannot be read: the pass has said so already. */
async function stateOrNull(session: Session, { agent }: Charge): Promise<AgentState | null> {
  try {
    return await stateOf(session, agent);
  } catch {
    return null;
  }
}

function afterOf({ fault, last }: Passed, interrupted: boolean): AppliedAgent["after"] {
  if (fault !== null) return { kind: "fault", because: fault.message, hint: "rollout plan", earliest: null };
  const decision = last?.decision ?? null;
  if (decision === null) return held("the pass reached its limit of steps; the next apply goes on", null);
  const { because, hint } = decision;
  switch (decision.kind) {
    case "wait":
      return { kind: "hold", because, hint, earliest: decision.until };
    case "rest":
      return { kind: "none", because, hint, earliest: null };
    case "act":
    case "note":
    case "operate":
      return held(`${leftBecause(interrupted)}; the next apply goes on: ${because}`, hint);
  }
}

/** Why a step that was decided was not taken. */
function leftBecause(interrupted: boolean): string {
  return interrupted ? "interrupted" : "one weight change in one apply";
}

function held(because: string, hint: Decision["hint"]): AppliedAgent["after"] {
  return { kind: "hold", because, hint, earliest: null };
}

/** The incidents that these entries opened, oldest first. None where the journal cannot be read: the pass has said so already. */
async function openedBy({ store }: Session, agent: AgentId, written: readonly Event[]): Promise<readonly string[]> {
  if (!written.some(({ kind }) => kind === "floor-breached" || kind === "rollout-finished")) return [];
  const entries = await store.history(agent).catch((): readonly Entry[] => []);
  const opened: string[] = [];
  let state = unknownAgent(agent);
  for (const { event } of entries) {
    const { incidents } = state;
    state = fold(state, event);
    const isOurs =
      state.incidents > incidents && written.some(({ at, kind }) => at === event.at && kind === event.kind);
    if (isOurs) opened.push(`${agent}-${state.incidents}`);
  }
  return opened;
}

function turnsBack(event: Event): boolean {
  if (event.kind === "gate-judged") return event.verdict.result === "fail";
  if (event.kind === "floor-breached") return event.arm === "canary" && !event.both;
  return event.kind === "rollout-turned" && event.cause === "undecided";
}

/** A lock that another run holds says nothing about an intent: that run resolves it. */
function exitOf(
  { passed: { fault }, written, stale }: Done,
  at: { readonly rolledBack: boolean; readonly inDoubt: boolean },
): number {
  if (stale) return 10;
  const begun = written.some(({ kind }) => kind === "shift-begun");
  if (fault?.kind === "conflict" && !(begun && at.inDoubt)) return 11;
  if (at.inDoubt) return 15;
  if (fault !== null) return 1;
  return at.rolledBack ? 14 : 0;
}

/** Used by commands that act at once: one pass over one agent, without a plan. It puts in force what the journal calls for, and begins nothing. */
export async function passNow(
  session: Session,
  charge: Charge,
  as: { readonly person: boolean; readonly onEvent: Run["onEvent"] },
): Promise<Passed> {
  const run = await runOf(session, { ...as, plan: null });
  return passOrFault(session, run, { charge, takes: putsInForce, leaseless: true });
}

function putsInForce(decision: Decision): boolean {
  if (decision.kind !== "note") return true;
  const { event } = decision;
  if (event.kind === "gate-judged") return event.verdict.result === "fail";
  return ["agent-adopted", "rollout-finished", "drift-found", "floor-breached"].includes(event.kind);
}
