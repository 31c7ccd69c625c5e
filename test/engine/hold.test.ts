/** Holding a lease through a long tick, and finding out that it was taken over. On a virtual clock. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { AgentId, Duration, Instant } from "../../src/core/model/units.js";
import { type Hold, whileHeld } from "../../src/engine/hold.js";
import type { Run } from "../../src/engine/run.js";
import { Fault } from "../../src/ports/fault.js";
import type { StateStore } from "../../src/ports/state-store.js";
import { createMemoryStore } from "../../src/testing/memory-store.js";

const support = "support" as AgentId;
const seconds = 1000;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_700_000_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

const now = () => Date.now() as Instant;

function runOn(store: StateStore, holder = "one"): Run {
  return { doors: { store, now }, holder } as Partial<Run> as Run;
}

const others = (store: StateStore) => store.lease(support, { holder: "two", for: (30 * seconds) as Duration });

test("a tick that takes minutes keeps its lease, and gives it back at its end", async () => {
  const store = createMemoryStore({ now });
  await whileHeld(runOn(store), support, async () => {
    for (let count = 0; count < 20; count++) {
      await vi.advanceTimersByTimeAsync(11 * seconds);
      await expect(others(store)).rejects.toThrow(/one is working on support/);
    }
  });
  await expect(others(store)).resolves.toBeDefined();
  expect(vi.getTimerCount()).toBe(0);
});

test("work that fails gives the lease back too", async () => {
  const store = createMemoryStore({ now });
  const failing = whileHeld(runOn(store), support, () =>
    Promise.reject(new Fault("unreachable", "the target is away")),
  );
  await expect(failing).rejects.toThrow("the target is away");
  await expect(others(store)).resolves.toBeDefined();
});

/** The process sleeps: time passes, and no timer fires. */
function stall(duration: number): void {
  vi.setSystemTime(Date.now() + duration);
}

test.each([
  ["before its next effect", (hold: Hold) => hold.confirm()],
  ["at the beat that comes first", () => vi.advanceTimersByTimeAsync(10 * seconds)],
] as const)("who slept and was taken over finds out %s", async (_, find) => {
  const store = createMemoryStore({ now });
  const held = whileHeld(runOn(store), support, async (hold) => {
    stall(31 * seconds);
    await others(store);
    await find(hold);
    await hold.confirm();
    return "acted";
  });
  await expect(held).rejects.toThrow(/one no longer holds the lease of support: two took it over/);
});

test("who slept and was not taken over goes on", async () => {
  const store = createMemoryStore({ now });
  const held = whileHeld(runOn(store), support, async (hold) => {
    stall(31 * seconds);
    await hold.confirm();
    await expect(others(store)).rejects.toThrow(Fault);
    return "acted";
  });
  await expect(held).resolves.toBe("acted");
});

test("a store that cannot be reached for a while loses nobody the lease", async () => {
  const store = createMemoryStore({ now });
  let away = false;
  const shaky = new Proxy(store, {
    get: (real, key) => {
      const value: unknown = Reflect.get(real, key, real);
      if (key !== "lease") return typeof value === "function" ? value.bind(real) : value;
      return async (...args: Parameters<StateStore["lease"]>) => {
        const lease = await real.lease(...args);
        return {
          renew: async () => {
            if (away) throw new Fault("unreachable", "the store is away");
            await lease.renew();
          },
          release: () => lease.release(),
        };
      };
    },
  });
  const held = whileHeld(runOn(shaky), support, async (hold) => {
    away = true;
    await vi.advanceTimersByTimeAsync(21 * seconds);
    away = false;
    await hold.confirm();
    return "acted";
  });
  await expect(held).resolves.toBe("acted");
});
