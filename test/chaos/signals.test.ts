/** G9: asked once to stop, a run finishes and records the effect in flight; asked twice, it records that it was interrupted. */
import type { ChildProcess } from "node:child_process";
import { expect, test } from "vitest";
import { breaches, unsettled } from "../../tooling/chaos/judge.js";
import { lookAt } from "../../tooling/chaos/outside.js";
import { applyArgv, kindsIn, later, startedUntil, useStage, weightOf } from "../support/chaos.js";

const stage = useStage();

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("%s once: the shift in flight is finished and recorded, and the lease released", async (signal, code) => {
  const at = await stage.at("advance");
  const { child, ended } = await startedUntil(at, applyArgv, {
    touch: "target.act",
    spells: [{ at: "target.act", trouble: "linger" }],
  });
  child.kill(signal);
  expect((await ended).exit).toBe(code);
  expect((await kindsIn(at)).slice(-2)).toEqual(["shift-begun", "shift-done"]);
  const seen = await lookAt(at);
  expect([weightOf(seen), ...unsettled(seen)]).toEqual([50]);
  // At the same instant: nobody has to wait for a lease to run out.
  expect((await at.run(applyArgv)).exit).toBe(0);
  expect(await kindsIn(at)).toHaveLength(seen.entries.length);
});

test("SIGTERM once, while the baseline is committed: the commit is made and recorded", async () => {
  const at = await stage.at("promote");
  const { child, ended } = await startedUntil(at, applyArgv, {
    touch: "git write-tree",
    spells: [{ at: "store.getRevision", trouble: "linger" }],
  });
  child.kill("SIGTERM");
  expect((await ended).exit).toBe(143);
  expect((await kindsIn(at)).slice(-2)).toEqual(["operation-begun", "operation-done"]);
  expect(Object.values((await lookAt(at)).commits)).toEqual([1]);
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)(
  "%s twice: it ends on the spot, says so in the journal, and the next apply sees to the open intent",
  async (signal, code) => {
    const at = await stage.at("advance");
    const { child, ended } = await startedUntil(at, applyArgv, {
      touch: "target.act",
      spells: [{ at: "target.act", trouble: "silence" }],
    });
    await twice(child, signal);
    expect((await ended).exit).toBe(code);
    const seen = await lookAt(at);
    expect(seen.entries.at(-1)?.event).toMatchObject({ kind: "interrupted", signal });
    expect([weightOf(seen), ...breaches(seen)]).toEqual([25]);
    expect((await later(at)).exit).toBe(0);
    const healed = await lookAt(at);
    expect([weightOf(healed), ...breaches(healed), ...unsettled(healed)]).toEqual([50]);
  },
);

test("twice, while the store itself is silent: nobody waits for it", async () => {
  const at = await stage.at("advance");
  const { child, ended } = await startedUntil(at, applyArgv, {
    touch: "store.append shift-begun",
    spells: [
      { at: "store.append shift-begun", trouble: "silence" },
      { at: "store.append interrupted", trouble: "silence" },
    ],
  });
  await twice(child, "SIGTERM");
  expect((await ended).exit).toBe(143);
  expect((await kindsIn(at)).at(-1)).toBe("gate-judged");
});

/** Two signals that are not one: a pending one swallows the next of its kind. */
async function twice(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const heard = new Promise((done) => child.stderr?.once("data", done));
  child.kill(signal);
  await heard;
  child.kill(signal);
}
