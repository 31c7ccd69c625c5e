/** What a spec becomes: revisions, overrides, stages, defaults. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { SpecReading } from "../../src/config/read-spec.js";
import { readSpec } from "../../src/config/read-spec.js";
import type { Gate, Stage } from "../../src/core/model/gate.js";
import type { AgentSpec } from "../../src/core/model/spec.js";
import { type MemoryTree, memoryWorktree } from "../support/memory-worktree.js";

const files = {
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

function read(text: string, tree: Partial<MemoryTree> = {}): SpecReading {
  return readSpec({ file: "rollout.config.yaml", text, tree: memoryWorktree({ files, ...tree }) });
}

function agentOf(text: string, tree: Partial<MemoryTree> = {}, name = "support"): AgentSpec {
  const reading = read(text, tree);
  if (!reading.ok) throw new Error(JSON.stringify(reading.problems, null, 1));
  const agent = reading.value.agents[name];
  if (agent === undefined) throw new Error(`no agent ${name}`);
  return agent;
}

/** The course in a line: `eval 5% canary(24h/48h) 50% …`. */
function course(stages: readonly Stage[]): string {
  const hours = (ms: number): string => `${ms / 3_600_000}h`;
  return stages
    .map((stage) => {
      if (stage.kind === "weight") return `${stage.weight / 100}%`;
      const { gate } = stage;
      return gate.kind === "health" ? `${gate.name}(${hours(gate.hold)}/${hours(gate.until)})` : gate.name;
    })
    .join(" ");
}

function gatesOf<K extends Gate["kind"]>(agent: AgentSpec, kind: K): readonly Extract<Gate, { kind: K }>[] {
  const gates = agent.stages.flatMap((stage) => (stage.kind === "gate" ? [stage.gate] : []));
  return gates.filter((gate): gate is Extract<Gate, { kind: K }> => gate.kind === kind);
}

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
      session: { header: "x-session-id", timeout: 1_800_000, unit: "session" },
      algo: "murmur3-32",
      budget: { costUsd: 0.5, llmCalls: 40, latencySec: null },
      onDrift: "correct",
      onNewRevision: "queue",
      oneChangeAtATime: false,
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

describe("a strategy of one's own", () => {
  const reading = read(ownStrategy);
  const agent = agentOf(ownStrategy);

  test("is read as it is printed, and says what is not watched yet", () => {
    expect(reading.ok).toBe(true);
    expect(reading.ok && reading.warnings.map(({ code, about }) => [code, about])).toEqual([
      ["config/not-yet", "strategies.careful.gates.canary.metrics.task_success_rate.floor"],
    ]);
    expect(agent.notices).toEqual(["floors are not watched yet"]);
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
    const reading = read(
      "version: 1\nregistry: registry/models.yaml\ncanary: { overrides: { parsing: m@latest } }\nagents: { support: { steps: [parsing], target: a } }",
    );
    expect(reading.ok && reading.warnings.map(({ code }) => code)).toEqual([
      "config/override-drops-params",
      "config/moving-version",
    ]);
  });
});

describe("gates", () => {
  const strategy = (body: string, agent = ""): AgentSpec =>
    agentOf(
      `version: 1\nstrategies:\n  own:\n    ramp: [{ weight: 10%, hold: 2h }, { weight: 50%, hold: 4h, until: 5h }, { weight: 100% }]\n${body}\nagents: { support: { steps: { planning: m@1 }, target: a, strategy: own${agent} } }`,
    );

  test("`full` inherits `canary`, and a margin of its own has a tolerance of its own", () => {
    const agent = strategy(`    undecided: rollback
    gates:
      canary:
        prove: [mean_cost_usd]
        alpha: 0.01
        beta: 0.1
        min_sessions: 99
        stale_after: 6h
        metrics:
          task_success_rate: { max_drop: 10pp, tolerance: 1pp }
          rollback_rate: { max_rise: 4pp, tolerance: 3pp }
      full:
        beta: 0.02
        metrics:
          task_success_rate: { max_drop: 4pp }
          rollback_rate: { tolerance: 1pp }`);
    const [canary, full] = gatesOf(agent, "health");
    const rule = (gate: typeof canary, name: string) => {
      const found = gate?.metrics.find(({ metric }) => metric === name);
      return [found?.margin.value, found?.tolerance.value];
    };
    expect(canary).toMatchObject({ name: "canary", alpha: 0.01, beta: 0.1, minSessions: 99, staleAfter: 21_600_000 });
    expect(full).toMatchObject({ name: "full", alpha: 0.01, beta: 0.02, minSessions: 99, staleAfter: 21_600_000 });
    expect(full?.prove).toEqual(["mean_cost_usd"]);
    expect([rule(canary, "task_success_rate"), rule(full, "task_success_rate")]).toEqual([
      [0.1, 0.01],
      [0.04, 0.02],
    ]);
    expect([rule(canary, "rollback_rate"), rule(full, "rollback_rate")]).toEqual([
      [0.04, 0.03],
      [0.04, 0.01],
    ]);
    expect([canary?.undecided, full?.until]).toEqual(["rollback", 18_000_000]);
  });

  test("approval stands before the first weight and before each rise, behind the window", () => {
    const agent = strategy(`    gates:
      approval: { life: 3d }
      freezes: [{ from: 2026-12-24, to: 2026-12-26, because: holidays }]`);
    expect(course(agent.stages)).toBe(
      "eval window approval 10% canary(2h/4h) window approval 50% full(4h/5h) window approval 100%",
    );
    expect(gatesOf(agent, "approval")[0]?.life).toBe(259_200_000);
    const [freeze] = gatesOf(agent, "window")[0]?.freezes ?? [];
    expect([new Date(freeze?.from ?? 0).toISOString(), new Date(freeze?.to ?? 0).toISOString()]).toEqual([
      "2026-12-24T00:00:00.000Z",
      "2026-12-27T00:00:00.000Z",
    ]);
  });

  test("a gate that is left out stays in the course with its reason, and every plan hears of it", () => {
    const agent = strategy(`    gates:
      eval: { skip: { because: no suite yet } }
      canary: { skip: { because: internal tool } }`);
    expect(gatesOf(agent, "eval")[0]?.skip).toBe("no suite yet");
    expect(gatesOf(agent, "health").map(({ name, skip }) => [name, skip])).toEqual([
      ["canary", "internal tool"],
      ["full", null],
    ]);
    expect(agent.notices).toEqual([
      "the eval gate is skipped: no suite yet",
      "the canary gate is skipped: internal tool",
    ]);
  });

  test("a paired eval gate leaves 0.04 for the traffic", () => {
    const agent = strategy(
      "    gates: { eval: [{ suite: a }, { suite: b, decision: paired, min_score: 0.7 }] }",
      ", evals: { max_age: 3d }",
    );
    expect(
      gatesOf(agent, "eval")[0]?.suites.map(({ suite, minScore, decision, maxAge }) => [
        suite,
        minScore,
        decision,
        maxAge,
      ]),
    ).toEqual([
      ["a", "0.85", "point", 259_200_000],
      ["b", "0.7", "paired", 259_200_000],
    ]);
    expect(gatesOf(agent, "health").map(({ alpha }) => alpha)).toEqual([0.04, 0.04]);
  });

  test("going on undecided is a policy with its reason", () => {
    const agent = strategy("    undecided: { proceed: { because: forty sessions a day } }");
    expect(gatesOf(agent, "health")[0]?.undecided).toEqual({
      proceed: { because: "forty sessions a day", minSessions: 30 },
    });
  });

  test("low-traffic climbs 25, 50, 100 % with wide margins and a paired eval", () => {
    const agent = agentOf(
      "version: 1\nagents: { support: { steps: { planning: m@1 }, target: a, strategy: low-traffic } }",
    );
    expect(course(agent.stages)).toBe("eval 25% canary(48h/168h) 50% full(48h/168h) 100%");
    expect(gatesOf(agent, "eval")[0]?.suites[0]?.decision).toBe("paired");
    expect(gatesOf(agent, "health")[0]?.metrics.map(({ margin }) => margin.value)).toEqual([
      0.1, 0.5, 0.5, 0.1, 0.05, 0.5,
    ]);
  });

  test("a strategy of a built-in name replaces it", () => {
    const agent = agentOf(
      "version: 1\nstrategies: { standard: { ramp: [{ weight: 1% }, { weight: 100% }] } }\nagents: { support: { steps: { planning: m@1 }, target: a } }",
    );
    expect(course(agent.stages)).toBe("eval 1% full(24h/48h) 100%");
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
    const extra = { ...files, "prompts/support/new.md": "new" };
    const reading = read(text, { files: extra, untracked: ["prompts/support/new.md"] });
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
  const reading = read(text);

  test("leaves the others readable, for watching alone", () => {
    expect(reading.ok).toBe(false);
    expect(!reading.ok && Object.keys(reading.partial?.agents ?? {})).toEqual(["well"]);
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

  test("text that is no YAML says nothing about anybody", () => {
    const torn = read("agents: [");
    expect(!torn.ok && torn.partial).toBe(null);
  });
});
