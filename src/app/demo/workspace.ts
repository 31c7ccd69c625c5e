// The demo's workspace: a real git repository with a spec, a registry, prompts, runbooks and recorded eval results.

import { join } from "node:path";
import type { World } from "../world.js";
import { outcomesOf } from "./traffic.js";

const spec = `# yaml-language-server: $schema=./schema/rollout.schema.json
version: 1
registry: registry/models.yaml

strategies:
  demo:
    ramp:
      - { weight: 5%, hold: 2h, until: 36h }
      - { weight: 50%, hold: 2h, until: 36h }
      - { weight: 100% }
    gates:
      eval: { min_score: 0.60, max_regression: 0.05 }
      canary: { metrics: { task_success_rate: { max_drop: 5pp } } }

agents:
  researcher: # answers questions that need the web: GAIA
    steps: [answer]
    prompts: prompts/researcher/**
    strategy: demo
    session: { timeout: 10m }
    evals: { baseline: { commit: direct } }
    target: live/researcher.json
    runbook: runbooks/task-success-drop.md
  coder: # fixes issues of real repositories: SWE-bench
    steps: [answer]
    prompts: prompts/coder/**
    strategy: demo
    session: { timeout: 10m }
    evals: { baseline: { commit: direct } }
    target: live/coder.json
    runbook: runbooks/task-success-drop.md
`;

const registry = `# Step -> model@version. A model bump is one line, and always a canary.
researcher/answer: claude-sonnet-4-5@20250929
coder/answer: MiniMax-M2.1@20251223
`;

const runbooks = ["task-success-drop.md", "canary-rollback.md", "model-deprecation.md"];

/** Writes and commits everything that the demo begins with. */
export async function writeWorkspace(world: World): Promise<void> {
  const { cwd, files } = world;
  const write = (path: string, text: string): Promise<void> => files.write(join(cwd, path), text);
  await write("rollout.config.yaml", spec);
  await write("registry/models.yaml", registry);
  await write("prompts/researcher/system.md", "Answer with one short fact. Say what you are not sure of.\n");
  await write("prompts/coder/system.md", "Fix the issue with the smallest change that makes its tests pass.\n");
  await write(".gitignore", ".rollout/\nlive/\n");
  for (const name of runbooks) {
    const text = await files.read(join(world.package, "runbooks", name));
    if (text !== null) await write(`runbooks/${name}`, text);
  }
  const schema = await files.read(join(world.package, "schema", "rollout.schema.json"));
  if (schema !== null) await write("schema/rollout.schema.json", schema);
  await writeEvals(world, { model: "claude-sonnet-4-5", benchmark: "swe-bench" });
  await writeEvals(world, { model: "claude-sonnet-4-6", benchmark: "swe-bench" });
  await writeEvals(world, { model: "MiniMax-M2.1", benchmark: "swt-bench" });
  await writeEvals(world, { model: "MiniMax-M2.5", benchmark: "swt-bench" });
  await git(world, "init", "--quiet", "--initial-branch=main");
  await git(world, "config", "user.name", "Demo");
  await git(world, "config", "user.email", "demo@example.com");
  await commit(world, "Two agents, their models and their evals");
}

/** The recorded runs as a result file of the generic format: one JSON line for each item. */
async function writeEvals(world: World, of: { readonly model: string; readonly benchmark: string }): Promise<void> {
  const lines = outcomesOf(of.model, of.benchmark).map(({ id, success }) => JSON.stringify({ id, pass: success }));
  await world.files.write(join(world.cwd, evalFile(of.model)), `${lines.join("\n")}\n`);
}

/** Where the workspace keeps the recorded eval run of a model. */
export function evalFile(model: string): string {
  return `evals/${model}.jsonl`;
}

export async function commit(world: World, message: string): Promise<void> {
  await git(world, "add", "--all");
  await git(world, "commit", "--quiet", "--message", message);
}

async function git(world: World, ...args: readonly string[]): Promise<void> {
  const exit = await world.exec(["git", ...args], { cwd: world.cwd, env: {} });
  if (exit !== 0) throw new Error(`git ${args[0]} ended with ${exit} in the demo's workspace`);
}
