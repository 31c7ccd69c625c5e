/** What a rollout saw is handed on to the next one of the same canary. */
import { expect, test } from "vitest";
import { enterHealthStage, handOnHealth } from "../../../src/core/gate/kinds/health.js";
import type { RolloutId } from "../../../src/core/model/units.js";
import { judged, metricOf, steady, twelveHours, wide } from "../../support/health-scene.js";
import { absorbed, atHour, opened, trafficOf } from "../../support/health-traffic.js";

const next = "support-9" as RolloutId;
const first = absorbed(opened(wide), wide, trafficOf(steady));
const entered = enterHealthStage(handOnHealth(first, next), { gate: wide, stage: 2, horizon: 800 });
const at = { gate: wide, since: twelveHours, now: atHour(36) };

test("it is the next rollout's", () => {
  expect(entered.rollout).toBe(next);
});

test("the sessions of the next rollout count, also at the weight at which the former one ended", () => {
  const memory = absorbed(entered, wide, trafficOf({ ...steady, from: atHour(12) }));
  expect(Number(judged(memory, at).figures.canary_sessions)).toBeGreaterThan(0);
  expect(judged(memory, at).result).toBe("pass");
});

test("what spoke for a fail goes on speaking, and a pass starts anew", () => {
  const before = metricOf(judged(first, at), "task_success_rate");
  const after = metricOf(judged(entered, at), "task_success_rate");
  expect(after.log_e_fail).toBe(before.log_e_fail);
  expect(after.log_e_pass).toBeCloseTo(0, 12);
});
