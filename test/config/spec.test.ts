/** What a spec becomes: revisions, overrides, defaults. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { AgentSpec } from "../../src/core/model/spec.js";
import { agentOf, course, exampleFiles, gatesOf, readExample } from "../support/read-example.js";

const minimal = readFileSync("test/fixtures/config/examples/minimal.yaml", "utf8");
const ownStrategy = readFileSync("test/fixtures/config/examples/own-strategy.yaml", "utf8");

describe("the least that works", () => {
  const agent = agentOf(minimal);

  test("has every default", () => {
    const { revision, base, stages, ...rest } = agent;
    expect(base.id).toBe(revision.id);
    expect(rest).toEqual({
      agent: "support",
      overrides: [],
      target: { kind: "snapshot", path: "live/support.json" },
      source: { kind: "embedded" },
      strategy: "standard",
      floors: [],
      session: { header: "x-session-id", timeout: 1_800_000, unit: "session" },
      algo: "murmur3-32",
      budget: { costUsd: 0.5, llmCalls: 40, latencySec: null },
      onDrift: "correct",
      onNewRevision: "queue",
      restoreWithin: 604_800_000,
      runbook: "runbooks/task-success-drop.md",
      evals: {
        results: "evals/results/support.json",
        score: null,
        resultsByDigest: "evals/results/support/{digest}.json",
        baseline: "evals/baselines/support.json",
        commit: "branch",
      },
      notices: [],
    });
    expect(course(stages)).toBe("eval 5% canary(24h/48h) 50% full(24h/48h) 100%");
  });

  test("counts users where it says so, with the header that carries their ids", () => {
    const { session } = agentOf(`${minimal}\n    session: { unit: user }\n`);
    expect(session).toEqual({ header: "x-session-id", timeout: 1_800_000, unit: "user", userHeader: "x-user-id" });
    const named = agentOf(`${minimal}\n    session: { unit: user, user_header: x-account-id }\n`).session;
    expect(named.userHeader).toBe("x-account-id");
    expect(agentOf(`${minimal}\n    session: { user_header: x-account-id }\n`).session.unit).toBe("session");
  });

  test("asks its evals for the score that it names", () => {
    const [gate] = gatesOf(agent, "eval");
    expect(gate).toEqual({
      kind: "eval",
      name: "eval",
      skip: null,
      suites: [
        {
          suite: "default",
          minScore: "0.85",
          maxRegression: "0.05",
          maxAge: 1_209_600_000,
          maxErrors: "0.05",
          decision: "point",
        },
      ],
    });
  });

  test("guards all six metrics, and proves task success", () => {
    const [canary] = gatesOf(agent, "health");
    expect(canary).toMatchObject({
      prove: ["task_success_rate"],
      alpha: 0.05,
      beta: 0.05,
      minSessions: 20,
      undecided: "hold",
    });
    expect(canary?.staleAfter).toBe(9_000_000);
    expect(
      canary?.metrics.map(({ metric, margin, tolerance }) => [metric, margin.kind, margin.value, tolerance.value]),
    ).toEqual([
      ["task_success_rate", "points", 0.05, 0.025],
      ["mean_llm_calls", "relative", 0.2, 0.2],
      ["mean_cost_usd", "relative", 0.2, 0.2],
      ["checkpoint_trigger_rate", "points", 0.05, 0.025],
      ["rollback_rate", "points", 0.02, 0.01],
      ["p95_latency_sec", "relative", 0.25, 0.25],
    ]);
  });

  test("has prompts by name and text", () => {
    expect(agent.revision.prompts.map(({ name, path, blob, text }) => [name, path, blob, text])).toEqual([
      ["de/system", "prompts/support/de/system.md", "dc3839f97b3cbe6b2f01338c077921780acc3cef", "Du hilfst.\n"],
      ["system", "prompts/support/system.md", "1e7f4d3b80bb41639f2b70e5a7fd089f0ad5afb1", "You are helpful.\n"],
    ]);
  });
});

test("a source that is a program has every default", () => {
  const sourceOf = (source: string): AgentSpec["source"] =>
    agentOf(minimal.replace("    target:", `    source: ${source}\n    target:`)).source;
  expect(sourceOf("{ kind: command, run: [node, metrics.mjs] }")).toEqual({
    kind: "command",
    run: ["node", "metrics.mjs"],
    timeout: 30_000,
    env: [],
  });
  expect(sourceOf("{ kind: command, run: [ops/metrics], timeout: 5s, env: [TOKEN] }")).toEqual({
    kind: "command",
    run: ["ops/metrics"],
    timeout: 5_000,
    env: ["TOKEN"],
  });
  expect(sourceOf("{ kind: embedded }")).toEqual({ kind: "embedded" });
});

describe("floors", () => {
  const floorsAt = (agentLines: string, gates: string): AgentSpec["floors"] =>
    agentOf(`version: 1
strategies:
  careful:
    ramp: [{ weight: 5%, hold: 24h }, { weight: 100% }]
    gates: { ${gates} }
agents:
  support:
    steps: { planning: claude-opus-4-5@20251101 }
    strategy: careful
    target: live/support.json
    ${agentLines}
`).floors;

  test("stand at the agent, for every metric in its own unit", () => {
    const floors = `floors: { p95_latency_sec: 60, task_success_rate: 80%, mean_llm_calls: 12, mean_cost_usd: 0.80,
      checkpoint_trigger_rate: 10%, rollback_rate: 0.5% }`;
    expect(floorsAt(floors, "")).toEqual([
      { metric: "task_success_rate", least: 0.8 },
      { metric: "mean_llm_calls", most: 12 },
      { metric: "mean_cost_usd", most: 0.8 },
      { metric: "checkpoint_trigger_rate", most: 0.1 },
      { metric: "rollback_rate", most: 0.005 },
      { metric: "p95_latency_sec", most: 60 },
    ]);
  });

  test("of several of one metric the strictest is watched", () => {
    const gates =
      "canary: { metrics: { mean_cost_usd: { floor: 0.5 }, task_success_rate: { floor: 70% } } }, full: { metrics: { mean_cost_usd: { floor: 0.9 } } }";
    expect(floorsAt("floors: { mean_cost_usd: 0.7, task_success_rate: 75% }", gates)).toEqual([
      { metric: "task_success_rate", least: 0.75 },
      { metric: "mean_cost_usd", most: 0.5 },
    ]);
    expect(floorsAt("floors: {}", gates)).toEqual([
      { metric: "task_success_rate", least: 0.7 },
      { metric: "mean_cost_usd", most: 0.5 },
    ]);
  });
});

describe("a strategy of one's own", () => {
  const reading = readExample(ownStrategy);
  const agent = agentOf(ownStrategy);

  test("is read as it is printed, with its floor", () => {
    expect(reading.ok && reading.warnings).toEqual([]);
    expect(agent.floors).toEqual([{ metric: "task_success_rate", least: 0.8 }]);
    expect(agent.notices).toEqual([]);
  });

  test("unfolds in order, with the window at every rise", () => {
    expect(course(agent.stages)).toBe("eval ready window 5% canary(24h/48h) window 50% full(24h/48h) window 100%");
    expect(gatesOf(agent, "window")[0]?.windows).toEqual([
      { days: [1, 2, 3, 4], from: 540, to: 960, zone: "Europe/Berlin" },
    ]);
    expect(gatesOf(agent, "ready")[0]?.http).toBe("http://support-canary/healthz");
  });

  test("resolves steps by the registry, the agent's own line first, then the override", () => {
    const { base, revision, overrides } = agent;
    expect(base.steps).toEqual({
      parsing: { model: "claude-haiku-4-5", version: "20251001", params: { temperature: 0.2 } },
      planning: { model: "claude-opus-4-5", version: "20251101", params: {} },
      synthesis: { model: "claude-sonnet-4-5", version: "20250929", params: {} },
    });
    expect(revision.steps).toEqual({
      ...base.steps,
      planning: { model: "claude-opus-4-6", version: "20260115", params: {} },
    });
    expect(overrides).toEqual(["planning"]);
    expect(revision.id).not.toBe(base.id);
  });

  test("has release and tools by content", () => {
    expect(agent.revision.release).toEqual({
      kind: "paths",
      files: [{ path: "src/support/agent.ts", blob: "8cec2e9ced0d3575a0f7b97c7396d5bcefe0ea5e" }],
    });
    expect(agent.revision.tools.map(({ path }) => path)).toEqual(["tools/support/refund.json"]);
  });
});

describe("overrides", () => {
  const spec = (registry: string, overrides: string): AgentSpec =>
    agentOf(
      `version: 1\nregistry: registry/models.yaml\n${overrides}\nagents: { support: { steps: [planning], target: a } }\n`,
      { files: { "registry/models.yaml": registry } },
    );
  const old = "planning: m@1";

  test("folding a promoted override into the registry changes nothing", () => {
    const before = spec(old, "canary: { overrides: { planning: m@2 } }");
    const folded = spec("planning: m@1\nsupport/planning: m@2", "");
    const both = spec("planning: m@1\nsupport/planning: m@2", "canary: { overrides: { planning: m@2 } }");
    expect(folded.revision.id).toBe(before.revision.id);
    expect(folded.overrides).toEqual([]);
    // While other agents still need the shared override, it says nothing new about this one.
    expect(both.overrides).toEqual([]);
    expect(both.base.id).toBe(before.revision.id);
  });

  test.each([
    ["canary: { overrides: { planning: m@2 } }", "2"],
    ["canary: { overrides: { planning: m@2, support/planning: m@3 } }", "3"],
    ["canary: { overrides: }", "1"],
    ["canary:", "1"],
    ["", "1"],
  ])("%s: version %s", (overrides, version) => {
    expect(spec(old, overrides).revision.steps.planning?.version).toBe(version);
  });

  test("the agent's own wins", () => {
    const agent = agentOf(
      "version: 1\ncanary: { overrides: { planning: m@2 } }\nagents: { support: { steps: { planning: m@1 }, overrides: { planning: m@3 }, target: a } }",
    );
    expect(agent.revision.steps.planning?.version).toBe("3");
    expect(agent.base.steps.planning?.version).toBe("1");
  });

  test("one without parameters says that it drops those of the entry", () => {
    const reading = readExample(
      "version: 1\nregistry: registry/models.yaml\ncanary: { overrides: { parsing: m@latest } }\nagents: { support: { steps: [parsing], target: a } }",
    );
    expect(reading.ok && reading.warnings.map(({ code }) => code)).toEqual([
      "config/override-drops-params",
      "config/moving-version",
    ]);
  });
});

describe("files", () => {
  const text =
    "version: 1\nagents: { support: { steps: { planning: m@1 }, target: a, prompts: prompts/support/*.md } }";

  test("the commit is noted and no part of the digest; content that is not committed is called dirty", () => {
    const commit = "0123456789abcdef0123456789abcdef01234567";
    const clean = agentOf(text, { commit });
    const dirty = agentOf(text, { commit: null, modified: ["prompts/support/system.md"] });
    expect(clean.revision.origin).toEqual({ commit, dirty: false });
    expect(dirty.revision.origin).toEqual({ commit: null, dirty: true });
    expect(dirty.revision.id).toBe(clean.revision.id);
  });

  test("a file that git does not track is said, and is no part of the revision", () => {
    const extra = { ...exampleFiles, "prompts/support/new.md": "new" };
    const reading = readExample(text, { files: extra, untracked: ["prompts/support/new.md"] });
    expect(reading.ok && reading.warnings.map(({ code, hint }) => [code, hint])).toEqual([
      ["config/untracked-files", "git add -- prompts/support/new.md"],
    ]);
    expect(reading.ok && reading.value.agents.support?.revision.id).toBe(agentOf(text).revision.id);
  });
});

describe("an error of one agent", () => {
  const text = `version: 1
registry: registry/models.yaml
canary: { overrides: { planing: m@2 } }
strategies:
  broken: { ramp: [{ weight: 5% }] }
agents:
  well: { steps: [planning], target: live/well.json }
  typo: { steps: [planning], target: live/typo.json, runbok: x }
  ramp: { steps: [planning], target: live/ramp.json, strategy: broken }
  step: { steps: [nothing], target: live/step.json }
  bare: {}
`;
  const reading = readExample(text);

  test("leaves the others readable, for watching alone", () => {
    expect(reading.ok).toBe(false);
    expect(!reading.ok && Object.keys(reading.partial.agents)).toEqual(["well"]);
  });

  test("says which agent it is about", () => {
    expect(!reading.ok && reading.problems.map(({ about }) => about)).toEqual([
      "canary.overrides.planing",
      "strategies.broken.ramp[0].weight",
      "agents.typo.runbok",
      "agents.step.steps[0]",
      "agents.bare",
      "agents.bare",
    ]);
  });

  test.each([
    ["agents: [", { kind: "sqlite", path: ".rollout/state.db" }],
    ["state: sqlite:var/rollout.db # here\nagents: [", { kind: "sqlite", path: "var/rollout.db" }],
    ['state: "sqlite:var/rollout.db"\nagents: [', { kind: "sqlite", path: "var/rollout.db" }],
    ["state: sqlite:../outside.db\nagents: [", { kind: "sqlite", path: ".rollout/state.db" }],
    [
      "state: postgres://example/rollout\nagents: [",
      { kind: "postgres", from: "address", url: "postgres://example/rollout" },
    ],
    ["state: git:rollout-state\nagents: [", { kind: "git", branch: "rollout-state", workspace: "fresh" }],
  ])("of %j nothing is known but where the state is", (text, state) => {
    const torn = readExample(text);
    expect(!torn.ok && [torn.partial.agents, torn.partial.state]).toEqual([{}, state]);
  });
});
