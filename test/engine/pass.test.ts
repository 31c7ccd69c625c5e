/** One pass over an agent, against doors in memory. */
import { describe, expect, test } from "vitest";
import type { Event } from "../../src/core/model/journal.js";
import type { Fence } from "../../src/core/model/route.js";
import { minute } from "../../src/core/model/units.js";
import { look } from "../../src/engine/look.js";
import { pass } from "../../src/engine/pass.js";
import type { Doors } from "../../src/engine/run.js";
import { tick } from "../../src/engine/tick.js";
import { Fault } from "../../src/ports/fault.js";
import type { StateStore } from "../../src/ports/state-store.js";
import { agent } from "../../src/testing/simulation/wish.js";
import { kindsOf, openWorkshop, type Workshop } from "./workshop.js";

const down = (): Promise<never> => Promise.reject(new Fault("unreachable", "it is down"));

/** The workshop's store with some of its doors replaced. */
function storeWith(workshop: Workshop, doors: (store: StateStore) => Partial<StateStore>): Partial<Doors> {
  const { store } = workshop.run().doors;
  return { store: { ...store, ...doors(store) } };
}

describe("twice is once", () => {
  test("a second pass at the same time does nothing", async () => {
    const workshop = openWorkshop("two stages");
    for (let number = 0; number < workshop.scenario.passes; number++) {
      await workshop.arrive();
      await pass(workshop.run(), workshop.charge());
      const before = workshop.entries.length;
      const again = await pass(workshop.run(), workshop.charge());
      expect(kindsOf(workshop.entries, before)).toEqual([]);
      expect(again.fault).toBeNull();
      workshop.wait(65);
    }
    expect(workshop.entries.some(({ event }) => event.kind === "rollout-finished")).toBe(true);
  });

  test("however late it comes, a pass moves one stage", async () => {
    const workshop = openWorkshop("two stages");
    await workshop.passes(2);
    workshop.wait(7 * 24 * 60);
    await workshop.pass();
    const weights = workshop.entries.flatMap(({ event }) => (event.kind === "shift-begun" ? [event.route.weight] : []));
    expect(weights).toEqual([0, 500, 5_000]);
  });
});

describe("who may work", () => {
  test("another holder's lease refuses the pass, and names the holder", async () => {
    const workshop = openWorkshop("promotion");
    await workshop.world.store.lease(agent, { holder: "laptop", for: minute });
    const { fault, decisions, last } = await pass(workshop.run(), workshop.charge());
    expect(fault?.kind).toBe("conflict");
    expect(fault?.message).toContain("laptop");
    expect([decisions, last, workshop.entries]).toEqual([[], null, []]);
  });

  test("the lease is given back, also after a fault", async () => {
    const workshop = openWorkshop("promotion");
    await workshop.do({ kind: "reach", reachable: false });
    await workshop.passes(2);
    await workshop.world.store.lease(agent, { holder: "laptop", for: minute });
  });

  test("a lease that cannot be given back runs out by itself", async () => {
    const workshop = openWorkshop("promotion");
    const doors = storeWith(workshop, (store) => ({
      lease: async (of, request) => ({ ...(await store.lease(of, request)), release: down }),
    }));
    expect((await pass(workshop.run(doors), workshop.charge())).fault).toBeNull();
  });

  test("a lease that was taken over ends the pass", async () => {
    const workshop = openWorkshop("promotion");
    const doors = storeWith(workshop, (store) => ({
      lease: async (of, request) => ({ ...(await store.lease(of, request)), renew: down }),
    }));
    const { decisions, fault } = await pass(workshop.run(doors), workshop.charge());
    expect(decisions.length).toBe(1);
    expect(fault?.kind).toBe("unreachable");
  });

  test("a plan that no longer fits is refused before anything is done", async () => {
    const workshop = openWorkshop("promotion");
    const refusal = new Fault("rejected", "the plan is stale");
    const { fault, last } = await pass(workshop.run(), workshop.charge(), () => refusal);
    expect(fault).toBe(refusal);
    expect(last?.decision.kind).toBe("note");
    expect(workshop.entries).toEqual([]);
  });

  test("a run that is asked to stop begins nothing new, and leaves nothing half done", async () => {
    const workshop = openWorkshop("promotion");
    await workshop.passes(1);
    await workshop.arrive();
    const stop = new AbortController();
    const onEvent = (_: unknown, event: Event): void => {
      if (event.kind === "shift-begun") stop.abort();
    };
    const before = workshop.entries.length;
    await pass(workshop.run({}, { stop: stop.signal, onEvent }), workshop.charge());
    expect(kindsOf(workshop.entries, before)).toEqual(["rollout-started", "gate-judged", "shift-begun", "shift-done"]);
  });
});

describe("when doors fail", () => {
  test("a store that is down is the pass's fault, not an exception", async () => {
    const workshop = openWorkshop("promotion");
    for (const door of ["lease", "load", "append"] as const) {
      const { fault } = await pass(workshop.run(storeWith(workshop, () => ({ [door]: down }))), workshop.charge());
      expect(`${door} ${fault?.kind}`).toBe(`${door} unreachable`);
    }
  });

  test("a snapshot that cannot be kept is no fault", async () => {
    const workshop = openWorkshop("promotion");
    const { fault, decisions } = await pass(
      workshop.run(storeWith(workshop, () => ({ saveSnapshot: down }))),
      workshop.charge(),
    );
    expect([fault, decisions.length]).toEqual([null, 2]);
  });

  test("an append that is refused is tried again from the journal", async () => {
    const workshop = openWorkshop("promotion");
    await workshop.passes(1);
    await workshop.arrive();
    let refused = false;
    const doors = storeWith(workshop, (store) => ({
      async append(of, after, event) {
        if (!refused) await workshop.do({ kind: "command", command: "correct" });
        refused = true;
        return store.append(of, after, event);
      },
    }));
    const before = workshop.entries.length;
    expect((await pass(workshop.run(doors), workshop.charge())).fault).toBeNull();
    const kinds = kindsOf(workshop.entries, before);
    expect(kinds.slice(0, 4)).toEqual(["commanded", "shift-begun", "shift-done", "rollout-started"]);
  });

  test("and not for ever", async () => {
    const workshop = openWorkshop("promotion");
    let asked = 0;
    const doors = storeWith(workshop, () => ({
      append() {
        asked += 1;
        return Promise.reject(new Fault("conflict", "somebody else wrote"));
      },
    }));
    expect((await pass(workshop.run(doors), workshop.charge())).fault?.kind).toBe("conflict");
    expect(asked).toBe(4);
  });

  test("a canary that fails is rolled back while the evals are down", async () => {
    const workshop = openWorkshop("rollback");
    await workshop.passes(2);
    await workshop.arrive();
    const evals = { result: down, baseline: down };
    await pass(workshop.run({ evals }), workshop.charge());
    expect(kindsOf(workshop.entries)).toContain("rollout-finished");
  });

  test("evals that cannot be read are missing, and missing waits", async () => {
    const workshop = openWorkshop("promotion");
    await workshop.passes(1);
    await workshop.arrive();
    const { last } = await pass(workshop.run({ evals: { result: down, baseline: down } }), workshop.charge());
    expect(last?.decision).toMatchObject({ kind: "wait", code: "gate/eval-waits" });
    expect(last?.decision.because).toContain("it is down");
  });

  test("a store that answers another serial is a bug, and stops this agent", async () => {
    const workshop = openWorkshop("promotion");
    const doors = storeWith(workshop, (store) => ({
      append: async (of, after, event) => (await store.append(of, after, event)) + 1,
    }));
    await expect(pass(workshop.run(doors), workshop.charge())).rejects.toThrow("serial");
  });

  test("a target that shows something else than was put in force is at fault, and doubt stays", async () => {
    const workshop = openWorkshop("promotion");
    await workshop.do({ kind: "deafen" });
    const { fault } = await pass(workshop.run(), workshop.charge());
    expect(fault?.message).toContain("does not show the route");
    expect(kindsOf(workshop.entries)).toEqual(["agent-adopted", "shift-begun"]);
  });
});

test("what is ours in a foreign answer is overtaken: its epoch may be above all that the store has given out", async () => {
  const workshop = openWorkshop("promotion");
  await workshop.passes(2);
  await workshop.arrive();
  const { target } = workshop.run().doors;
  const fences: Fence[] = [];
  const changed = (): Doors["target"] => (spec) => ({
    ...target(spec),
    observe: async (of, signal) => {
      if (fences.length > 0) return target(spec).observe(of, signal);
      const observedAt = workshop.world.now;
      return { kind: "foreign", because: "it was changed by hand", fence: { epoch: 9, serial: 1 }, observedAt };
    },
    async act(action, fence, signal) {
      fences.push(fence);
      await target(spec).act(action, fence, signal);
    },
  });
  await pass(workshop.run({ target: changed() }, { person: true }), workshop.charge());
  expect(fences[0]?.epoch).toBe(9);
});

test("a shift that took too long to take force is set again, under the time when it really did", async () => {
  const workshop = openWorkshop("promotion");
  await workshop.passes(1);
  await workshop.arrive();
  const { target } = workshop.run().doors;
  const slow = (): Doors["target"] => (spec) => ({
    ...target(spec),
    async act(action, fence, signal) {
      workshop.wait(360);
      await target(spec).act(action, fence, signal);
    },
  });
  const { fault } = await workshop.pass(workshop.run({ target: slow() }));
  expect(fault?.kind).toBe("timeout");
  await workshop.pass();
  const shifts = workshop.entries.flatMap(({ event }) =>
    event.kind === "shift-begun" && event.route.weight === 500
      ? [{ at: event.at, from: event.route.history[0]?.at }]
      : [],
  );
  expect(shifts.length).toBe(2);
  expect((shifts[1]?.at ?? 0) - (shifts[1]?.from ?? 0)).toBeLessThan(1_000);
  expect(workshop.entries.at(-1)?.event.kind).toBe("shift-done");
});

describe("a look", () => {
  test("writes nothing when it is told so", async () => {
    const workshop = openWorkshop("every gate");
    const writes = /append|put|save|lease|renew|release|raise|act|perform/;
    for (let number = 0; number < workshop.scenario.passes; number++) {
      await workshop.arrive();
      const from = workshop.world.touched.length;
      await look(workshop.run(), workshop.charge(), { remember: false });
      expect(workshop.world.touched.slice(from).filter((door) => writes.test(door))).toEqual([]);
      await workshop.pass();
    }
  });

  test("never sees time go back behind the newest entry", async () => {
    const workshop = openWorkshop("pause");
    await workshop.passes(3);
    const newest = workshop.entries.at(-1)?.event.at ?? 0;
    workshop.wait(-24 * 60);
    const { situation } = await look(workshop.run(), workshop.charge(), { remember: false });
    expect(situation.sight.now).toBe(newest);
    await workshop.do({ kind: "command", command: "resume" });
    await workshop.pass();
    const times = workshop.entries.map(({ event }) => event.at);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });
});

test("a tick does one thing", async () => {
  const workshop = openWorkshop("promotion");
  const effects = /append|act|perform/;
  const done: string[] = [];
  for (let count = 0; count < 12; count++) {
    if (count === 3) await workshop.arrive().then(() => workshop.arrive());
    const from = workshop.world.touched.length;
    const { result } = await tick(workshop.run(), workshop.charge());
    const touched = workshop.world.touched.slice(from).filter((door) => effects.test(door));
    done.push(result.kind === "idle" ? "idle" : touched.join(" "));
    workshop.wait(30);
  }
  expect(new Set(done)).toEqual(
    new Set([
      "idle",
      "store.append",
      "store.append target.act store.append",
      "store.append publisher.perform store.append",
    ]),
  );
});
