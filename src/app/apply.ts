// `rollout apply`: does what the plan says, one pass for each agent. The scheduled one is the same.

import { resolve } from "node:path";
import { Bug } from "../core/diagnostic/invariant.js";
import type { Event } from "../core/model/journal.js";
import type { Plan, PlannedAction } from "../core/model/plan.js";
import type { Digest } from "../core/model/units.js";
import { planAgent } from "../core/plan/plan.js";
import { type Passed, pass } from "../engine/pass.js";
import type { Charge, Run } from "../engine/run.js";
import { Fault } from "../ports/fault.js";
import { describeEvent } from "../views/describe-event.js";
import type { Answer, AppliedAgent, ApplyView, PlanView } from "../views/view.js";
import { moved, planDigest, readPlanFile, staleness } from "./plan-file.js";
import { makePlan } from "./planning.js";
import { Refusal, refuse } from "./refusal.js";
import { chargesOf, runOf, type Session, stateOf, withSession } from "./session.js";
import type { World } from "./world.js";

export interface ApplyArguments {
  readonly agents: readonly string[];
  /** A saved plan; null: a fresh one. */
  readonly file: string | null;
  readonly autoApprove: boolean;
  /** Shows the plan and asks. Called only with a person at the terminal. */
  readonly confirm: (view: PlanView) => Promise<boolean>;
}

export async function apply(world: World, args: ApplyArguments): Promise<Answer> {
  return withSession(world, { readOnly: false, brokenSpec: true }, async (session) => {
    const saved = args.file === null ? null : await savedPlan(session, args.file);
    const person = world.interactive && !args.autoApprove;
    const names = saved === null ? args.agents : saved.plan.actions.map((action) => action.agent);
    const charges = await chargesOf(session, names);
    const run = await runOf(session, { person: person || saved !== null, plan: null });
    const fresh = await makePlan(session, run, charges);
    const stale = saved === null ? null : staleness(saved.plan, { plan: fresh, at: world.now() });
    if (stale !== null) throw new Refusal([stale], 10);
    const plan = saved?.plan ?? fresh;
    const digest = saved?.digest ?? planDigest(plan);
    if (!(await approved(session, args, { plan, digest, saved: saved !== null }))) {
      return { view: { kind: "message", lines: ["Nothing was applied."], data: { applied: false } }, exit: 1 };
    }
    return applied(session, { plan, digest, charges, run });
  });
}

/** Reads a saved plan; one whose digest is already in a journal was applied before. */
async function savedPlan(session: Session, name: string): Promise<{ readonly plan: Plan; readonly digest: Digest }> {
  const text = await session.world.files.read(resolve(session.world.cwd, name));
  if (text === null) refuse("file/missing", { detail: `There is no plan file "${name}".`, about: name });
  const read = readPlanFile(text, name);
  if (!read.ok) throw new Refusal(read.problems);
  for (const agent of await session.store.agents()) {
    const used = (await session.store.history(agent)).some((entry) => entry.event.plan === read.value.digest);
    if (used)
      refuse(
        "plan/used",
        { detail: `The plan ${name} was already applied to "${agent}".`, hint: "rollout plan --out FILE", about: name },
        10,
      );
  }
  return read.value;
}

async function approved(
  session: Session,
  args: ApplyArguments,
  shown: { readonly plan: Plan; readonly digest: Digest; readonly saved: boolean },
): Promise<boolean> {
  const nothing = shown.plan.actions.every((action) => action.kind === "none" || action.kind === "hold");
  if (args.autoApprove || shown.saved || nothing) return true;
  const { world, warnings } = session;
  if (!world.interactive) {
    const detail = "There is no terminal to ask at, and the plan has changes.";
    refuse("plan/not-approved", { detail, hint: "rollout apply --auto-approve" });
  }
  return args.confirm({
    kind: "plan",
    plan: shown.plan,
    digest: shown.digest,
    now: world.now(),
    savedTo: null,
    warnings,
  });
}

interface Work {
  readonly plan: Plan;
  readonly digest: Digest;
  readonly charges: readonly Charge[];
  readonly run: Run;
}

/** One agent's fault or bug stops that agent alone; the others go on. */
async function applied(session: Session, work: Work): Promise<Answer> {
  const { world } = session;
  const agents: AppliedAgent[] = [];
  const exits: number[] = session.spec === null ? [1] : [];
  for (const action of work.plan.actions) {
    if (world.stop.aborted) break;
    const charge = work.charges.find((candidate) => candidate.agent === action.agent);
    if (charge === undefined) continue;
    const { result, exit } = await applyAgent(session, { ...work, action, charge });
    agents.push(result);
    exits.push(exit);
  }
  const interrupted = world.stop.aborted;
  const view: ApplyView = {
    kind: "apply",
    now: world.now(),
    agents,
    interrupted,
    warnings: [...session.problems, ...session.warnings],
  };
  return { view, exit: interrupted ? 130 : worstExit(exits) };
}

/** 1 before 15, 11 and 10, those before 14, and 14 before 0: what went wrong is said before what was rolled back. */
function worstExit(exits: readonly number[]): number {
  return [1, 15, 11, 10, 14].find((exit) => exits.includes(exit)) ?? 0;
}

async function applyAgent(
  session: Session,
  at: Work & { readonly action: PlannedAction; readonly charge: Charge },
): Promise<{ readonly result: AppliedAgent; readonly exit: number }> {
  const { action, charge, plan } = at;
  const written: Event[] = [];
  const stages = action.progress?.stages ?? [];
  const run: Run = {
    ...at.run,
    plan: at.digest,
    onEvent: (agent, event) => {
      written.push(event);
      session.world.say(`${agent}: ${describeEvent(event, stages)}`);
    },
  };
  const allow = (situation: Parameters<typeof planAgent>[0]["situation"]): Fault | null => {
    const now = planAgent({ situation, epoch: action.basis.epoch, forecast: [] });
    const why = moved(action, now);
    return why === null ? null : new Fault("rejected", `the plan of ${plan.madeAt} is stale: ${why}`);
  };
  const passed = await passOrFault(run, charge, allow);
  return outcomeOf(session, { action, charge, written, passed });
}

async function passOrFault(run: Run, charge: Charge, allow: Parameters<typeof pass>[2]): Promise<Passed> {
  try {
    return await pass(run, charge, allow);
  } catch (error) {
    if (error instanceof Fault) return { agent: charge.agent, decisions: [], last: null, fault: error };
    if (!(error instanceof Bug)) throw error;
    return {
      agent: charge.agent,
      decisions: [],
      last: null,
      fault: new Fault("rejected", `a bug in rollout: ${error.message}`, { cause: error }),
    };
  }
}

async function outcomeOf(
  session: Session,
  at: {
    readonly action: PlannedAction;
    readonly charge: Charge;
    readonly written: readonly Event[];
    readonly passed: Passed;
  },
): Promise<{ readonly result: AppliedAgent; readonly exit: number }> {
  const { action, written, passed, charge } = at;
  const before = at.passed.last?.situation.state ?? null;
  const state = await stateOf(session, charge.agent);
  const rolledBack = written.some(turnsBack);
  const incident = rolledBack ? (state.rejected.at(-1)?.incident ?? null) : null;
  const last = passed.last?.decision ?? null;
  const after: AppliedAgent["after"] =
    passed.fault === null
      ? {
          kind: last?.kind === "wait" ? "hold" : "none",
          because: last?.because ?? "the pass reached its limit of steps",
          hint: last?.hint ?? null,
          earliest: last?.kind === "wait" ? last.until : null,
        }
      : { kind: "fault", because: passed.fault.message, hint: "rollout plan", earliest: null };
  const done = written.map((event) => ({ at: event.at, what: describeEvent(event, action.progress?.stages ?? []) }));
  const result: AppliedAgent = { agent: charge.agent, planned: action, done, after, rolledBack, incident };
  return { result, exit: exitOf(passed.fault, { rolledBack, inDoubt: state.inDoubt && before !== null }) };
}

function turnsBack(event: Event): boolean {
  if (event.kind === "gate-judged") return event.verdict.result === "fail";
  return event.kind === "rollout-turned" && event.cause === "undecided";
}

function exitOf(fault: Fault | null, at: { readonly rolledBack: boolean; readonly inDoubt: boolean }): number {
  if (fault !== null && at.inDoubt) return 15;
  if (fault?.kind === "conflict") return 11;
  if (fault?.message.includes(" is stale: ")) return 10;
  if (fault !== null) return 1;
  return at.rolledBack ? 14 : 0;
}

/** Used by commands that act at once: one pass over one agent, without a plan. */
export async function passNow(session: Session, charge: Charge, onEvent: Run["onEvent"]): Promise<Passed> {
  const run = await runOf(session, { person: false, plan: null, onEvent });
  return passOrFault(run, charge, () => null);
}
