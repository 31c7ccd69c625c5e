/** Several schedulers as processes on one store: one stage at a time, a stalled twin is fenced, a dead one is taken over. */
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { breaches, unsettled } from "../../tooling/chaos/judge.js";
import { lookAt } from "../../tooling/chaos/outside.js";
import type { Place } from "../../tooling/chaos/place.js";
import { fenceIgnored, leaseIgnored } from "../../tooling/chaos/sabotage.js";
import { applyArgv, asleep, kindsIn, later, leaseMs, startedUntil, useStage, weightOf } from "../support/chaos.js";

const stage = useStage();
/** Waits until every run with one of these logs has looked at the target so many times more. */
async function untilHeard(logs: readonly string[], at: Place, times: number): Promise<void> {
  const looks = (): readonly number[] => logs.map((log) => (at.read(log) ?? "").split("target.observe").length);
  const before = looks();
  while (looks().some((count, index) => count < (before[index] ?? 0) + times)) await pause(20);
}

const abort = ["abort", "support", "--because", "it loops"] as const;

describe("at once", () => {
  test.each([
    [2, "SQLite"],
    [8, "SQLite"],
    [8, "PostgreSQL"],
  ] as const)("%i schedulers move a ramp by one stage, once, on %s", async (count, store) => {
    const at = await (store === "SQLite" ? stage.at("advance") : stage.inPostgres("advance"));
    const runs = await Promise.all(Array.from({ length: count }, () => at.run(applyArgv)));
    // Whoever comes while another is at work answers that the lock is held.
    expect(runs.map(({ exit }) => exit).filter((exit) => exit !== 0 && exit !== 11)).toEqual([]);
    const seen = await lookAt(at);
    expect([weightOf(seen), ...breaches(seen), ...unsettled(seen)]).toEqual([50]);
    expect(seen.entries.slice(-3).map(({ event }) => event.kind)).toEqual(["gate-judged", "shift-begun", "shift-done"]);
  });

  test("three schedulers make one rollback and one baseline commit", async () => {
    for (const [name, kinds] of Object.entries({
      rollback: { "rollout-finished": 1, "gate-judged": 2 },
      promote: { "rollout-finished": 1, "operation-done": 1, "gate-judged": 3 },
    })) {
      const at = await stage.at(name as "rollback" | "promote");
      await Promise.all(Array.from({ length: 3 }, () => at.run(applyArgv)));
      await later(at);
      const seen = await lookAt(at);
      const counted = Object.keys(kinds).map((kind) => [
        kind,
        seen.entries.filter(({ event }) => event.kind === kind).length,
      ]);
      expect([name, Object.fromEntries(counted)]).toEqual([name, kinds]);
      expect([name, ...breaches(seen), ...unsettled(seen)]).toEqual([name]);
      expect(Object.values(seen.commits)).toEqual(name === "promote" ? [1] : []);
    }
  });

  test("three that serve, beat after beat", async () => {
    const at = await stage.at("advance");
    const serve = ["serve", "--port", "0", "--schedule", "* * * * * *"];
    const names = [1, 2, 3].map((server) => `touches-${server}.log`);
    const servers = names.map((name) => at.start(serve, { log: join(at.root, name) }));
    while (weightOf(await lookAt(at)) !== 50) await untilHeard(names, at, 1);
    // Two more looks of each: the second began after the move, and found nothing due.
    await untilHeard(names, at, 2);
    for (const { child } of servers) child.kill("SIGTERM");
    expect((await Promise.all(servers.map(({ ended }) => ended))).map(({ exit }) => exit)).toEqual([143, 143, 143]);
    const seen = await lookAt(at);
    expect([weightOf(seen), ...breaches(seen), ...unsettled(seen)]).toEqual([50]);
    expect(seen.entries.slice(-3).map(({ event }) => event.kind)).toEqual(["gate-judged", "shift-begun", "shift-done"]);
  });
});

describe("a stalled twin", () => {
  /** Asleep at the touch, until somebody sends SIGCONT. */
  const stalled = async (at: Place, touch: string) =>
    asleep(await startedUntil(at, applyArgv, { touch, spells: [{ at: touch, trouble: "stall-before" }] }));

  test("while its lease is live the others answer that the lock is held, and nothing moves", async () => {
    const at = await stage.at("advance");
    const twin = await stalled(at, "target.act");
    const { exit, output } = await at.run(applyArgv);
    expect([exit, output]).toEqual([11, expect.stringMatching(/is working on support/)]);
    expect(weightOf(await lookAt(at))).toBe(25);
    twin.child.kill("SIGCONT");
    expect((await twin.ended).exit).toBe(0);
    expect(weightOf(await lookAt(at))).toBe(50);
  });

  test("under a sabotage that ignores the lease the other goes on, and this file notices", async () => {
    const { place: at } = await stage.broken("advance", leaseIgnored);
    await stalled(at, "target.act");
    expect((await at.run(applyArgv)).exit).not.toBe(11);
  });

  test.each([["store.append shift-begun"], ["target.act"], ["disk.rename"], ["store.append shift-done"]])(
    "that wakes late at %s is fenced: what a person turned meanwhile stays turned",
    async (touch) => {
      const at = await stage.at("advance");
      const twin = await stalled(at, touch);
      await at.wait(leaseMs);
      await at.run(applyArgv);
      expect((await at.run(abort)).exit).toBe(0);
      const before = await lookAt(at);
      expect(weightOf(before)).toBe(0);
      twin.child.kill("SIGCONT");
      expect((await twin.ended).exit).toBe(11);
      const after = await lookAt(at);
      expect([after.entries.length, weightOf(after), ...breaches(after), ...unsettled(after)]).toEqual([
        before.entries.length,
        0,
      ]);
    },
  );

  test("that wakes late in the middle of a baseline commit makes no second one", async () => {
    const at = await stage.at("promote");
    const twin = await stalled(at, "git update-ref");
    await later(at);
    twin.child.kill("SIGCONT");
    await twin.ended;
    await later(at);
    const seen = await lookAt(at);
    expect([Object.values(seen.commits), seen.dirty]).toEqual([[1], []]);
    expect([...breaches(seen), ...unsettled(seen)]).toEqual([]);
  });

  test("under a sabotage that ignores fences its old shift lands, and this file notices", async () => {
    const { place: at } = await stage.broken("advance", fenceIgnored);
    const twin = await stalled(at, "target.act");
    await at.wait(leaseMs);
    await at.run(applyArgv);
    await at.run(abort);
    twin.child.kill("SIGCONT");
    await twin.ended;
    expect(weightOf(await lookAt(at))).toBe(50);
  });
});

describe("a dead holder", () => {
  test.each([
    ["an intent whose effect was never made", "store.append shift-begun"],
    ["an intent whose effect was made", "target.act"],
  ])("is taken over when its lease is over, %s first", async (_, touch) => {
    const at = await stage.at("advance");
    await at.run(applyArgv, { spells: [{ at: touch, trouble: "kill-after" }] });
    expect((await kindsIn(at)).at(-1)).toBe("shift-begun");
    expect((await at.run(applyArgv)).exit).toBe(11);
    const open = await kindsIn(at);
    expect((await later(at)).exit).toBe(0);
    const kinds = await kindsIn(at);
    expect(kinds.slice(open.length)).toEqual(["shift-begun", "shift-done"]);
    expect(weightOf(await lookAt(at))).toBe(50);
  });

  test("whose commit was left open: it is looked up before anything else is done", async () => {
    const at = await stage.at("promote");
    await at.run(applyArgv, { spells: [{ at: "git update-ref", trouble: "kill-after" }] });
    const open = await kindsIn(at);
    expect(open.at(-1)).toBe("operation-begun");
    await later(at);
    expect((await kindsIn(at)).slice(open.length, open.length + 2)).toEqual(["operation-begun", "operation-done"]);
    expect(Object.values((await lookAt(at)).commits)).toEqual([1]);
  });

  test("keeps no person from an abort", async () => {
    const at = await stage.at("abort");
    await at.run(applyArgv, { spells: [{ at: "store.lease", trouble: "kill-after" }] });
    expect((await at.run(applyArgv)).exit).toBe(11);
    expect((await at.run(abort)).exit).toBe(0);
    expect(weightOf(await lookAt(at))).toBe(0);
  });

  test("whose clock ran a day ahead is taken over all the same", async () => {
    const at = await stage.at("advance");
    const env = { ROLLOUT_NOW: new Date(at.now + 86_400_000).toISOString() };
    await at.run(applyArgv, { spells: [{ at: "store.lease", trouble: "kill-after" }] }, { env });
    expect((await at.run(applyArgv)).exit).toBe(0);
    expect(weightOf(await lookAt(at))).toBe(50);
  });
});
