// A ramp on blocks: what the gates say, what follows, and that the short cuts of a rehearsal change nothing of it.
import { describe, expect, it } from "vitest";
import { judgeHealth } from "../../../src/core/gate/kinds/health.js";
import type { Floor } from "../../../src/core/model/floor.js";
import type { HealthGate, Stage, Undecided } from "../../../src/core/model/gate.js";
import type { Instant, Weight } from "../../../src/core/model/units.js";
import { countBlock, legsOf, lookAt, type Ramp, startRamp, weightOf } from "../../../src/core/rehearsal/ramp.js";
import {
  absorbed,
  atHour,
  type Behaviour,
  clockAt,
  evidenceOf,
  good,
  healthGate,
  historyOf,
  hours,
  ruleOf,
  start,
  trafficOf,
} from "../../support/health-traffic.js";

const wide: Partial<HealthGate> = { metrics: [ruleOf("task_success_rate", 0.15)], hold: hours(2), until: hours(6) };

function stagesOf(canary: Partial<HealthGate> = {}, full: Partial<HealthGate> = {}): readonly Stage[] {
  return [
    { kind: "weight", weight: 2000 as Weight },
    { kind: "gate", gate: healthGate({ ...wide, ...canary }) },
    { kind: "weight", weight: 5000 as Weight },
    { kind: "gate", gate: healthGate({ ...wide, ...full, name: "full" }) },
    { kind: "weight", weight: 10_000 as Weight },
  ];
}

const sessionsPerHour = 240;
const step = hours(1) / 12;
const timeout = hours(0.5);

/** Plays sessions of this behaviour through a ramp, looked at every five minutes, each block half an hour late. */
function played(
  stages: readonly Stage[],
  canary: Behaviour,
  { floors = [], stable = good }: { readonly floors?: readonly Floor[]; readonly stable?: Behaviour } = {},
): Ramp {
  let ramp = startRamp({ legs: legsOf(stages), floors, history: historyOf(good), sessionsPerHour }, start);
  const waiting: ReturnType<typeof trafficOf>[number][] = [];
  for (let now = start; now < start + hours(24); now = (now + step) as Instant) {
    while (waiting[0] !== undefined && waiting[0].end + timeout <= now) {
      const block = waiting.shift();
      if (block !== undefined) ramp = countBlock(ramp, block);
    }
    ramp = lookAt(ramp, now);
    if (ramp.end !== null) return ramp;
    const [block] = trafficOf({
      seed: now % 100_003,
      weight: weightOf(ramp),
      stable,
      canary,
      blocks: 1,
      sessionsPerBlock: sessionsPerHour / 12,
      from: now,
    });
    if (block !== undefined) waiting.push(block);
  }
  return ramp;
}

const bad: Behaviour = { failures: 0.7 };
/** Too near to the margin for a few hours to tell. */
const doubtful: Behaviour = { failures: 0.36 };

it("legs are the weights below 100 % with their gates", () => {
  const legs = legsOf(stagesOf());
  expect(legs.map(({ weight, stage }) => [weight, stage])).toEqual([
    [2000, 1],
    [5000, 3],
  ]);
  expect(() => startRamp({ legs: [], floors: [], history: historyOf(good), sessionsPerHour }, start)).toThrow(
    RangeError,
  );
});

it("a good canary rises as soon as a hold is over, and is promoted after the last", () => {
  const ramp = played(stagesOf(), good);
  expect(ramp.end?.kind).toBe("promoted");
  expect(ramp.steps.map(({ leg, kind }) => [leg, kind])).toEqual([
    [0, "passed"],
    [1, "passed"],
  ]);
  expect(ramp.steps[0]?.at).toBeGreaterThanOrEqual(start + hours(2));
  expect((ramp.end?.at ?? 0) - start).toBeLessThan(hours(5));
  expect(weightOf(ramp)).toBe(10_000);
});

it("a bad canary is rolled back at the look at which that is proven, hold or not", () => {
  const ramp = played(stagesOf(), bad);
  expect(ramp.end).toMatchObject({ kind: "rolled-back", cause: "gate", leg: 0 });
  expect(ramp.end?.because).toContain("proven worse than the tolerance");
  expect((ramp.end?.at ?? 0) - start).toBeLessThan(hours(2));
  expect(weightOf(ramp)).toBe(0);
});

describe("when a weight's time is over and nothing is proven", () => {
  const proceed = (minSessions: number): Undecided => ({ proceed: { because: "little traffic", minSessions } });
  it.each([
    ["hold", "hold", { kind: "waits", cause: null }, []],
    ["rollback", "rollback", { kind: "rolled-back", cause: "policy" }, []],
    ["proceed", proceed(50), { kind: "promoted", cause: null }, ["unproven", "unproven"]],
    ["proceed, with too few sessions", proceed(5000), { kind: "waits", cause: null }, []],
  ] as const)("%s", (_, undecided, end, steps) => {
    const stages = stagesOf({ undecided, until: hours(3) }, { undecided, until: hours(3) });
    const ramp = played(stages, doubtful);
    expect(ramp.end).toMatchObject(end);
    expect(ramp.steps.map((each) => each.kind)).toEqual(steps);
    expect(ramp.end?.at).toBe(start + hours(end.kind === "promoted" ? 6 : 3));
  });
});

it("a skipped gate lasts its hold", () => {
  const ramp = played(stagesOf({ skip: "measured elsewhere" }), good);
  expect(ramp.steps[0]).toEqual({ at: start + hours(2), leg: 0, kind: "skipped", because: "measured elsewhere" });
});

describe("floors", () => {
  const floors: readonly Floor[] = [{ metric: "task_success_rate", least: 0.6 }];
  const wideOpen = stagesOf({ metrics: [ruleOf("task_success_rate", 0.6)] });

  it("a canary below one is rolled back, whatever its margin allows", () => {
    const ramp = played(wideOpen, { failures: 0.62 }, { floors });
    expect(ramp.end).toMatchObject({ kind: "rolled-back", cause: "floor" });
    expect(ramp.end?.because).toContain("proven below the floor of 60 %");
  });

  it("where stable is below it as well, it is not the canary", () => {
    const ramp = played(wideOpen, { failures: 0.62 }, { floors, stable: { failures: 0.62 } });
    expect(ramp.end?.cause).not.toBe("floor");
  });
});

it("without any session nothing passes", () => {
  let ramp = startRamp({ legs: legsOf(stagesOf()), floors: [], history: historyOf(good), sessionsPerHour }, start);
  for (const hour of [1, 2, 5, 6]) ramp = lookAt(ramp, atHour(hour));
  expect(ramp.end?.kind).toBe("waits");
});

it("blocks and looks after the end change nothing", () => {
  const ramp = played(stagesOf(), bad);
  const [block] = trafficOf({
    seed: 1,
    weight: 2000,
    stable: good,
    canary: good,
    blocks: 1,
    sessionsPerBlock: 20,
    from: atHour(9),
  });
  if (block === undefined) throw new Error("there is a block");
  expect(lookAt(countBlock(ramp, block), atHour(10))).toBe(ramp);
});

it.each([
  ["good", good],
  ["doubtful", doubtful],
  ["bad", bad],
])("a %s canary: what a rehearsal does is what judging at every look would do", (_, canary) => {
  const gate = healthGate(wide);
  const legs = legsOf(stagesOf());
  const blocks = trafficOf({ seed: 5, weight: 2000, stable: good, canary, blocks: 72, sessionsPerBlock: 20 });
  let ramp = startRamp({ legs, floors: [], history: historyOf(good), sessionsPerHour }, start);
  let { memory } = ramp;
  for (const block of blocks) {
    if (ramp.end !== null || ramp.leg > 0) break;
    memory = absorbed(memory, gate, [block]);
    ramp = lookAt(countBlock(ramp, block), block.end);
    const { result } = judgeHealth(gate, evidenceOf(memory), clockAt(block.end));
    const moved = ramp.leg > 0 ? "pass" : ramp.end?.kind === "rolled-back" ? "fail" : "wait";
    expect([block.end, moved]).toEqual([block.end, result]);
  }
  expect(ramp.settings.legs).toHaveLength(2);
});

it("the horizon of a weight is planned as the engine plans it", () => {
  const ramp = startRamp({ legs: legsOf(stagesOf()), floors: [], history: historyOf(good), sessionsPerHour }, start);
  expect(ramp.memory.horizon).toBe(Math.round(sessionsPerHour * 0.2 * 6));
  const quiet = startRamp(
    { legs: legsOf(stagesOf()), floors: [], history: historyOf(good), sessionsPerHour: 1 },
    start,
  );
  expect(quiet.memory.horizon).toBe(50);
});
