// `rollout apply`: does what the plan says, one pass for each agent. The scheduled one is the same.

import { resolve } from "node:path";
import type { Plan } from "../core/model/plan.js";
import type { AgentId, Digest } from "../core/model/units.js";
import type { Charge, Run } from "../engine/run.js";
import type { Fault } from "../ports/fault.js";
import type { Answer, AppliedAgent, ApplyView, PlanView } from "../views/view.js";
import { applyAgent } from "./apply-agent.js";
import { expired, planDigest, readPlanFile, staleness } from "./plan-file.js";
import { makePlan } from "./planning.js";
import { Refusal, refuse } from "./refusal.js";
import { chargesOf, runOf, type Session, withSession } from "./session.js";
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
    const run = await runOf(session, { person: world.interactive && !args.autoApprove, plan: null });
    const work = args.file === null ? await freshWork(session, run, args) : await savedWork(session, run, args.file);
    if (args.file === null && !(await approved(session, args, work))) {
      return { view: { kind: "message", lines: ["Nothing was applied."], data: { applied: false } }, exit: 1 };
    }
    return applied(session, work);
  });
}

interface Work {
  readonly plan: Plan;
  readonly digest: Digest;
  readonly charges: readonly Charge[];
  readonly run: Run;
  /** The plan was made for a person's eyes. */
  readonly forPerson: boolean;
  /** Agents that could not be looked at, and why. */
  readonly unplanned: ReadonlyMap<AgentId, Fault>;
}

async function freshWork(session: Session, run: Run, args: ApplyArguments): Promise<Work> {
  const charges = await chargesOf(session, args.agents);
  const made = await makePlan(session, run, charges);
  return { ...made, digest: planDigest(made.plan), charges, run, forPerson: run.person };
}

/** A saved plan was reviewed by a person, and so it is compared with the one that a person would be shown now. */
async function savedWork(session: Session, run: Run, name: string): Promise<Work> {
  const { plan, digest } = await savedPlan(session, name);
  const named = new Set<string>(plan.actions.map((action) => action.agent));
  const charges = (await chargesOf(session, [])).filter(({ agent }) => named.has(agent));
  const { plan: fresh, unplanned } = await makePlan(session, { ...run, person: true }, charges);
  const stale = staleness(plan, fresh);
  if (stale !== null) throw new Refusal([stale, ...session.problems], 10);
  return { plan, digest, charges, run, forPerson: true, unplanned };
}

/** One whose digest is already in a journal was applied before. */
async function savedPlan(session: Session, name: string): Promise<{ readonly plan: Plan; readonly digest: Digest }> {
  const text = await session.world.files.read(resolve(session.world.cwd, name));
  if (text === null) refuse("file/missing", { detail: `There is no plan file "${name}".`, about: name });
  const read = readPlanFile(text, name);
  if (!read.ok) throw new Refusal(read.problems);
  for (const { agent } of read.value.plan.actions) {
    const used = (await session.store.history(agent)).some((entry) => entry.event.plan === read.value.digest);
    if (used)
      refuse(
        "plan/used",
        { detail: `The plan ${name} was already applied to "${agent}".`, hint: "rollout plan --out FILE", about: name },
        10,
      );
  }
  const late = expired(read.value.plan, session.world.now());
  if (late !== null) throw new Refusal([late], 10);
  return read.value;
}

async function approved(session: Session, args: ApplyArguments, { plan, digest }: Work): Promise<boolean> {
  const nothing = plan.actions.every((action) => action.kind === "none" || action.kind === "hold");
  if (args.autoApprove || nothing) return true;
  const { world, warnings, problems } = session;
  if (!world.interactive) {
    const detail = "There is no terminal to ask at, and the plan has changes.";
    refuse("plan/not-approved", { detail, hint: "rollout apply --auto-approve" });
  }
  return args.confirm({
    kind: "plan",
    plan,
    digest,
    now: world.now(),
    savedTo: null,
    pictures: {},
    drawn: [],
    warnings: [...problems, ...warnings],
  });
}

async function applied(session: Session, work: Work): Promise<Answer> {
  const { world } = session;
  const { plan, digest, run, forPerson } = work;
  const agents: AppliedAgent[] = [];
  const exits: number[] = session.spec === null ? [1] : [];
  for (const action of plan.actions) {
    if (world.stop.aborted) break;
    const charge = work.charges.find((candidate) => candidate.agent === action.agent);
    if (charge === undefined) continue;
    const unplanned = work.unplanned.get(action.agent) ?? null;
    const each = { action, charge, run, digest, madeAt: plan.madeAt, forPerson, unplanned };
    const { result, exit } = await applyAgent(session, each);
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
