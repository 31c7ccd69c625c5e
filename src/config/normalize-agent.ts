// Step three: one agent, complete, with no defaults left to apply. Only for agents that nobody complained about.

import type { AgentConfig, StrategyConfig } from "../core/generated/rollout-config.js";
import type { Stage } from "../core/model/gate.js";
import type { Release, RevisionContent, TrackedFile } from "../core/model/revision.js";
import type { AgentSpec, EvalsSpec, SourceSpec, TargetSpec } from "../core/model/spec.js";
import type { AgentId } from "../core/model/units.js";
import { floorsOf } from "./floors.js";
import { rolloutConfigDefaults as defaults } from "./generated/rollout-config-shape.js";
import { kubernetesNotices, kubernetesTarget } from "./kubernetes-target.js";
import { litellmNotices, litellmTarget } from "./litellm-target.js";
import type { Reading } from "./reading.js";
import { resolveSteps } from "./resolve-steps.js";
import { revisionId } from "./revision-digest.js";
import type { unfoldStages } from "./unfold-stages.js";
import { parseDuration } from "./units/duration.js";
import { readAgain } from "./units/parsed.js";
import { parsePath } from "./units/repository-path.js";
import type { GlobMatch } from "./worktree.js";

export interface Named {
  readonly name: string;
  readonly agent: AgentConfig;
}

export function normalizeAgent(
  reading: Reading,
  { name, agent }: Named,
  strategy: StrategyConfig,
  unfold: typeof unfoldStages,
): AgentSpec {
  const steps = resolveSteps(reading, name, agent);
  const timeout = readAgain(parseDuration(agent.session?.timeout ?? defaults["agents.*.session.timeout"]));
  const stages = unfold({ strategy, agent, sessionTimeout: timeout });
  const content = revisionContent(reading, name, agent);
  const revision = content(steps.desired);
  return {
    agent: name as AgentId,
    revision,
    base: steps.overridden.length === 0 ? revision : content(steps.base),
    overrides: steps.overridden,
    target: targetSpec(agent.target),
    source: sourceSpec(agent),
    strategy: agent.strategy ?? defaults["agents.*.strategy"],
    stages,
    floors: floorsOf(agent, strategy),
    session: {
      header: agent.session?.header ?? defaults["agents.*.session.header"],
      timeout,
      unit: agent.session?.unit ?? defaults["agents.*.session.unit"],
      ...(agent.session?.unit === "user"
        ? { userHeader: agent.session.user_header ?? defaults["agents.*.session.user_header"] }
        : {}),
    },
    algo: agent.session?.algo ?? defaults["agents.*.session.algo"],
    budget: {
      costUsd: agent.budget?.cost_usd ?? null,
      llmCalls: agent.budget?.llm_calls ?? null,
      latencySec: agent.budget?.latency_sec ?? null,
    },
    onDrift: agent.on_drift ?? defaults["agents.*.on_drift"],
    onNewRevision: agent.on_new_revision ?? defaults["agents.*.on_new_revision"],
    restoreWithin: readAgain(parseDuration(agent.restore_within ?? defaults["agents.*.restore_within"])),
    runbook: agent.runbook === undefined ? null : pathOf(agent.runbook),
    evals: evalsSpec(name, agent),
    notices: noticesOf(agent, stages),
  };
}

/** The revision around some resolved steps. */
function revisionContent(
  reading: Reading,
  name: string,
  agent: AgentConfig,
): (steps: RevisionContent["steps"]) => RevisionContent {
  const [prompts, tools, paths] = [agent.prompts, agent.tools, releasePaths(agent)].map(reading.match) as [
    GlobMatch,
    GlobMatch,
    GlobMatch,
  ];
  const release: Release | null =
    agent.release === undefined
      ? null
      : typeof agent.release === "string"
        ? { kind: "name", name: agent.release.trim() }
        : { kind: "paths", files: tracked(paths) };
  const parts = {
    prompts: reading.prompts(agent.prompts).map(({ prompt }) => prompt),
    tools: tracked(tools),
    release,
  };
  const dirty = [prompts, tools, paths].some((match) => match.files.some(({ modified }) => modified));
  const origin = { commit: reading.tree.commit, dirty };
  return (steps) => ({ id: revisionId({ steps, ...parts }), agent: name as AgentId, steps, ...parts, origin });
}

export function releasePaths(agent: Partial<AgentConfig>): string | readonly string[] | undefined {
  return typeof agent.release === "object" ? agent.release.paths : undefined;
}

function tracked({ files }: GlobMatch): readonly TrackedFile[] {
  return files.map(({ path, blob }) => ({ path, blob }));
}

function sourceSpec({ source }: AgentConfig): SourceSpec {
  if (source === undefined || typeof source === "string" || source.kind === "embedded") return { kind: "embedded" };
  const timeout = readAgain(parseDuration(source.timeout ?? defaults["agents.*.source.timeout"]));
  return { kind: "command", run: source.run, timeout, env: source.env ?? defaults["agents.*.source.env"] };
}

function evalsSpec(name: string, { evals = {} }: AgentConfig): EvalsSpec {
  const { baseline = {} } = evals;
  const written = typeof baseline === "string" ? { path: baseline } : baseline;
  const filled = (path: string): string => pathOf(path).replaceAll("{agent}", name);
  return {
    results: evals.results === undefined ? null : filled(evals.results),
    score: evals.score ?? null,
    resultsByDigest: filled(evals.results_by_digest ?? defaults["agents.*.evals.results_by_digest"]),
    baseline: filled(written.path ?? defaults["agents.*.evals.baseline.path"]),
    commit: written.commit ?? defaults["agents.*.evals.baseline.commit"],
  };
}

/** What every plan shows of this agent, beside what it would do. */
function noticesOf(agent: AgentConfig, stages: readonly Stage[]): readonly string[] {
  const skipped = stages.flatMap((stage) =>
    stage.kind === "gate" && stage.gate.skip !== null
      ? [`the ${stage.gate.name} gate is skipped: ${stage.gate.skip}`]
      : [],
  );
  const { session, target } = agent;
  const drawsByItself = typeof target === "object" && (target.kind === "haproxy" || target.kind === "nginx");
  const md5 = session?.algo === "md5-100" && !drawsByItself;
  return [
    ...new Set(skipped),
    ...(md5 ? ["md5-100 puts the same sessions into every canary"] : []),
    ...proxyNotices(agent),
  ];
}

function targetSpec(target: AgentConfig["target"]): TargetSpec {
  if (typeof target === "string") return { kind: "snapshot", path: pathOf(target) };
  const path = pathOf(target.path);
  switch (target.kind) {
    case "snapshot":
      return { kind: "snapshot", path };
    case "haproxy":
      return { kind: "haproxy", path, map: pathOf(target.map), socket: target.socket };
    case "nginx":
      return { kind: "nginx", path, include: pathOf(target.include), status: target.status, reload: target.reload };
    case "kubernetes":
      return kubernetesTarget(target, path);
    case "flagd":
      return { kind: "flagd", path, flags: pathOf(target.flags), key: target.key ?? null };
    case "litellm":
      return litellmTarget(target, { path, include: pathOf(target.include) });
    case "command": {
      const timeout = readAgain(parseDuration(target.timeout ?? defaults["agents.*.target.timeout"]));
      return { kind: "command", path, run: target.run, timeout, env: target.env ?? defaults["agents.*.target.env"] };
    }
  }
}

/** What a proxy cannot do that the router can: declared, so that nobody takes it for held. */
function proxyNotices({ target, release }: AgentConfig): readonly string[] {
  if (typeof target === "string" || target.kind === "snapshot") return [];
  if (target.kind === "kubernetes") return kubernetesNotices(target, release);
  if (target.kind === "litellm") return litellmNotices(target);
  if (target.kind === "command")
    return [
      "which session goes where, and that a newer split wins over an older one, is the target program's to keep: it is given no history of weights",
    ];
  const unsticky = `sessions are not sticky to the weight at their start: ${target.kind} keeps no history of weights, so a rise can move live sessions to the canary`;
  if (target.kind === "flagd") return [unsticky];
  return [unsticky, `${target.kind} draws by its own hash, not by session.algo, and ${unfenced[target.kind]}`];
}

/** Who keeps older writes away where the proxy itself would take any. */
const unfenced = {
  haproxy:
    "compares no fences: an older write that comes late can be in force for a moment, until that of the map file is set again",
  nginx: "compares no fences: the include refuses an older write",
};

function pathOf(text: string): string {
  return readAgain(parsePath(text));
}
