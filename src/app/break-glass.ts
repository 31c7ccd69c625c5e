// `rollout abort --break-glass`: takes the canary's traffic away at the target alone, when the state store cannot be reached.
// The journal learns of it at the next apply, which finds less canary than it put in force, and pauses.

import { loadSpec } from "../config/load-spec.js";
import type { RevisionContent } from "../core/model/revision.js";
import type { AgentSpec } from "../core/model/spec.js";
import type { AgentId } from "../core/model/units.js";
import { shortRevision } from "../core/model/units.js";
import type { Answer } from "../views/view.js";
import { Refusal, refuse } from "./refusal.js";
import type { World } from "./world.js";

export async function breakGlass(
  world: World,
  args: { readonly agent: string; readonly because: string | null },
): Promise<Answer> {
  const { root, agentSpec } = await findTarget(world, args.agent);
  const target = world.open.target(agentSpec.target, root);
  const agent = args.agent as AgentId;
  const signal = AbortSignal.timeout(10_000);
  const live = await target.observe(agent, signal);
  if (live.kind !== "serving")
    return refuse("door/fault", {
      detail: `${target.describe()} shows no route that could be changed (${live.kind}).`,
    });
  if (live.route.canary === null) {
    const lines = [`${args.agent} has no canary: all sessions are on ${shortRevision(live.route.stable)}.`];
    return { view: { kind: "message", lines, data: { agent, changed: false } }, exit: 0 };
  }
  const served = live.served[live.route.stable];
  if (served === undefined)
    return refuse("door/fault", { detail: `${target.describe()} does not hold the stable revision's content.` });
  const stable: RevisionContent = {
    id: live.route.stable,
    agent,
    steps: served.steps,
    prompts: Object.entries(served.prompts).map(([name, text]) => ({ name, text, path: name, blob: "" })),
    tools: [],
    release: null,
    origin: { commit: null, dirty: false },
  };
  const route = {
    ...live.route,
    rollout: null,
    canary: null,
    weight: 0 as typeof live.route.weight,
    history: [],
    previous: null,
    salt: "",
  };
  const { session } = agentSpec;
  await target.act(
    {
      kind: "shift",
      agent,
      route,
      contents: [stable],
      lineage: live.lineage,
      sessionTimeout: session.timeout,
      sessionHeader: session.header,
      ...(session.unit === "user" ? { user: { header: session.userHeader ?? "x-user-id" } } : {}),
    },
    { epoch: live.fence.epoch + 1, serial: live.fence.serial },
    signal,
  );
  const lines = [
    `${args.agent}: all sessions are on ${shortRevision(stable.id)} now.`,
    "The journal does not know yet: the next apply finds less canary than it put in force, pauses the rollout and says so.",
    `When the state store is back, end it and say why: rollout abort ${args.agent} --because "${args.because ?? "…"}"`,
  ];
  return { view: { kind: "message", lines, data: { agent, changed: true, stable: stable.id } }, exit: 0 };
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
