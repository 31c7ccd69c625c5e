// Sticky users whose sessions go together, counted as sessions and as users: how often a canary that is exactly stable's equal is rolled back.
import { describe, expect, it } from "vitest";
import { accumulatorOf } from "../../../src/core/gate/health-accumulator.js";
import { absorbHealth, enterHealthStage, openHealth } from "../../../src/core/gate/kinds/health.js";
import { sessionBlocks } from "../../../src/core/metric/session-blocks.js";
import type { SessionTask, TrackedSession } from "../../../src/core/metric/session-values.js";
import { stableSamples } from "../../../src/core/metric/stable-samples.js";
import type { RoutingUnit } from "../../../src/core/model/route.js";
import {
  type Duration,
  type Instant,
  minute,
  type RevisionId,
  type RolloutId,
  type Weight,
} from "../../../src/core/model/units.js";
import { healthGate, ruleOf, start } from "../../support/health-traffic.js";
import { seeded } from "../stats/enumerate.js";

const stable = "r-stable" as RevisionId;
const canary = "r-canary" as RevisionId;
const sessionTimeout = (30 * minute) as Duration;
const cell = 5 * minute;
const sessionsOfUser = 5;
/** Judged without any tolerance: exactly stable's equal is the edge of what may be rolled back. */
const gate = healthGate({ metrics: [ruleOf("task_success_rate", 0.05, 0)], prove: [] });

interface Traffic {
  readonly seed: number;
  /** The canary's share of users, leg by leg; the same users come back in each. */
  readonly shares: readonly number[];
  readonly cellsOfLeg: number;
  readonly usersOfCell: number;
  /** From one visit of a user to the next, in milliseconds. */
  readonly between: number;
}

/** Hours at which legs begin. */
const legStart = ({ cellsOfLeg }: Traffic, leg: number): Instant => (start + leg * cellsOfLeg * cell) as Instant;

/** One user in three has hard work: the others hardly ever fail. The canary fails as stable does. */
function visits(traffic: Traffic): readonly TrackedSession[] {
  const random = seeded(traffic.seed * 7919 + 11);
  const sessions: TrackedSession[] = [];
  for (let number = 0; number < traffic.cellsOfLeg * traffic.usersOfCell; number++) {
    const user = `u${number}`;
    const place = random();
    const failures = random() < 1 / 3 ? 0.8 : 0.05;
    for (const [leg, share] of traffic.shares.entries()) {
      const first = legStart(traffic, leg) + Math.floor(number / traffic.usersOfCell) * cell;
      for (let visit = 0; visit < sessionsOfUser; visit++) {
        const startedAt = (first + visit * traffic.between) as Instant;
        const revision = place < share ? canary : stable;
        const tasks = [taskOf(startedAt, random() >= failures)];
        sessions.push({ key: `${user}-${leg}-${visit}`, startedAt, revision, user, tasks });
      }
    }
  }
  return sessions;
}

function taskOf(startedAt: Instant, success: boolean): SessionTask {
  const nothing = { llmCalls: null, costUsd: null, latencySec: null, checkpoint: null };
  const actions = { destructiveActions: null, rolledBackActions: null };
  return { id: "t", endedAt: (startedAt + 1000) as Instant, success, ...nothing, ...actions };
}

/** Whether the canary was rolled back, looked at after every block. */
function isRolledBack(traffic: Traffic, unit: RoutingUnit): boolean {
  const past = visits({ ...traffic, seed: traffic.seed + 100_000, shares: [0], cellsOfLeg: 20 }).map((session) => ({
    ...session,
    startedAt: (session.startedAt - 30 * cell) as Instant,
    tasks: session.tasks.map((task) => ({ ...task, endedAt: (task.endedAt - 30 * cell) as Instant })),
  }));
  const history = stableSamples(past.reverse(), { before: start, unit });
  const planned = traffic.usersOfCell * traffic.cellsOfLeg * (unit === "user" ? 1 : sessionsOfUser);
  const at = (leg: number) => ({ gate, stage: 2 + 2 * leg, horizon: Math.round(planned * (traffic.shares[leg] ?? 0)) });
  const blocks = sessionBlocks(visits(traffic), {
    ...{ stable, canary, unit, sessionTimeout },
    after: null,
    cuts: traffic.shares.map((share, leg) => ({
      at: legStart(traffic, leg),
      weight: Math.round(share * 10_000) as Weight,
    })),
    now: legStart(traffic, traffic.shares.length + 2),
  });
  let leg = 0;
  let memory = openHealth({ ...at(0), rollout: "rollout-1" as RolloutId, history, unit });
  for (const block of blocks) {
    while (leg + 1 < traffic.shares.length && block.start >= legStart(traffic, leg + 1)) {
      leg += 1;
      memory = enterHealthStage(memory, at(leg));
    }
    memory = absorbHealth(memory, gate, block);
  }
  return accumulatorOf(memory).failed !== null;
}

function shareRolledBack(unit: RoutingUnit, parts: Partial<Traffic> = {}, runs = 150): number {
  let rolledBack = 0;
  for (let seed = 1; seed <= runs; seed++) {
    rolledBack += Number(
      isRolledBack({ seed, shares: [0.25], cellsOfLeg: 50, usersOfCell: 16, between: 30_000, ...parts }, unit),
    );
  }
  return rolledBack / runs;
}

describe("five sessions of each user that go together", () => {
  it("say one thing: counted as users, an equal canary is rolled back at most as often as alpha says", () => {
    expect(shareRolledBack("user")).toBeLessThanOrEqual(0.05);
  });

  it("say it once, in whatever cells they come", () => {
    expect(shareRolledBack("user", { between: 3 * cell })).toBeLessThanOrEqual(0.05);
  });

  it("counted as sessions they would roll it back far more often", () => {
    expect(shareRolledBack("session")).toBeGreaterThan(0.1);
  });
});
