// The spec from its texts, in four steps: parse, check by schema, check by rules, normalize. Pure: the working tree is handed in.

import type { Diagnostic } from "../core/diagnostic/diagnostic.js";
import type { Registry } from "../core/generated/registry.js";
import type { AgentConfig, RolloutConfig } from "../core/generated/rollout-config.js";
import type { Stage } from "../core/model/gate.js";
import type { AgentSpec, Spec, StateSpec } from "../core/model/spec.js";
import { checkShape } from "./check-shape.js";
import type { ConfigDocument } from "./document.js";
import { validate as validateRegistry } from "./generated/registry.js";
import { registryShape } from "./generated/registry-shape.js";
import { validate as validateConfig } from "./generated/rollout-config.js";
import { rolloutConfigDefaults as defaults, rolloutConfigShape } from "./generated/rollout-config-shape.js";
import { normalizeAgent } from "./normalize-agent.js";
import { type ReadPrompt, readPrompt } from "./prompt-file.js";
import { readYaml } from "./read-yaml.js";
import { agentsOf, entriesOf, type Reading, type RegistryReading, stepsOf, strategyOf } from "./reading.js";
import { openReport, type Report } from "./report.js";
import { contentDigest } from "./revision-digest.js";
import { rules } from "./rules/all.js";
import { unfoldStages } from "./unfold-stages.js";
import { readAgain } from "./units/parsed.js";
import { globsOf, parsePath } from "./units/repository-path.js";
import { parseStateAddress } from "./units/state-address.js";
import type { GlobMatch, Worktree } from "./worktree.js";

export interface SpecSource {
  /** Relative to the root of the repository. */
  readonly file: string;
  readonly text: string;
  readonly tree: Worktree;
}

export type SpecReading =
  | { readonly ok: true; readonly value: Spec; readonly warnings: readonly Diagnostic[] }
  | {
      readonly ok: false;
      readonly problems: readonly Diagnostic[];
      /**
       * Where the state is, and the agents that no problem touches, for watching alone: while a problem stands anywhere, what the
       * spec seems to ask of them must not be acted on.
       */
      readonly partial: Spec;
    };

export function readSpec({ file, text, tree }: SpecSource): SpecReading {
  const report = openReport();
  const document = readYaml({ file, text }, report);
  if (document === null) return { ok: false, problems: report.problems(), partial: illegible(text) };
  const config = checkShape({ document, shape: rolloutConfigShape, validate: validateConfig, report });
  if (typeof config !== "object" || config === null)
    return { ok: false, problems: report.problems(), partial: illegible(text) };
  const reading = openReading(document, config, tree, report);
  for (const rule of rules) rule(reading);
  const problems = report.problems();
  const spec = normalize(reading);
  if (problems.length > 0) return { ok: false, problems, partial: spec };
  return { ok: true, value: spec, warnings: report.warnings() };
}

function openReading(
  document: ConfigDocument,
  config: Partial<RolloutConfig>,
  tree: Worktree,
  report: Report,
): Reading {
  const match = oncePerPattern<GlobMatch>({ files: [], symlinks: [], untracked: [] }, (globs) => tree.match(globs));
  const prompts = oncePerPattern<readonly ReadPrompt[]>([], (globs) =>
    match(globs).files.map((file) => readPrompt(file, globs)),
  );
  const agents = entriesOf(config.agents);
  const registry = readRegistry(document, config, tree, report);
  return { document, config, agents, registry, tree, report, match, prompts };
}

type Patterns = string | readonly string[] | undefined;

/** The same answer for the same patterns; `none` where there are none. */
function oncePerPattern<T>(none: T, find: (globs: readonly string[]) => T): (written: Patterns) => T {
  const found = new Map<string, T>();
  return (written) => {
    if (written === undefined) return none;
    const key = typeof written === "string" ? written : written.join("\n");
    const known = found.get(key);
    if (known !== undefined) return known;
    const globs = globsOf(written);
    const answer = globs.length === 0 ? none : find(globs);
    found.set(key, answer);
    return answer;
  };
}

function readRegistry(
  document: ConfigDocument,
  config: Partial<RolloutConfig>,
  tree: Worktree,
  report: Report,
): RegistryReading | null {
  const path = config.registry === undefined ? null : parsePath(config.registry);
  if (path === null) return null;
  const broken: RegistryReading = { document: null, entries: {}, broken: true };
  if (!path.ok) return broken;
  const found = tree.read(path.value);
  if (found.kind === "symlink") {
    report.add({
      code: "config/symlink",
      detail: `${path.value} leads through a symbolic link.`,
      document,
      path: ["registry"],
    });
    return broken;
  }
  if (found.kind !== "text") {
    const because = found.kind === "missing" ? "there is no such file" : found.because;
    report.add({
      code: "config/unreadable",
      detail: `The registry ${path.value} cannot be read: ${because}.`,
      document,
      path: ["registry"],
    });
    return broken;
  }
  const registry = readYaml({ file: path.value, text: found.text }, report);
  if (registry === null) return broken;
  const entries = checkShape({ document: registry, shape: registryShape, validate: validateRegistry, report });
  const readable = typeof entries === "object" && !Array.isArray(entries);
  return readable ? { document: registry, entries: (entries as Registry) ?? {}, broken: false } : broken;
}

/** The spec of every agent that nobody complained about. */
function normalize(reading: Reading): Spec {
  const agents: Record<string, AgentSpec> = {};
  const unfold = unfoldOnce();
  for (const [name, agent] of agentsOf(reading)) {
    const strategyName = agent.strategy ?? defaults["agents.*.strategy"];
    const strategy = strategyOf(reading, strategyName);
    if (strategy?.ramp === undefined || !isUntouched(reading, name, agent, strategyName)) continue;
    const named = { name, agent: agent as AgentConfig };
    agents[name] = normalizeAgent(reading, named, { ...strategy, ramp: strategy.ramp }, unfold(strategyName));
  }
  const state = stateOf(reading.config.state);
  const digestOfStages = once(contentDigest);
  const contents = Object.fromEntries(
    Object.entries(agents).map(([name, { revision, base, stages, ...rest }]) => [
      name,
      { ...rest, stages: digestOfStages(stages), revision: revision.id, base: base.id },
    ]),
  );
  return { digest: contentDigest({ state, agents: contents }), state, agents };
}

/** Agents of one strategy share their stages: a thousand of them are unfolded, and digested, once. */
function unfoldOnce(): (strategy: string) => typeof unfoldStages {
  const known = new Map<string, readonly Stage[]>();
  return (name) => (unfolding) => {
    const { agent, sessionTimeout } = unfolding;
    const { results: _, score: __, results_by_digest: ___, baseline: ____, ...evals } = agent.evals ?? {};
    const key = JSON.stringify([name, evals, agent.ready ?? null, sessionTimeout]);
    const stages = known.get(key) ?? unfoldStages(unfolding);
    known.set(key, stages);
    return stages;
  };
}

/** The same answer for the same object. */
function once<From extends object, To>(compute: (from: From) => To): (from: From) => To {
  const known = new Map<From, To>();
  return (from) => {
    const answer = known.get(from) ?? compute(from);
    known.set(from, answer);
    return answer;
  };
}

/** Whether no problem lies in the agent, or in anything that it uses. */
function isUntouched(reading: Reading, name: string, agent: Partial<AgentConfig>, strategy: string): boolean {
  const { report, document, registry } = reading;
  if (agent.steps === undefined || agent.target === undefined) return false;
  const steps = stepsOf(name, agent).flatMap(({ step }) => [step, `${name}/${step}`]);
  const own = [["agents", name], ["strategies", strategy], ...steps.map((step) => ["canary", "overrides", step])];
  if (!own.every((path) => report.isClean(document, path))) return false;
  if (!Array.isArray(agent.steps)) return true;
  const written = registry?.document ?? null;
  return written !== null && steps.every((step) => report.isClean(written, [step]));
}

function stateOf(written: string = defaults.state): StateSpec {
  const address = parseStateAddress(written);
  return address.ok ? address.value : readAgain(parseStateAddress(defaults.state));
}

/** A text that is no YAML may still say where the state is: without it nobody could watch the canaries under way. */
function illegible(text: string): Spec {
  const state = stateOf(/^state:[ \t]*["']?([a-z]+:[^\s"'#]+)/m.exec(text)?.[1]);
  return { digest: contentDigest({ state, agents: {} }), state, agents: {} };
}
