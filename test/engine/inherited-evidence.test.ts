/** Evidence belongs to a revision: trying again until it passes buys no new budget. */
import { expect, test } from "vitest";
import { memoryAfter, openedMemory } from "../../src/core/gate/health-accumulator.js";
import type { HealthMemory } from "../../src/core/gate/health-memory.js";
import type { RoutingUnit } from "../../src/core/model/route.js";
import type { FinishedRollout, Rollout } from "../../src/core/model/state.js";
import {
  type AgentId,
  type Duration,
  noWeight,
  type RevisionId,
  type RolloutId,
  type Weight,
} from "../../src/core/model/units.js";
import { gatherHealth } from "../../src/engine/health.js";
import type { Run } from "../../src/engine/run.js";
import { createMemorySource } from "../../src/testing/memory-source.js";
import { createMemoryStore } from "../../src/testing/memory-store.js";
import { steady, wide } from "../support/health-scene.js";
import { atHour, metricNames, trafficOf } from "../support/health-traffic.js";

const agent = "support" as AgentId;
const stable = "r-a" as RevisionId;
const canary = "r-b" as RevisionId;
const first = "support-4" as RolloutId;
const second = "support-9" as RolloutId;
const noHistory = Object.fromEntries(metricNames.map((metric) => [metric, []])) as never;

/** What the first rollout saw in an hour. */
function seen(): HealthMemory {
  const opened = openedMemory({ rollout: first, gate: wide, stage: 2, horizon: 400, history: noHistory });
  return trafficOf({ ...steady, from: atHour(0), blocks: 12 }).reduce(
    (memory, block) => memoryAfter(memory, wide, block),
    opened,
  );
}

async function memoryOfSecond(
  finished: readonly FinishedRollout[],
  unit: RoutingUnit = "session",
): Promise<HealthMemory> {
  const now = atHour(20);
  const store = createMemoryStore({ now: () => now });
  await store.saveMemory(agent, seen());
  const rollout = {
    id: second,
    canary,
    stages: [
      { kind: "weight", weight: 2000 as Weight },
      { kind: "gate", gate: wide },
    ],
    session: { header: "x", timeout: 0 as Duration, unit },
    history: [{ at: atHour(19), weight: 2000 as Weight }],
    confirmed: noWeight,
    startedAt: atHour(19),
    weightSince: atHour(19),
  } as unknown as Rollout;
  const doors = { store, source: () => createMemorySource() } as unknown as Run["doors"];
  const run = { doors, patience: 1000 as Duration } as Run;
  const evidence = await gatherHealth(run, {
    state: { agent, finished, fallback: null, fallbackEndedAt: null },
    stable,
    rollout,
    stage: 1,
    now,
    remember: false,
  });
  if (evidence.kind !== "health") throw new Error(`no health was gathered: ${JSON.stringify(evidence)}`);
  return evidence.memory;
}

const ended = (parts: Partial<FinishedRollout>): FinishedRollout => ({
  id: first,
  canary,
  outcome: "withdrawn",
  at: atHour(2),
  failed: false,
  ...parts,
});
const watermark = seen().watermark;

test.each<readonly [string, readonly FinishedRollout[], boolean]>([
  ["a withdrawn rollout of the same canary hands its evidence on", [ended({})], true],
  ["an aborted one does too: it proved nothing", [ended({ outcome: "rolled-back" })], true],
  ["after a fail a retry starts afresh", [ended({ outcome: "rolled-back", failed: true })], false],
  ["another canary's evidence is another's", [ended({ canary: "r-c" as RevisionId })], false],
  [
    "a promotion in between is another stable",
    [ended({}), ended({ id: "support-6" as RolloutId, canary: "r-c" as RevisionId, outcome: "promoted" })],
    false,
  ],
  ["nothing to inherit", [], false],
])("%s", async (_, finished, inherits) => {
  const memory = await memoryOfSecond(finished);
  expect(memory.rollout).toBe(second);
  expect(memory.stage).toBe(1);
  expect(memory.watermark).toBe(inherits ? watermark : null);
});

test("what was counted by session is no evidence where users are counted", async () => {
  const memory = await memoryOfSecond([ended({})], "user");
  expect(memory).toMatchObject({ rollout: second, unit: "user", watermark: null });
});
