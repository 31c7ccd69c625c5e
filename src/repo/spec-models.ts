// Which model each step of each agent has, as the two files say it: rollout.config.yaml and the registry.

import type { Checked } from "../core/diagnostic/diagnostic.js";
import { canonicalJson } from "../core/model/revision.js";
import type { Json } from "../core/model/units.js";
import { isFields, readYamlValue, type TextFile } from "./yaml-edit.js";

export interface SpecFiles {
  readonly config: TextFile;
  /** Null where the spec names no registry. */
  readonly registry: TextFile | null;
}

export type Entries = Readonly<Record<string, Json>>;
export interface SpecModels {
  readonly registry: Entries;
  /** `canary.overrides`: keys are `step` or `agent/step`. */
  readonly overrides: Entries;
  readonly agents: Readonly<Record<string, AgentModels>>;
}
export interface AgentModels {
  /** Names of the steps. */
  readonly steps: readonly string[];
  /** Models that stand inline under `steps`; null where steps are names alone. */
  readonly inline: Entries | null;
  readonly overrides: Entries;
}

export function readSpecModels(files: SpecFiles): Checked<SpecModels> {
  const config = readYamlValue(files.config);
  const registry = files.registry === null ? null : readYamlValue(files.registry);
  const problems = [config, registry].flatMap((part) => (part === null || part.ok ? [] : part.problems));
  if (!config.ok || (registry !== null && !registry.ok)) return { ok: false, problems };
  const root = entriesOf(config.value);
  const agents = Object.entries(entriesOf(root.agents)).map(
    ([name, agent]) => [name, agentModels(entriesOf(agent))] as const,
  );
  const value = {
    registry: entriesOf(registry?.value),
    overrides: entriesOf(entriesOf(root.canary).overrides),
    agents: Object.fromEntries(agents),
  };
  return { ok: true, value, warnings: [] };
}

/** The entry of a step without overrides: inline, then `agent/step`, then `step`; null where there is none. */
export function baseEntry(models: SpecModels, agent: string, step: string): Json {
  const inline = models.agents[agent]?.inline?.[step];
  return inline ?? models.registry[`${agent}/${step}`] ?? models.registry[step] ?? null;
}

/** The entry that is desired: the agent's own override, `agent/step`, `step`, and else the base. */
export function desiredEntry(models: SpecModels, agent: string, step: string): Json {
  const own = models.agents[agent]?.overrides[step];
  return own ?? models.overrides[`${agent}/${step}`] ?? models.overrides[step] ?? baseEntry(models, agent, step);
}

/** Agents that have the step, in the order of the file. */
export function agentsWith(models: SpecModels, step: string): readonly string[] {
  return Object.keys(models.agents).filter((agent) => models.agents[agent]?.steps.includes(step));
}

/** One form for the two ways of writing an entry: `model@version`, and behind it the params where there are any. */
export function entryText(entry: Json): string {
  if (!isFields(entry)) return typeof entry === "string" ? entry.trim() : canonicalJson(entry);
  const params =
    isFields(entry.params) && Object.keys(entry.params).length > 0 ? ` ${canonicalJson(entry.params)}` : "";
  return `${entry.model}@${entry.version}${params}`;
}

/** The entry that a text of the form above stands for, in its shortest form; null when it is none. */
export function entryOf(text: string): Json {
  const match = /^(\S+)@([^@\s]+)(?: (\{.*\}))?$/s.exec(text.trim());
  if (match === null) return null;
  const [, model = "", version = "", params] = match;
  return params === undefined ? `${model}@${version}` : { model, version, params: JSON.parse(params) };
}

function agentModels(agent: Entries): AgentModels {
  const inline = isFields(agent.steps) ? agent.steps : null;
  const names = Array.isArray(agent.steps) ? agent.steps.filter((step) => typeof step === "string") : [];
  return { steps: inline === null ? names : Object.keys(inline), inline, overrides: entriesOf(agent.overrides) };
}

function entriesOf(value: Json | undefined): Entries {
  return isFields(value) ? value : {};
}
