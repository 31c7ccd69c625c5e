// The target that engine tests and the simulator stand on keeps the laws of the real ones, and lets a scene meddle.

import { expect, test } from "vitest";
import type { Route } from "../../src/core/model/route.js";
import type { AgentId, Duration, Instant, RevisionId, Weight } from "../../src/core/model/units.js";
import { trafficTargetLaws } from "../../src/testing/laws/traffic-target.js";
import { MemoryTarget } from "../../src/testing/memory-target.js";

const now = () => 1_790_000_000_000 as Instant;

test.each(trafficTargetLaws)("$name", async (law) => {
  const target = new MemoryTarget(now);
  await law.check({ target, now, served: async (agent, revision) => target.served(agent, revision) });
});

const agent = "support" as AgentId;
const signal = new AbortController().signal;
const route: Route = {
  rollout: null,
  algo: "murmur3-32",
  salt: "s",
  stable: "r-a" as RevisionId,
  canary: null,
  weight: 0 as Weight,
  history: [],
  previous: null,
  fallback: false,
};
const shift = {
  kind: "shift" as const,
  agent,
  route,
  contents: [
    {
      id: route.stable,
      agent,
      steps: {},
      prompts: [],
      tools: [],
      release: null,
      origin: { commit: null, dirty: false },
    },
  ],
  lineage: "line-a",
  sessionTimeout: 1000 as Duration,
  sessionHeader: "x-session-id",
};

test("drift changes what is observed, and no fence", async () => {
  const target = new MemoryTarget(now);
  await target.act(shift, { epoch: 1, serial: 7 }, signal);
  target.drift(agent, { ...route, fallback: true });
  expect(await target.observe(agent, signal)).toMatchObject({ kind: "serving", route: { fallback: true } });
  expect(target.highestFence(agent)).toEqual({ epoch: 1, serial: 7 });
  expect(() => target.drift("billing" as AgentId, route)).toThrow("nothing serves billing yet");
});

test("harm is observed until it is healed, and an unreachable target takes no shift", async () => {
  const target = new MemoryTarget(now);
  await target.act(shift, { epoch: 1, serial: 1 }, signal);
  target.harm(agent, { kind: "unreachable", because: "the cable is out" });
  expect(await target.observe(agent, signal)).toMatchObject({ kind: "unreachable", because: "the cable is out" });
  await expect(target.act(shift, { epoch: 1, serial: 2 }, signal)).rejects.toMatchObject({ kind: "unreachable" });
  target.heal(agent);
  target.harm(agent, { kind: "foreign", because: "torn" });
  expect(await target.observe(agent, signal)).toMatchObject({ kind: "foreign" });
  await target.act(shift, { epoch: 1, serial: 2 }, signal);
  expect(await target.observe(agent, signal)).toMatchObject({ kind: "serving" });
});

test("a route of another family is observed with its lineage", async () => {
  const target = new MemoryTarget(now);
  target.usurp(agent, { route, lineage: "line-z", fence: { epoch: 4, serial: 1 } });
  expect(await target.observe(agent, signal)).toMatchObject({ kind: "serving", lineage: "line-z" });
});
