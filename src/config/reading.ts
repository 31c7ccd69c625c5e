// Everything that the rules and the last step look at: the checked values, where they stand, and the world beside them.

import type { Registry } from "../core/generated/registry.js";
import type { AgentConfig, RolloutConfig, StrategyConfig } from "../core/generated/rollout-config.js";
import type { ConfigDocument } from "./document.js";
import type { DocumentPath } from "./document-path.js";
import { rolloutConfigDefaults } from "./generated/rollout-config-shape.js";
import type { ReadPrompt } from "./prompt-file.js";
import type { Report } from "./report.js";
import type { GlobMatch, Worktree } from "./worktree.js";

/** Values that were refused are absent or undefined, also where the types promise them: their problem is in the report. */
export interface Reading {
  readonly document: ConfigDocument;
  readonly config: Partial<RolloutConfig>;
  /** The agents of `config` by name. */
  readonly agents: readonly NamedAgent[];
  /** Null: no registry is named. `broken`: it could not be read, which is reported, so that nobody complains about its steps. */
  readonly registry: RegistryReading | null;
  readonly tree: Worktree;
  readonly report: Report;
  /** The files of an agent's patterns; the same answer each time. */
  readonly match: (globs: string | readonly string[] | undefined) => GlobMatch;
  /** The prompts under an agent's patterns, each read once however many agents share them. */
  readonly prompts: (globs: string | readonly string[] | undefined) => readonly ReadPrompt[];
}

type NamedAgent = readonly [name: string, agent: Partial<AgentConfig>];

export interface RegistryReading {
  readonly document: ConfigDocument | null;
  readonly entries: NonNullable<Registry>;
  readonly broken: boolean;
}

export function agentsOf({ agents }: Reading): readonly NamedAgent[] {
  return agents;
}

/** The strategies of the spec, without those that are built in. */
export function ownStrategiesOf({
  config,
}: Reading): readonly (readonly [name: string, strategy: Partial<StrategyConfig>])[] {
  return entriesOf(config.strategies);
}

/** A strategy by name: the spec's own, else a built-in one; null where there is none. */
export function strategyOf({ config }: Reading, name: string): Partial<StrategyConfig> | null {
  const builtIn: Readonly<Record<string, unknown>> = rolloutConfigDefaults.strategies;
  return config.strategies?.[name] ?? (builtIn[name] as StrategyConfig | undefined) ?? null;
}

export function builtInStrategies(): readonly string[] {
  return Object.keys(rolloutConfigDefaults.strategies);
}

/** An agent's steps by name, in the order of the spec, with the path of each. */
export function stepsOf(
  name: string,
  agent: Partial<AgentConfig>,
): readonly { readonly step: string; readonly path: DocumentPath }[] {
  const { steps } = agent;
  if (steps === undefined || steps === null) return [];
  const names = Array.isArray(steps) ? [...steps.entries()] : Object.keys(steps).map((step) => [step, step] as const);
  return names.flatMap(([key, step]) => (step === undefined ? [] : [{ step, path: ["agents", name, "steps", key] }]));
}

export function entriesOf<T>(map: { readonly [key: string]: T } | null | undefined): readonly (readonly [string, T])[] {
  return Object.entries(map ?? {}).filter(([, value]) => typeof value === "object" && value !== null);
}
