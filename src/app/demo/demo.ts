// `rollout demo`: a real model bump that its evals let pass and its canary gate catches, and one that climbs to 100 %, on a virtual
// clock with the real engine, store, target, gates and router.

import { join } from "node:path";
import type { AgentId, Instant } from "../../core/model/units.js";
import { hour, later, minute } from "../../core/model/units.js";
import { describeEntries } from "../../views/describe-event.js";
import { renderText } from "../../views/render-text.js";
import type { Answer, View } from "../../views/view.js";
import { adopt } from "../adopt.js";
import { apply } from "../apply.js";
import { bump } from "../bump.js";
import { evalBaseline, evalRecord } from "../eval.js";
import { incidentShow } from "../incident.js";
import { plan } from "../plan.js";
import { stateOf, withSession } from "../session.js";
import { status } from "../status.js";
import type { World } from "../world.js";
import { drawSessions, type Stream, seeded } from "./traffic.js";
import { commit, evalFile, writeWorkspace } from "./workspace.js";

/** A virtual half hour between two looks of the scheduled apply. */
const tickMinutes = 30;
const ticksAtMost = 200;

interface Stage {
  readonly world: World;
  readonly clock: { at: Instant };
  readonly streams: readonly Stream[];
  readonly print: (line: string) => void;
}

interface Bump {
  readonly agent: string;
  readonly from: string;
  readonly model: string;
  readonly title: string;
}

const bumps: readonly Bump[] = [
  {
    agent: "researcher",
    from: "claude-sonnet-4-5",
    model: "claude-sonnet-4-6@20260217",
    title: "A bump whose evals stay flat and whose live traffic collapses",
  },
  { agent: "coder", from: "MiniMax-M2.1", model: "MiniMax-M2.5@20260212", title: "A bump that is truly no worse" },
];

export interface DemoArguments {
  /** Prints a line of the demo's report as it happens. */
  readonly print: (line: string) => void;
}

export async function demo(world: World, args: DemoArguments): Promise<Answer> {
  const workspace = await world.temporary("rollout-demo-");
  const began = later((Math.floor(world.now() / hour) * hour) as Instant, -96 * hour);
  const clock = { at: began };
  const there = world.elsewhere({ cwd: workspace, now: () => clock.at, by: "demo@example.com", say: () => undefined });
  const stream = (agent: string, of: Omit<Stream, "agent" | "step">): Stream => ({
    agent: agent as AgentId,
    step: "answer",
    ...of,
  });
  const streams = [
    stream("researcher", { benchmark: "gaia", sessionsPerHour: 900, random: seeded(1) }),
    stream("coder", { benchmark: "swe-bench", sessionsPerHour: 900, random: seeded(2) }),
  ];
  const stage: Stage = { world: there, clock, streams, print: args.print };
  await prepare(stage);
  for (const [index, bumped] of bumps.entries()) {
    heading(stage, `${index + 1}. ${bumped.title}`);
    await play(stage, bumped);
    if (world.stop.aborted) return { view: { kind: "message", lines: ["stopped"], data: { workspace } }, exit: 130 };
  }
  await epilogue(stage);
  return { view: { kind: "message", lines: [], data: { workspace } }, exit: 0 };
}

/** The repository, the baselines, the adoption, and a day of stable traffic. */
async function prepare(stage: Stage): Promise<void> {
  const { world, print } = stage;
  print(`A workspace with a real git repository: ${world.cwd}`);
  print(
    "Sessions end as real runs of the models ended (OpenHands index, MIT): nothing is invented, nothing leaves this machine.",
  );
  await writeWorkspace(world);
  for (const { agent, from } of bumps) {
    await evalBaseline(world, { ...reading(agent), file: evalFile(from) });
    await adopt(world, { agent });
  }
  await commit(world, "Keep the eval baselines of what is stable");
  for (let hours = 0; hours < 24; hours += 8) await feed(stage, 8 * 60);
  heading(stage, "Before: two agents, adopted, serving");
  show(stage, (await status(world, { agents: [] })).view);
}

function reading(agent: string): { agent: string; suite: null; score: null; provider: null; format: null } {
  return { agent, suite: null, score: null, provider: null, format: null };
}

/** One line of YAML, its eval results, the plan that a reviewer sees, and then nothing but the scheduled apply. */
async function play(stage: Stage, { agent, model }: Bump): Promise<void> {
  const { world, print } = stage;
  const command = `rollout bump answer ${model} --agent ${agent}`;
  print(`$ ${command}`);
  show(stage, (await bump(world, { step: "answer", model, agent, inPlace: false })).view);
  const file = evalFile(model.split("@")[0] ?? "");
  print(`\n$ rollout eval record ${agent} ${file}`);
  show(stage, (await evalRecord(world, { ...reading(agent), file, revision: null })).view);
  await commit(world, `Try ${model} as the ${agent}`);
  print("\n$ rollout plan");
  show(stage, (await plan(world, { agents: [agent], out: null, detailedExitcode: false })).view);
  print("\nFrom here on only the scheduled `rollout apply --auto-approve` runs, every virtual half hour.\n");
  await climb(stage, agent as AgentId);
}

/** Ticks until the rollout has ended, telling each entry of the journal as it is written. */
async function climb(stage: Stage, agent: AgentId): Promise<void> {
  const { world } = stage;
  let told = await tell(stage, agent, null);
  for (let count = 0; count < ticksAtMost && !world.stop.aborted; count++) {
    const { exit } = await apply(world, { agents: [], file: null, autoApprove: true, confirm: async () => false });
    told = await tell(stage, agent, told.serial);
    if (told.ended || world.stop.aborted) return;
    if (exit !== 0 && exit !== 14) throw new Error(`the demo's apply ended with ${exit}`);
    await feed(stage);
  }
  if (!world.stop.aborted) throw new Error("the demo's rollout did not end");
}

/** Prints the entries behind `from`; null prints none. Answers the last serial, and whether no rollout is under way. */
async function tell(
  { world, print }: Stage,
  agent: AgentId,
  from: number | null,
): Promise<{ readonly serial: number; readonly ended: boolean }> {
  return withSession(world, { readOnly: true }, async (session) => {
    const entries = describeEntries(await session.store.history(agent));
    const fresh = from === null ? [] : entries.filter(({ entry }) => entry.serial > from);
    for (const { entry, what } of fresh) print(`${timeText(entry.event.at)}  ${what}`);
    const { rollout } = await stateOf(session, agent);
    return { serial: entries.at(-1)?.entry.serial ?? 0, ended: rollout === null };
  });
}

function timeText(at: Instant): string {
  return new Date(at).toISOString().slice(5, 16).replace("T", " ");
}

/** Sessions of every agent, routed by what is in force now; then the clock stands that much later. */
async function feed({ world, clock, streams }: Stage, minutes = tickMinutes): Promise<void> {
  await withSession(world, { readOnly: false }, async (session) => {
    const metrics = await session.metrics();
    for (const stream of streams) {
      const router = await world.open.router(join(world.cwd, "live", `${stream.agent}.json`));
      await metrics.record(drawSessions(stream, router, { from: clock.at, minutes }));
      await router.close();
    }
  });
  clock.at = later(clock.at, minutes * minute);
}

async function epilogue(stage: Stage): Promise<void> {
  const { world, print } = stage;
  heading(stage, "The incident that the rollback opened");
  show(stage, (await incidentShow(world, { id: "researcher-1" })).view);
  heading(stage, "After");
  show(stage, (await status(world, { agents: [] })).view);
  heading(stage, "Look around");
  for (const command of [
    "plan",
    "status",
    "history researcher",
    "incident show researcher-1",
    "runbook show task-success-drop",
  ]) {
    print(`  npx rollout -C ${world.cwd} ${command}`);
  }
  print(`  git -C ${world.cwd} log --stat`);
}

function heading({ print }: Stage, title: string): void {
  print(`\n== ${title} ==\n`);
}

function show({ print, world }: Stage, view: View): void {
  print(renderText(view, { color: false, width: 100, now: world.now(), unicode: true }).trimEnd());
}
