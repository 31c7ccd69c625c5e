// A repository in a temporary folder, and a journal in which a promotion has just happened.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { EvalResult } from "../../src/core/model/gate.js";
import type { Event, Operation } from "../../src/core/model/journal.js";
import type { RevisionContent } from "../../src/core/model/revision.js";
import type { AgentSpec } from "../../src/core/model/spec.js";
import type { AgentId, Instant, RevisionId, RolloutId } from "../../src/core/model/units.js";
import { openEvalShelf } from "../../src/repo/eval-shelf.js";
import { openPublisher, type PublisherPlace } from "../../src/repo/publisher.js";
import { createMemoryStore } from "../../src/testing/memory-store.js";
import { quickFolder } from "../support/quick-folder.js";

export const config = `version: 1
registry: registry/models.yaml
canary:
  overrides:
    planning: opus@2   # the candidate
agents:
  support:
    steps: [planning]   # one step
    target: live/support.json
`;
export const registry = "# models\nplanning: opus@1   # the planner\n";
export const baselineFile = "evals/baselines/support.json";

const support = "support" as AgentId;
export const stable = `r-${"1".repeat(64)}` as RevisionId;
export const canary = `r-${"2".repeat(64)}` as RevisionId;
const rollout = "support-r1" as RolloutId;
export const operation: Operation = {
  id: "support-r1-baseline",
  kind: "baseline",
  agent: support,
  revision: canary,
  rollout,
};
const now = Date.UTC(2026, 2, 1) as Instant;

const promotedResult: EvalResult = {
  suite: "default",
  revision: canary,
  recordedAt: now,
  scoreName: "pass rate",
  score: "0.91",
  passed: 91,
  failed: 9,
  errored: 0,
  byItem: { a: 1, b: 0 },
  unscored: [],
  digest: `sha256:${"0".repeat(64)}`,
};

/** Git of the tests: nobody's settings, an identity of its own unless the test takes it away. */
export const env = {
  PATH: process.env.PATH,
  HOME: "/nonexistent",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_SYSTEM: "/dev/null",
};

export class GitWorld {
  readonly folder = quickFolder("rollout-publisher-");
  readonly root = join(this.folder, "work");

  constructor(
    files: Readonly<Record<string, string>> = { "rollout.config.yaml": config, "registry/models.yaml": registry },
  ) {
    mkdirSync(this.root);
    this.git("init", "--quiet", "--initial-branch=main");
    this.git("config", "user.name", "Ada");
    this.git("config", "user.email", "ada@example.org");
    for (const [name, text] of Object.entries(files)) this.write(name, text);
    this.git("add", ".");
    this.git("commit", "--quiet", "-m", "Begin");
  }

  /** Gives it a bare remote, by path, and an upstream. */
  publish(): string {
    const remote = join(this.folder, "remote.git");
    execFileSync("git", ["init", "--quiet", "--bare", "--initial-branch=main", remote], { env });
    this.git("remote", "add", "origin", remote);
    this.git("push", "--quiet", "--set-upstream", "origin", "main");
    return remote;
  }

  git(...args: readonly string[]): string {
    return execFileSync("git", args, { cwd: this.root, env, encoding: "utf8" }).trim();
  }

  at(folder: string, ...args: readonly string[]): string {
    return execFileSync("git", args, { cwd: folder, env, encoding: "utf8" }).trim();
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(join(this.root, name)), { recursive: true });
    writeFileSync(join(this.root, name), text);
  }

  read(name: string): string {
    return readFileSync(join(this.root, name), "utf8");
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A journal in which `support` was just promoted to the canary, after an eval gate that passed. */
async function promotedStore({ overrides = { planning: "opus@2" }, by = "test" }: PublisherOptions) {
  const store = createMemoryStore({ now: () => now });
  const head = { at: now, by, plan: null };
  const target = { kind: "snapshot", path: "live/support.json" } as const;
  const gate = { kind: "eval", name: "eval", skip: null, suites: [] } as const;
  const evidence = {
    kind: "eval",
    suites: { default: { result: promotedResult, baseline: { missing: "none" } } },
  } as const;
  const verdict = { result: "pass", because: "", figures: {}, earliest: null } as const;
  const events: readonly Event[] = [
    { ...head, kind: "agent-adopted", stable, from: "registry", why: "", target },
    {
      ...head,
      kind: "rollout-started",
      id: rollout,
      origin: "spec",
      because: "",
      canary,
      stages: [{ kind: "gate", gate }],
      changes: [{ component: "step:planning", from: "opus@1", to: "opus@2" }],
      overrides,
      attempt: 1,
      salt: "s",
      runbook: null,
      target,
    } as unknown as Event,
    { ...head, kind: "gate-judged", rollout, stage: 0, verdict, evidence },
    { ...head, kind: "rollout-finished", rollout, outcome: "promoted" },
  ];
  for (const [index, event] of events.entries()) await store.append(support, index, event);
  const content: RevisionContent = {
    id: canary,
    agent: support,
    steps: { planning: { model: "opus", version: "2", params: {} } },
    prompts: [],
    tools: [],
    release: null,
    origin: { commit: null, dirty: false },
  };
  await store.putRevision(content);
  return store;
}

export interface PublisherOptions {
  readonly commit?: "direct" | "branch" | "none";
  readonly env?: PublisherPlace["env"];
  readonly overrides?: Readonly<Record<string, string>>;
  readonly folder?: string;
  /** Who wrote the journal. */
  readonly by?: string;
}

export async function publisherOf(world: GitWorld, options: PublisherOptions = {}) {
  const root = options.folder ?? world.root;
  const evals = {
    results: null,
    resultsByDigest: "evals/results/{agent}/{digest}.json",
    baseline: "evals/baselines/{agent}.json",
    commit: options.commit ?? "direct",
  };
  const agentSpec = (agent: AgentId) =>
    agent === support ? ({ agent, evals, stages: [] } as unknown as AgentSpec) : null;
  const store = await promotedStore(options);
  return openPublisher({ root, agentSpec, evals: openEvalShelf({ root, agentSpec }), store, env: options.env ?? env });
}
