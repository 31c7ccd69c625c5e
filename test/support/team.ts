// What a team does in its workspace: the commands, as short as a test wants to say them, and the sessions of its users.

import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { adopt } from "../../src/app/adopt.js";
import { apply } from "../../src/app/apply.js";
import { bump } from "../../src/app/bump.js";
import { type CommandArguments, command } from "../../src/app/command.js";
import { seeded } from "../../src/app/demo/traffic.js";
import { evalBaseline, evalRecord } from "../../src/app/eval.js";
import { plan } from "../../src/app/plan.js";
import { answering } from "../../src/app/refusal.js";
import { stateOf, withSession } from "../../src/app/session.js";
import { judgeTask, noBudget } from "../../src/core/metric/task-record.js";
import type { Entry, Event, EventBody } from "../../src/core/model/journal.js";
import type { Plan, PlannedAction } from "../../src/core/model/plan.js";
import type { LiveState } from "../../src/core/model/route.js";
import type { AgentState } from "../../src/core/model/state.js";
import { type AgentId, hour, later, minute, type RevisionId } from "../../src/core/model/units.js";
import type { Answer, ApplyView } from "../../src/views/view.js";
import { type As, newModel, Workspace } from "./workspace.js";

/** Prepares a workspace once for a file of tests, and gives each test a copy of it. */
export function copiesOf(prepare: () => Promise<Workspace>): () => Workspace {
  let prepared: Workspace | null = null;
  let copy: Workspace | null = null;
  beforeAll(async () => {
    prepared = await prepare();
  });
  beforeEach(() => {
    copy = new Workspace(prepared ?? {});
  });
  afterEach(() => copy?.remove());
  afterAll(() => prepared?.remove());
  return () => {
    if (copy === null) throw new Error("a workspace is there while a test runs");
    return copy;
  };
}

/** How the blocks of a file say what each of their tests begins with: a copy of one workspace, handed to `take` before the test. */
export function beginning(take: (at: Workspace) => void): (prepare: () => Promise<Workspace>) => void {
  return (prepare) => {
    const copy = copiesOf(prepare);
    beforeEach(() => take(copy()));
  };
}

/** A workspace of these files, brought to where a test begins. */
export async function prepared(
  files: Readonly<Record<string, string>>,
  ...steps: readonly ((at: Workspace) => unknown)[]
): Promise<Workspace> {
  const at = new Workspace(files);
  for (const step of steps) await step(at);
  return at;
}

export const support = "support" as AgentId;

/** One scheduled apply. */
export function scheduled(at: Workspace, as: As = {}): Promise<Answer> {
  const agents: readonly string[] = [];
  return answering(() => apply(at.world(as), { agents, file: null, autoApprove: true, confirm: async () => false }));
}

/** A person at a terminal, who says yes. */
export function byHand(at: Workspace, as: As = {}): Promise<Answer> {
  const agents: readonly string[] = [];
  const world = at.world({ interactive: true, ...as });
  return answering(() => apply(world, { agents, file: null, autoApprove: false, confirm: async () => true }));
}

export function applyFile(at: Workspace, file: string, as: As = {}): Promise<Answer> {
  return answering(() => apply(at.world(as), { agents: [], file, autoApprove: false, confirm: async () => false }));
}

export function say(
  at: Workspace,
  said: CommandArguments["command"],
  because: string | null = "a test says so",
): Promise<Answer> {
  return answering(() => command(at.world(), { agent: support, command: said, because, by: null }));
}

export async function planned(at: Workspace, options: { readonly out?: string; readonly as?: As } = {}): Promise<Plan> {
  const { view } = await plan(at.world(options.as), { agents: [], out: options.out ?? null, detailedExitcode: false });
  if (view.kind !== "plan") throw new Error(`plan answered ${view.kind}`);
  return view.plan;
}

/** The plan of one agent. */
export async function action(at: Workspace, agent: string = support): Promise<PlannedAction> {
  const found = (await planned(at)).actions.find((one) => one.agent === agent);
  if (found === undefined) throw new Error(`nothing is planned for ${agent}`);
  return found;
}

/** Why it was refused: the codes of its problems. */
export function codes({ view }: Answer): readonly string[] {
  return view.kind === "problems" ? view.problems.map(({ code }) => code) : [];
}

/** What an apply did, or the problems that it answered with in its place. */
export function appliedOf({ view }: Answer): ApplyView {
  if (view.kind === "apply") return view;
  throw new Error(view.kind === "problems" ? view.problems.map(({ detail }) => detail).join("\n") : view.kind);
}

/** `support rests on opus@1`: adopted and in force, with a baseline of its evals. */
export async function adopted(at: Workspace, agents: readonly string[] = [support]): Promise<void> {
  for (const agent of agents) {
    await evaluated(at, agent, "baseline");
    await adopt(at.world({ interactive: true }), { agent });
  }
}

const reading = { suite: null, score: null, provider: null, format: null };

/** Records a flat pass of twenty items: for what is stable, as baseline; or for the revision that the spec asks for. */
export async function evaluated(at: Workspace, agent: string = support, as: "baseline" | "candidate" = "candidate") {
  const items = Array.from({ length: 20 }, (_, index) => JSON.stringify({ id: `item-${index}`, pass: true }));
  at.write("evals/results.jsonl", `${items.join("\n")}\n`);
  const read = { ...reading, agent, file: "evals/results.jsonl" };
  return as === "baseline" ? evalBaseline(at.world(), read) : evalRecord(at.world(), { ...read, revision: null });
}

/** The bump that most tests are about: proposed, with its evals. */
export async function bumped(at: Workspace, model = newModel): Promise<void> {
  await bump(at.world(), { step: "planning", model, agent: null, inPlace: false });
  await evaluated(at);
}

/** Adopted, bumped, and at 50 %. */
export async function ramping(at: Workspace): Promise<void> {
  await adopted(at);
  await bumped(at);
  await scheduled(at);
}

/** Ramping, with a canary that its users' sessions have proven. */
export async function promoted(at: Workspace): Promise<void> {
  await ramping(at);
  await users(at, { hours: 3 });
  await scheduled(at);
  await scheduled(at);
}

export interface Users {
  readonly agent?: string;
  readonly hours: number;
  readonly perHour?: number;
  /** How often a session of this planning model ends well; 0.95 where nothing is said. */
  readonly success?: Readonly<Record<string, number>>;
  /** So many sessions in a row are of one user, who is named and fails or succeeds in all of them alike. Nobody is named otherwise. */
  readonly sessionsOfUser?: number;
}

/** Sessions routed by what the target shows, and the clock behind them. */
export async function users(at: Workspace, of: Users): Promise<void> {
  const { agent = support, hours, perHour = 1000, success = {}, sessionsOfUser = null } = of;
  const random = seeded(at.clock.at);
  let luck = 0;
  await withSession(at.world(), { readOnly: false, brokenSpec: true }, async (session) => {
    const router = await at.world().open.router(join(at.root, `live/${agent}.json`));
    const [tasks, sessions] = [[], []] as [ReturnType<typeof judgeTask>[], SessionRecords];
    for (let index = 0; index < hours * perHour; index++) {
      const startedAt = later(at.clock.at, Math.floor((index / perHour) * hour));
      const endedAt = later(startedAt, minute);
      const id = `${agent}-${at.clock.at}-${index}`;
      const user = sessionsOfUser === null ? null : `${at.clock.at}-${Math.floor(index / sessionsOfUser)}`;
      if (sessionsOfUser === null || index % sessionsOfUser === 0) luck = random();
      const route = router.route(id, { startedAt, user });
      const { model = "", version = "" } = (router.getModel("planning", route) ?? {}) as {
        model?: string;
        version?: string;
      };
      const well = luck < (success[`${model}@${version}`] ?? 0.95);
      const head = {
        agent: agent as AgentId,
        revision: route.revision as RevisionId | null,
        startedAt,
        endedAt,
        user,
      };
      sessions.push({ ...head, session: id });
      tasks.push(judgeTask({ ...head, ...unknown, id, session: id, error: well ? null : "wrong answer" }, noBudget));
    }
    await router.close();
    await (await session.metrics()).record({ tasks, sessions });
  });
  at.pass(hours);
}

/** Half an hour and a little in which the canary of the bump that most tests are about does badly enough to be proven worse. */
export function badly(at: Workspace): Promise<void> {
  return users(at, { hours: 0.6, perHour: 800, success: { "opus@2": 0.2 } });
}

type SessionRecords = Parameters<
  Awaited<ReturnType<ReturnType<Workspace["world"]>["open"]["metrics"]>>["record"]
>[0]["sessions"][number][];

/** What these sessions did not measure. */
const unknown = {
  success: null,
  llmCalls: null,
  costUsd: null,
  latencySec: null,
  checkpoint: null,
  destructiveActions: null,
  rolledBackActions: null,
  tags: {},
};

export function journalOf(at: Workspace, agent: AgentId = support): Promise<readonly Entry[]> {
  return withSession(at.world(), { readOnly: true, brokenSpec: true }, ({ store }) => store.history(agent));
}

export async function kinds(at: Workspace, agent: AgentId = support): Promise<readonly string[]> {
  return (await journalOf(at, agent)).map(({ event }) => event.kind);
}

export function stateIn(at: Workspace, agent: AgentId = support): Promise<AgentState> {
  return withSession(at.world(), { readOnly: true, brokenSpec: true }, (session) => stateOf(session, agent));
}

/** What the target shows. */
export function shown(at: Workspace, agent: AgentId = support): Promise<LiveState> {
  const target = at.world().open.target({ kind: "snapshot", path: `live/${agent}.json` }, at.root);
  return target.observe(agent, AbortSignal.timeout(10_000));
}

/** The canary's share that the target shows, in percent. */
export async function weight(at: Workspace, agent: AgentId = support): Promise<number | null> {
  const live = await shown(at, agent);
  return live.kind === "serving" ? live.route.weight / 100 : null;
}

/** The real target, but for one agent, whose shifts meet this error. */
export function faultyTarget(at: Workspace, agent: AgentId, error: Error): Openers {
  const { open } = at.world();
  return {
    target: (spec, root) => {
      const real = open.target(spec, root);
      const act: typeof real.act = async (action, fence, signal) => {
        if (action.agent === agent) throw error;
        await real.act(action, fence, signal);
      };
      return { describe: () => real.describe(), observe: (of, signal) => real.observe(of, signal), act };
    },
  };
}
type Openers = NonNullable<As["open"]>;

/** All sentences of an answer, those of problems too. */
export function lineOf({ view }: Answer): string {
  if (view.kind === "message") return view.lines.join("\n");
  return view.kind === "problems" ? view.problems.map(({ detail }) => detail).join("\n") : "";
}

/** The real store, in which somebody else writes right before the first entry that this run wants to write. */
export function overtakenStore(at: Workspace, agent: AgentId, body: EventBody): Openers {
  const { open } = at.world();
  let written = false;
  return {
    store: async (state, options) => {
      const real = await open.store(state, options);
      const append: typeof real.append = async (of, after, event) => {
        if (!written && of === agent) {
          written = true;
          await real.append(agent, after, { at: at.clock.at, by: "somebody else", plan: null, ...body } as Event);
        }
        return real.append(of, after, event);
      };
      return new Proxy(real, {
        get: (store, key) => {
          const value: unknown = key === "append" ? append : Reflect.get(store, key, store);
          return typeof value === "function" ? value.bind(store) : value;
        },
      });
    },
  };
}
