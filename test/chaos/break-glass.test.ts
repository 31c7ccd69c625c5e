/** `rollout abort --break-glass`, with the real program: it works on the target alone, and the next apply reconciles it. */
import { chmodSync } from "node:fs";
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import Database from "libsql";
import { expect, test } from "vitest";
import { lookAt } from "../../tooling/chaos/outside.js";
import type { Place } from "../../tooling/chaos/place.js";
import {
  applyArgv,
  asleep,
  asNobody,
  handOver,
  kindsIn,
  later,
  startedUntil,
  useStage,
  weightOf,
} from "../support/chaos.js";

const stage = useStage();
const glass = ["abort", "support", "--break-glass"] as const;

/** The state is away in one way or another; `back` brings it back as it was. */
interface Harm {
  readonly what: string;
  readonly harm: (at: Place) => Promise<() => Promise<void>>;
  readonly as?: typeof asNobody;
}

async function keptAside(at: Place): Promise<() => Promise<void>> {
  const kept = join(at.root, "kept");
  await cp(join(at.root, ".rollout"), kept, { recursive: true });
  return async () => {
    await rm(join(at.root, ".rollout"), { recursive: true });
    await cp(kept, join(at.root, ".rollout"), { recursive: true });
    await rm(kept, { recursive: true });
  };
}

const harms: readonly Harm[] = [
  {
    what: "missing",
    harm: async (at) => {
      const back = await keptAside(at);
      await rm(join(at.root, ".rollout/state.db"));
      return back;
    },
  },
  {
    what: "corrupt",
    harm: async (at) => {
      const back = await keptAside(at);
      at.write(".rollout/state.db", "this is no database, whatever its name says".repeat(200));
      return back;
    },
  },
  {
    what: "locked by another process",
    harm: async (at) => {
      const lock = new Database(join(at.root, ".rollout/state.db"));
      lock.exec("BEGIN EXCLUSIVE");
      return async () => {
        lock.exec("ROLLBACK");
        lock.close();
      };
    },
  },
  {
    what: "on a disk that is read-only",
    as: asNobody,
    harm: async (at) => {
      handOver(at.root);
      chmodSync(join(at.root, ".rollout/state.db"), 0o444);
      chmodSync(join(at.root, ".rollout"), 0o555);
      return async () => {
        chmodSync(join(at.root, ".rollout"), 0o755);
        chmodSync(join(at.root, ".rollout/state.db"), 0o644);
      };
    },
  },
];

test.each(harms)(
  "with a state that is $what it takes the canary's traffic away, and the next apply pauses",
  async ({ harm, as = {} }) => {
    const at = await stage.at("advance");
    const back = await harm(at);
    const broken = await at.run(glass, null, as);
    await back();
    expect([broken.exit, broken.output]).toEqual([0, expect.stringMatching(/all sessions are on r-/)]);
    expect(weightOf(await lookAt(at))).toBe(0);
    // The gate would pass: what a person took away is not raised again without one.
    expect((await later(at)).exit).toBe(0);
    const seen = await lookAt(at);
    expect([weightOf(seen), seen.entries.at(-1)?.event.kind]).toEqual([0, "drift-found"]);
  },
);

test("what was broken stays so, apply after apply, until a person resumes", async () => {
  const at = await stage.at("advance");
  expect((await at.run(glass)).exit).toBe(0);
  for (let count = 0; count < 2; count++) expect((await later(at)).exit).toBe(0);
  expect(weightOf(await lookAt(at))).toBe(0);
  expect((await kindsIn(at)).filter((kind) => kind === "drift-found")).toHaveLength(1);
  const { output } = await at.run(["plan"]);
  expect(output).toMatch(/rollout resume support/);
  // A person's word, and it goes on from the stage that it stood at.
  expect((await at.run(["resume", "support", "--because", "it was the network"])).exit).toBe(0);
  await later(at);
  expect(weightOf(await lookAt(at))).toBe(25);
});

test("with the state gone everybody goes to the fallback, and the next apply keeps it on until a person switches it off", async () => {
  const at = await stage.at("advance");
  const back = await keptAside(at);
  await rm(join(at.root, ".rollout/state.db"));
  const broken = await at.run(["fallback", "on", "support", "--break-glass", "--because", "the provider is down"]);
  expect([broken.exit, broken.output]).toEqual([0, expect.stringMatching(/all sessions are on the fallback now/)]);
  await back();
  for (let count = 0; count < 2; count++) expect((await later(at)).exit).toBe(0);
  expect((await lookAt(at)).live).toMatchObject({ fallback: true, weight: 2_500 });
  expect((await at.run(["fallback", "off", "support"])).exit).toBe(0);
  expect((await lookAt(at)).live).toMatchObject({ fallback: false, weight: 2_500 });
});

test("with a state that never comes back, the next apply holds until a person recovers", async () => {
  const at = await stage.at("advance");
  await rm(join(at.root, ".rollout"), { recursive: true });
  expect((await at.run(glass)).exit).toBe(0);
  const { exit, output } = await later(at);
  expect([exit, output]).toEqual([0, expect.stringMatching(/rollout recover support/)]);
  expect(weightOf(await lookAt(at))).toBe(0);
  expect((await at.run(["recover", "support", "--because", "the disk was lost"])).exit).toBe(0);
  expect(weightOf(await lookAt(at))).toBe(0);
});

test("a shift that was under way when the glass was broken does not land behind it", async () => {
  const at = await stage.at("advance");
  const touch = "disk.rename";
  const twin = await asleep(
    await startedUntil(at, applyArgv, { touch, spells: [{ at: touch, trouble: "stall-before" }] }),
  );
  expect((await at.run(glass)).exit).toBe(0);
  twin.child.kill("SIGCONT");
  await twin.ended;
  expect(weightOf(await lookAt(at))).toBe(0);
  await later(at);
  await later(at);
  expect(weightOf(await lookAt(at))).toBe(0);
});
