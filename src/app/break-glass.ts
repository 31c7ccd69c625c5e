// `--break-glass`: takes the canary's traffic away, or sends everybody to the fallback, at the target alone, when the state store cannot be
// reached. The journal learns of it at the next apply, which finds what it did not put in force under a higher epoch, and goes by it.

import { loadSpec } from "../config/load-spec.js";
import type { RevisionContent, ServedRevision } from "../core/model/revision.js";
import { compareFences, type Fence, type LiveState, type Route } from "../core/model/route.js";
import type { AgentSpec } from "../core/model/spec.js";
import { type AgentId, noWeight, type RevisionId, shortRevision } from "../core/model/units.js";
import { Fault } from "../ports/fault.js";
import type { ShiftAction, TrafficTarget } from "../ports/traffic-target.js";
import type { Answer } from "../views/view.js";
import { Refusal, refuse } from "./refusal.js";
import { liveText } from "./status.js";
import type { World } from "./world.js";

export interface GlassArguments {
  readonly agent: string;
  readonly because: string | null;
}

type Serving = Extract<LiveState, { kind: "serving" }>;

interface Behind {
  readonly agent: AgentId;
  readonly target: TrafficTarget;
  /** The routing file that every target is, or has beside it. */
  readonly written: TrafficTarget;
  readonly agentSpec: AgentSpec;
  /** What the target shows, or else what was written for it last. */
  readonly live: Serving;
  readonly isShown: boolean;
}

const lookMs = 5_000;
const actMs = 10_000;

export async function breakGlass(world: World, args: GlassArguments): Promise<Answer> {
  const behind = await openGlass(world, args.agent);
  const { route } = behind.live;
  if (route.canary === null && behind.isShown) {
    const lines = [`${args.agent} has no canary: all sessions are on ${shortRevision(route.stable)}.`];
    return { view: { kind: "message", lines, data: { agent: args.agent, changed: false } }, exit: 0 };
  }
  await set(behind, {
    ...route,
    rollout: null,
    canary: null,
    weight: noWeight,
    history: [],
    previous: null,
    salt: "",
  });
  const lines = [
    `${args.agent}: all sessions are on ${route.fallback ? "the fallback, as before, and none is drawn for a canary" : shortRevision(route.stable)} now.`,
    "The journal does not know yet: the next apply finds less canary than it put in force, pauses the rollout and says so.",
    `When the state store is back, end it and say why: rollout abort ${args.agent} --because "${args.because ?? "…"}"`,
  ];
  return {
    view: { kind: "message", lines, data: { agent: args.agent, changed: true, stable: route.stable } },
    exit: 0,
  };
}

/** The route behind the fallback stays what it is. */
export async function fallbackByGlass(world: World, { agent, because }: GlassArguments): Promise<Answer> {
  const behind = await openGlass(world, agent);
  const { route } = behind.live;
  const already = route.fallback && behind.isShown;
  if (!already) await set(behind, { ...route, fallback: true });
  const lines = [
    `${agent}: all sessions are on the fallback${already ? " already" : " now"}.`,
    ...(already
      ? []
      : ["The journal does not know yet: the next apply finds it, keeps it on, and raises nothing meanwhile."]),
    `When the state store is back, say why: rollout fallback on ${agent} --because "${because ?? "…"}"`,
    `It is on until: rollout fallback off ${agent}`,
  ];
  return { view: { kind: "message", lines, data: { agent, changed: !already, fallback: true } }, exit: 0 };
}

async function openGlass(world: World, name: string): Promise<Behind> {
  const { root, agentSpec } = await findTarget(world, name);
  const target = world.open.target(agentSpec.target, root);
  const agent = name as AgentId;
  const written = world.open.target({ kind: "snapshot", path: agentSpec.target.path }, root);
  const shown = await target.observe(agent, AbortSignal.timeout(lookMs));
  const isShown = shown.kind === "serving";
  // A target that is away, or that somebody changed, is no reason to wait: what was written last is set right.
  const live = isShown ? shown : await written.observe(agent, AbortSignal.timeout(lookMs));
  if (live.kind !== "serving")
    return refuse("door/fault", {
      detail: `${target.describe()} shows no route that could be changed (${liveText(shown)}).`,
      hint: `Where agents route by ${agentSpec.target.path}, a file ${agentSpec.target.path}.kill beside it sends everybody to stable.`,
    });
  return { agent, target, written, agentSpec, live, isShown };
}

/** Under a higher epoch than the state store has ever given out: whatever it still does comes too late. */
async function set({ agent, target, written, agentSpec, live }: Behind, route: Route): Promise<void> {
  const contents = [route.stable, route.canary, route.previous].flatMap((revision) => {
    const served = revision === null ? undefined : live.served[revision];
    return revision === null || served === undefined ? [] : [contentOf(agent, revision, served)];
  });
  if (!contents.some(({ id }) => id === route.stable))
    return refuse("door/fault", { detail: `${target.describe()} does not hold the stable revision's content.` });
  const { session } = agentSpec;
  const action: ShiftAction = {
    kind: "shift",
    agent,
    route,
    contents,
    lineage: live.lineage,
    sessionTimeout: session.timeout,
    sessionHeader: session.header,
    ...(session.unit === "user" ? { user: { header: session.userHeader ?? "x-user-id" } } : {}),
  };
  const fence: Fence = { epoch: live.fence.epoch + 1, serial: live.fence.serial };
  try {
    await target.act(action, fence, AbortSignal.timeout(actMs));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const after = await written.observe(agent, AbortSignal.timeout(lookMs));
    if (after.kind !== "serving" || compareFences(after.fence, fence) !== 0) throw error;
    const where = route.fallback ? "the fallback" : shortRevision(route.stable);
    const detail = `${target.describe()} did not take all of it: ${error.message}. Its routing file has all sessions on ${where} now.`;
    return refuse("door/fault", { detail });
  }
}

function contentOf(agent: AgentId, id: RevisionId, { steps, prompts }: ServedRevision): RevisionContent {
  return {
    id,
    agent,
    steps,
    prompts: Object.entries(prompts).map(([name, text]) => ({ name, text, path: name, blob: "" })),
    tools: [],
    release: null,
    origin: { commit: null, dirty: false },
  };
}

/** By the spec alone. Errors elsewhere in it are in nobody's way here. */
async function findTarget(
  { cwd, config }: World,
  agent: string,
): Promise<{ readonly root: string; readonly agentSpec: AgentSpec }> {
  const loaded = await loadSpec({ cwd, file: config });
  const found = loaded.ok ? loaded.value : loaded.partial;
  const agents = found?.spec.agents ?? {};
  const agentSpec = Object.hasOwn(agents, agent) ? agents[agent] : undefined;
  if (found !== null && agentSpec !== undefined) return { root: found.root, agentSpec };
  if (!loaded.ok) throw new Refusal(loaded.problems);
  return refuse("agent/unknown", { detail: `"${agent}" is not in the spec, which names its target.`, about: agent });
}
