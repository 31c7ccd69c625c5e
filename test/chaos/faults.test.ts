/** Disks, doors and clocks that fail: the real program says so, loses nothing, and goes on when they are back. */
import { chmodSync, existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { breaches, unsettled } from "../../tooling/chaos/judge.js";
import { lookAt } from "../../tooling/chaos/outside.js";
import type { Place } from "../../tooling/chaos/place.js";
import { applyArgv, asNobody, handOver, kindsIn, later, leaseMs, useStage, weightOf } from "../support/chaos.js";

const stage = useStage();

/** A crash is never shown as a bug of ours where the outside is at fault. */
function expectPlainly(output: string): void {
  expect(output).not.toMatch(/bug in rollout|\bat \S+ \(|Error:/);
}

/** It came to rest at 50 %, by a journal that is whole. */
async function expectAdvanced(at: Place): Promise<void> {
  const seen = await lookAt(at);
  expect([weightOf(seen), ...breaches(seen), ...unsettled(seen)]).toEqual([50]);
}

describe("a full disk", () => {
  /** Files may not grow beyond this many bytes; what is there already may be larger. */
  const limited = (bytes: number) => ({ before: ["prlimit", `--fsize=${bytes}`] });

  test("wherever it is full, nothing is claimed, and the apply behind it goes on", async () => {
    const wal = 4_120; // One page of the log behind its header.
    for (const pages of [0, 3, 7]) {
      const at = await stage.at("advance");
      const { exit, output } = await at.run(applyArgv, null, limited(32 + pages * wal));
      expect([1, 15]).toContain(exit);
      expectPlainly(output);
      const seen = await lookAt(at);
      expect(breaches(seen)).toEqual([]);
      expect(weightOf(seen)).toBe(25);
      expect((await later(at)).exit).toBe(0);
      await expectAdvanced(at);
    }
  });

  test("full at the target alone: the old route serves on, the intent is open, and exit 15 says so", async () => {
    const at = await stage.at("start");
    const { exit, output } = await at.run(applyArgv, { spells: [{ at: "disk.open", trouble: "full" }] });
    expect(exit).toBe(15);
    expectPlainly(output);
    expect(weightOf(await lookAt(at))).toBe(0);
    expect((await later(at)).exit).toBe(0);
    expect(weightOf(await lookAt(at))).toBe(25);
  });
});

describe("without the right to write", () => {
  let locked: string | null = null;
  afterEach(() => {
    if (locked !== null && existsSync(locked)) chmodSync(locked, 0o700);
  });

  test.each([
    { what: "a target in a folder that is read-only", name: "live", mode: 0o555, code: 15, last: "shift-begun" },
    { what: "a state in a folder that is read-only", name: ".rollout", mode: 0o555, code: 1, last: "shift-done" },
    { what: "a state file that is read-only", name: ".rollout/state.db", mode: 0o444, code: 1, last: "shift-done" },
    { what: "a state file that may not be read", name: ".rollout/state.db", mode: 0, code: 1, last: "shift-done" },
    { what: "a routing file that may not be read", name: "live/support.json", mode: 0, code: 0, last: "shift-done" },
  ])("$what", async ({ name, mode, code, last }) => {
    const at = await stage.at("advance");
    handOver(at.root);
    locked = join(at.root, name);
    chmodSync(locked, mode);
    const { exit, output } = await at.run(applyArgv, null, asNobody);
    chmodSync(locked, 0o700);
    // SQLite's side files were made with the rights of the file that they belong to.
    for (const side of ["-shm", "-wal"].map((suffix) => join(at.root, `.rollout/state.db${suffix}`)))
      if (existsSync(side)) chmodSync(side, 0o600);
    expectPlainly(output);
    expect([exit, (await kindsIn(at)).at(-1), weightOf(await lookAt(at))]).toEqual([code, last, 25]);
    // Looking at the journal made SQLite's side files anew.
    handOver(at.root);
    await at.wait(leaseMs);
    expect(await at.run(applyArgv, null, asNobody)).toMatchObject({ exit: 0 });
    await expectAdvanced(at);
  });
});

describe("the store goes away in mid-apply", () => {
  test.each([
    {
      what: "taken away before the intent",
      spell: { at: "store.append shift-begun", trouble: "store-gone" },
      shown: 25,
    },
    {
      what: "replaced by an empty file before the intent",
      spell: { at: "store.append shift-begun", trouble: "store-replaced" },
      shown: 25,
    },
    {
      what: "taken away before the end is recorded",
      spell: { at: "store.append shift-done", trouble: "store-gone" },
      shown: 50,
    },
  ] as const)(
    "$what: no effect without a durable intent, and recover goes on from what serves",
    async ({ spell, shown }) => {
      const at = await stage.at("advance");
      const { exit, output } = await at.run(applyArgv, { spells: [spell] });
      expect([1, 15]).toContain(exit);
      expect(output).toMatch(/taken away or replaced while it was in use/);
      expectPlainly(output);
      expect(weightOf(await lookAt(at))).toBe(shown);
      const lost = await later(at);
      expect([lost.exit, lost.output]).toEqual([0, expect.stringMatching(/rollout recover support/)]);
      expect(weightOf(await lookAt(at))).toBe(shown);
      expect((await at.run(["recover", "support", "--because", "the disk was lost"])).exit).toBe(0);
      const seen = await lookAt(at);
      expect([weightOf(seen), ...breaches(seen), ...unsettled(seen)]).toEqual([0]);
    },
  );
});

describe("a target", () => {
  test("that accepts a shift and then times out: exit 15, and the next apply makes sure of it", async () => {
    const at = await stage.at("advance");
    const { exit, output } = await at.run(applyArgv, { spells: [{ at: "target.act", trouble: "timeout-after" }] });
    expect(exit).toBe(15);
    expectPlainly(output);
    expect((await kindsIn(at)).at(-1)).toBe("shift-begun");
    expect((await at.run(applyArgv)).exit).toBe(0);
    await expectAdvanced(at);
    expect((await kindsIn(at)).slice(-4)).toEqual(["gate-judged", "shift-begun", "shift-begun", "shift-done"]);
  });

  test("that lies once when it is read back: nothing is claimed, and the next apply makes sure of it", async () => {
    const at = await stage.at("advance");
    const { exit, output } = await at.run(applyArgv, { spells: [{ at: "target.observe", nth: 4, trouble: "lie" }] });
    expect([exit, output]).toEqual([15, expect.stringMatching(/does not show the route/)]);
    expect((await kindsIn(at)).at(-1)).toBe("shift-begun");
    await later(at);
    await expectAdvanced(at);
  });
});

describe("a clock that jumps back and forth", () => {
  const hour = 3_600_000;
  const days = [0, 5 * hour, -5 * hour, 48 * hour, -48 * hour, 0, 700 * hour];
  test.each([
    { what: "by seconds", jumps: [0, 5_000, -5_000], names: ["advance"] },
    { what: "by hours and days", jumps: days, names: ["start", "advance", "recover"] },
  ] as const)("$what: the journal's time never goes back, and no weight skips a stage", async ({ jumps, names }) => {
    for (const name of names) {
      const at = await stage.at(name);
      await at.run(stage.scene(name).argv, { jumps });
      for (let count = 0; count < 3; count += 2) {
        at.now += (count - 1) * 40_000;
        await at.run(applyArgv, { jumps });
      }
      // The clock is right again, and ahead of every time that it ever showed.
      at.now += 800 * hour;
      await at.run(applyArgv);
      const seen = await lookAt(at);
      expect([name, ...breaches(seen), ...unsettled(seen)]).toEqual([name]);
    }
  });
});
