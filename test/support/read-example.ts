// Reading a spec over a small working tree in memory, and looking into the agent that comes of it.
import { readSpec, type SpecReading } from "../../src/config/read-spec.js";
import type { Gate, Stage } from "../../src/core/model/gate.js";
import type { AgentSpec } from "../../src/core/model/spec.js";
import { type MemoryTree, memoryWorktree } from "./memory-worktree.js";

export const exampleFiles = {
  "registry/models.yaml": [
    "planning: claude-opus-4-5@20251101",
    "parsing: claude-haiku-4-5@20251001",
    "synthesis: claude-sonnet-4-5@20250929",
    "support/parsing: { model: claude-haiku-4-5, version: '20251001', params: { temperature: 0.2 } }",
  ].join("\n"),
  "prompts/support/system.md": "You are helpful.\n",
  "prompts/support/de/system.md": "Du hilfst.\n",
  "tools/support/refund.json": "{}",
  "src/support/agent.ts": "export {};",
  "runbooks/task-success-drop.md": "# Task success has dropped",
};

export function readExample(text: string, tree: Partial<MemoryTree> = {}): SpecReading {
  return readSpec({ file: "rollout.config.yaml", text, tree: memoryWorktree({ files: exampleFiles, ...tree }) });
}

export function agentOf(text: string, tree: Partial<MemoryTree> = {}, name = "support"): AgentSpec {
  const reading = readExample(text, tree);
  if (!reading.ok) throw new Error(JSON.stringify(reading.problems, null, 1));
  const agent = reading.value.agents[name];
  if (agent === undefined) throw new Error(`no agent ${name}`);
  return agent;
}

/** The course in a line: `eval 5% canary(24h/48h) 50% …`. */
export function course(stages: readonly Stage[]): string {
  const hours = (ms: number): string => `${ms / 3_600_000}h`;
  return stages
    .map((stage) => {
      if (stage.kind === "weight") return `${stage.weight / 100}%`;
      const { gate } = stage;
      return gate.kind === "health" ? `${gate.name}(${hours(gate.hold)}/${hours(gate.until)})` : gate.name;
    })
    .join(" ");
}

export function gatesOf<K extends Gate["kind"]>(agent: AgentSpec, kind: K): readonly Extract<Gate, { kind: K }>[] {
  const gates = agent.stages.flatMap((stage) => (stage.kind === "gate" ? [stage.gate] : []));
  return gates.filter((gate): gate is Extract<Gate, { kind: K }> => gate.kind === kind);
}
