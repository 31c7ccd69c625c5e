/** What a strategy unfolds to: the stages in their order, and the settings of every gate. */
import { expect, test } from "vitest";
import type { AgentSpec } from "../../src/core/model/spec.js";
import { agentOf, course, gatesOf } from "../support/read-example.js";

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
