/** Floors, watched by passes over an agent whose sessions are in a metric store. */
import { describe, expect, test } from "vitest";
import type { Floor } from "../../src/core/model/floor.js";
import type { Judge } from "../../src/core/model/gate.js";
import { day, hour, type Instant, minute, type RevisionId } from "../../src/core/model/units.js";
import { look } from "../../src/engine/look.js";
import { type Passed, pass } from "../../src/engine/pass.js";
import type { Charge, Doors } from "../../src/engine/run.js";
import { Fault } from "../../src/ports/fault.js";
import type { MetricSource } from "../../src/ports/metric-source.js";
import type { TaskRecorder } from "../../src/ports/task-recorder.js";
import { createMemorySource } from "../../src/testing/memory-source.js";
import { agent, revisionId } from "../../src/testing/simulation/wish.js";
import { kindsOf, openWorkshop, type Workshop } from "./workshop.js";

const floors: readonly Floor[] = [
  { metric: "task_success_rate", least: 0.8 },
  { metric: "mean_cost_usd", most: 0.5 },
];

/** What a session costs, and whose it is. */
interface How {
  readonly costUsd?: number;
  readonly user?: (id: number) => string | null;
}

/** An adopted agent with a floor, at noon of a day. */
interface Shop {
  readonly workshop: Workshop;
  readonly source: MetricSource & TaskRecorder;
  /** One session a minute, of which so many in ten fail, until now. */
  serve(revision: RevisionId, minutes: number, badOfTen: number, how?: How): Promise<void>;
  pass(doors?: Partial<Doors>, charge?: Partial<Charge>): Promise<Passed>;
  charge(): Charge;
}

/** What a session costs where nothing else is said. */
const usual = 0.2;

async function openShop(scene: Parameters<typeof openWorkshop>[0] = "promotion"): Promise<Shop> {
  const workshop = openWorkshop(scene);
  const source = createMemorySource();
  const { world } = workshop;
  let id = 0;
  const shop: Shop = {
    workshop,
    source,
    async serve(revision, minutes, badOfTen, { costUsd = usual, user = () => null } = {}) {
      const tasks = Array.from({ length: minutes }, (_, index) => {
        const startedAt = (world.now - (minutes - index) * minute) as Instant;
        id += 1;
        const task = taskOf({ id: `t${id}`, revision, startedAt, success: id % 10 >= badOfTen, costUsd });
        return { ...task, user: user(id) };
      });
      await source.record({ tasks, sessions: [] });
    },
    charge() {
      const { spec, ...charge } = workshop.charge();
      return { ...charge, spec: spec === null ? null : { ...spec, floors, runbook: "runbooks/drop.md" } };
    },
    pass: (doors = {}, charge = {}) =>
      pass(workshop.run({ source: () => source, ...doors }), { ...shop.charge(), ...charge }),
  };
  await workshop.arrive();
  await shop.pass();
  const toNoon = Math.ceil(world.now / day) * day + 12 * hour - world.now;
  workshop.wait(toNoon / minute);
  return shop;
}

/** The shop's source, asked for blocks in another way. */
function asking({ source }: Shop, blocks: MetricSource["blocks"]): MetricSource {
  return {
    blocks,
    figures: (query, signal) => source.figures(query, signal),
    history: (query, signal) => source.history(query, signal),
  };
}

function taskOf(of: {
  readonly id: string;
  readonly revision: RevisionId;
  readonly startedAt: Instant;
  readonly success: boolean;
  readonly costUsd: number;
}): Parameters<TaskRecorder["record"]>[0]["tasks"][number] {
  const unknown = {
    llmCalls: null,
    latencySec: null,
    checkpoint: null,
    destructiveActions: null,
    rolledBackActions: null,
    error: null,
  };
  return { ...unknown, ...of, agent, session: of.id, user: null, endedAt: of.startedAt, tags: {} };
}

const breaches = (shop: Shop): readonly string[] =>
  shop.workshop.entries.flatMap(({ event }) =>
    event.kind === "floor-breached" ? [`${event.arm}${event.both ? " both" : ""}`] : [],
  );

describe("a floor without a rollout", () => {
  test("stable below it is told once a day, with its runbook, and moves nothing", async () => {
    const shop = await openShop();
    await shop.serve(revisionId("a1"), 300, 5);
    const before = shop.workshop.entries.length;
    await shop.pass();
    await shop.pass();
    expect(kindsOf(shop.workshop.entries, before)).toEqual(["floor-breached"]);
    const told = shop.workshop.entries.at(-1)?.event;
    expect(told).toMatchObject({
      arm: "stable",
      revision: revisionId("a1"),
      rollout: null,
      runbook: "runbooks/drop.md",
    });
    shop.workshop.wait(24 * 60);
    await shop.serve(revisionId("a1"), 300, 5);
    await shop.pass();
    expect(breaches(shop)).toEqual(["stable", "stable"]);
  });

  test("stable above the limit of another metric is told with its unit", async () => {
    const shop = await openShop();
    await shop.serve(revisionId("a1"), 300, 0, { costUsd: 1.1 });
    await shop.pass();
    expect(breaches(shop)).toEqual(["stable"]);
    const told = shop.workshop.entries.at(-1)?.event;
    expect(told).toMatchObject({
      metric: "mean_cost_usd",
      because: expect.stringMatching(/^mean_cost_usd 1\.1 USD in .* proven above the limit of 0\.5 USD /),
      runbook: "runbooks/drop.md",
    });
  });

  test("where users are counted, one user who fails all day is one unit, and many are many", async () => {
    const shop = await openShop();
    const spec = shop.charge().spec;
    const byUser = { spec: spec === null ? null : { ...spec, session: { ...spec.session, unit: "user" as const } } };
    await shop.serve(revisionId("a1"), 300, 10, { user: () => "u1" });
    await shop.pass({}, byUser);
    expect(breaches(shop)).toEqual([]);
    await shop.serve(revisionId("a1"), 300, 10, { user: (id) => `u${id}` });
    shop.workshop.wait(24 * 60);
    await shop.serve(revisionId("a1"), 300, 10, { user: (id) => `u${id % 100}` });
    await shop.pass({}, byUser);
    await shop.pass({}, byUser);
    expect(breaches(shop)).toEqual(["stable"]);
  });

  test("a stable that is well, and metrics that cannot be read, breach nothing", async () => {
    const shop = await openShop();
    await shop.serve(revisionId("a1"), 300, 1);
    await shop.pass();
    shop.workshop.wait(24 * 60);
    await shop.serve(revisionId("a1"), 300, 9);
    const blocks = (): Promise<never> => Promise.reject(new Fault("unreachable", "it is down"));
    const { fault } = await shop.pass({ source: () => asking(shop, blocks) });
    expect([fault, breaches(shop)]).toEqual([null, []]);
  });

  test("a look that only reads sees the same and keeps nothing; a look that keeps reads on where it was", async () => {
    const shop = await openShop();
    await shop.serve(revisionId("a1"), 300, 5);
    const { store } = shop.workshop.world;
    const asked: (number | null)[] = [];
    const blocks: MetricSource["blocks"] = (query, signal) => {
      asked.push(query.after);
      return shop.source.blocks(query, signal);
    };
    const run = shop.workshop.run({ source: () => asking(shop, blocks) });
    const seen = await look(run, shop.charge(), { remember: false });
    expect(seen.situation.sight.floors).toHaveLength(1);
    expect(await store.loadFloors(agent)).toBeNull();
    const kept = await look(run, shop.charge(), { remember: true });
    expect(kept.situation.sight.floors).toEqual(seen.situation.sight.floors);
    const watermark = (await store.loadFloors(agent))?.watermark ?? null;
    expect(watermark).not.toBeNull();
    expect((await look(run, shop.charge(), { remember: true })).situation.sight.floors).toHaveLength(1);
    expect(asked).toEqual([null, null, watermark]);
  });

  test("nothing is asked where there is no floor, or no spec", async () => {
    const shop = await openShop();
    const blocks = (): Promise<never> => Promise.reject(new Error("nobody asks"));
    const source = () => asking(shop, blocks);
    for (const spec of [shop.workshop.charge().spec, null]) {
      expect((await shop.pass({ source }, { spec })).last).not.toBeNull();
    }
  });
});

describe("a floor with a rollout", () => {
  async function ramping(): Promise<Shop> {
    const shop = await openShop("two stages");
    await shop.workshop.arrive();
    await shop.pass();
    expect(kindsOf(shop.workshop.entries).slice(-2)).toEqual(["shift-begun", "shift-done"]);
    shop.workshop.wait(40);
    return shop;
  }
  const [stable, canary] = [revisionId("a1"), revisionId("b1")];
  const finish = (shop: Shop): string | null => {
    const event = shop.workshop.entries.findLast(({ event: { kind } }) => kind === "rollout-finished")?.event;
    return event?.kind === "rollout-finished" ? event.outcome : null;
  };

  /** Health gates that leave it to the floor. */
  const undecided =
    ({ workshop }: Shop): Judge =>
    (gate, evidence, clock) =>
      gate.kind === "health"
        ? { result: "wait", because: "too early", figures: {}, earliest: null }
        : workshop.world.gates.judge(gate, evidence, clock);

  test("a canary below it is rolled back, by the floor that the rollout started with", async () => {
    const shop = await ramping();
    await shop.serve(stable, 30, 1);
    await shop.serve(canary, 30, 10);
    shop.workshop.wait(15);
    const spec = shop.workshop.charge().spec;
    await shop.pass({ judge: undecided(shop) }, { spec });
    expect(breaches(shop)).toEqual(["canary"]);
    expect(finish(shop)).toBe("rolled-back");
    const before = shop.workshop.entries.length;
    await shop.pass();
    expect(kindsOf(shop.workshop.entries, before)).toEqual([]);
  });

  test("a canary that costs more than the limit is rolled back; both arms that do are not", async () => {
    for (const dear of [usual, 1.2]) {
      const shop = await ramping();
      await shop.serve(stable, 30, 1, { costUsd: dear });
      await shop.serve(canary, 30, 1, { costUsd: 1.2 });
      shop.workshop.wait(15);
      await shop.pass({ judge: undecided(shop) });
      expect(breaches(shop)).toEqual(dear === usual ? ["canary"] : ["canary both", "stable both"]);
      expect(finish(shop)).toBe(dear === usual ? "rolled-back" : null);
    }
  });

  test("both arms below it: it is told of both, and the floor rolls nothing back", async () => {
    const shop = await ramping();
    await shop.serve(stable, 30, 10);
    await shop.serve(canary, 30, 10);
    shop.workshop.wait(15);
    await shop.pass();
    expect(breaches(shop)).toEqual(["canary both", "stable both"]);
    expect(finish(shop)).toBeNull();
  });
});
