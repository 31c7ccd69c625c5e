/** `rollout fallback on|off`: recorded, in force at once, kept until a person says otherwise; and what everything else does meanwhile. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fallbackByGlass } from "../../src/app/break-glass.js";
import { drift } from "../../src/app/drift.js";
import { type FallbackArguments, fallback } from "../../src/app/fallback.js";
import { recover } from "../../src/app/recover.js";
import { answering } from "../../src/app/refusal.js";
import { withSession } from "../../src/app/session.js";
import { undo } from "../../src/app/undo.js";
import type { Route } from "../../src/core/model/route.js";
import { Fault } from "../../src/ports/fault.js";
import { openRouter } from "../../src/sdk/open-router.js";
import type { Answer } from "../../src/views/view.js";
import {
  action,
  adopted,
  badly,
  beginning,
  bumped,
  codes,
  faultyTarget,
  kinds,
  lineOf,
  overtakenStore,
  prepared,
  promoted,
  ramping,
  say,
  scheduled,
  shown,
  stateIn,
  support,
  users,
} from "../support/team.js";
import { type As, oneAgent, type Workspace } from "../support/workspace.js";

let at: Workspace;
const beginWith = beginning((copy) => {
  at = copy;
});

const because = "the provider is down";
function switchTo(on: boolean, as: As = {}, more: Partial<FallbackArguments> = {}): Promise<Answer> {
  return answering(() =>
    fallback(at.world(as), { agent: support, on, because: on ? because : null, by: null, ...more }),
  );
}

async function live(): Promise<Route> {
  const state = await shown(at);
  return state.kind === "serving" ? state.route : expect.fail(state.kind);
}

/** The variants that a hundred sessions get from the routing file. */
async function variants(): Promise<ReadonlySet<string>> {
  const router = await openRouter(join(at.root, "live/support.json"), { log: () => undefined });
  const found = new Set(Array.from({ length: 100 }, (_, index) => router.route(`session-${index}`).variant));
  await router.close();
  return found;
}

describe("at rest", () => {
  beginWith(() => prepared(oneAgent, (w) => adopted(w)));

  test("everybody goes there at once, and back; each word is an entry before its effect", async () => {
    const before = await live();
    const on = await switchTo(true, {}, { by: "Ada" });
    expect(on.exit).toBe(0);
    expect(lineOf(on)).toContain(`fallback switched on by Ada`);
    expect(lineOf(on)).toContain("Users of support meet no revision until: rollout fallback off support");
    expect(await live()).toEqual({ ...before, fallback: true });
    expect(await variants()).toEqual(new Set(["fallback"]));
    expect((await stateIn(at)).fallback).toMatchObject({ by: expect.stringContaining("Ada"), because });
    expect((await switchTo(false)).exit).toBe(0);
    expect(await live()).toEqual(before);
    expect(await variants()).toEqual(new Set(["stable"]));
    const switching = ["fallback-switched", "shift-begun", "shift-done"];
    expect((await kinds(at)).slice(-6)).toEqual([...switching, ...switching]);
  });

  test("twice is the same as once, and says so", async () => {
    await switchTo(true);
    const entries = await kinds(at);
    const again = await switchTo(true);
    expect([again.exit, lineOf(again)]).toEqual([0, expect.stringContaining("the fallback of support is on already")]);
    await switchTo(false);
    expect(lineOf(await switchTo(false))).toContain("off already");
    expect(await kinds(at)).toHaveLength(entries.length + 3);
  });

  test("a change does not start, and the plan says since when, by whom and why users meet no revision", async () => {
    await switchTo(true);
    await bumped(at);
    await scheduled(at);
    const planned = await action(at);
    expect(planned).toMatchObject({ kind: "hold", code: "rollout/fallback-on", hint: "rollout fallback off support" });
    expect(planned.warnings[0]).toMatch(
      /^the fallback is on since \d{4}-\d\d-\d\d \d\d:\d\d UTC by .*no revision: the pro/,
    );
    expect((await stateIn(at)).rollout).toBeNull();
    expect((await live()).fallback).toBe(true);
    await switchTo(false);
    await scheduled(at);
    expect((await live()).weight).toBe(5_000);
  });

  test("a target that does not take it: it is recorded, and the next apply puts it in force", async () => {
    const open = faultyTarget(at, support, new Fault("unreachable", "the disk is gone"));
    const on = await switchTo(true, { open });
    expect(on.exit).toBe(15);
    expect(lineOf(on)).toContain("recorded, but not in force yet");
    expect((await action(at)).kind).toBe("repair");
    await scheduled(at);
    expect((await live()).fallback).toBe(true);
  });

  test("somebody else wrote in between: it is said again", async () => {
    const open = overtakenStore(at, support, { kind: "interrupted", signal: "SIGINT" });
    expect((await switchTo(true, { open })).exit).toBe(0);
    expect((await live()).fallback).toBe(true);
  });

  test("while another run holds the lease, and under a broken spec", async () => {
    await withSession(at.world(), { readOnly: false }, async ({ store }) => {
      await store.lease(support, { holder: "another run", for: 60_000 as never });
    });
    expect((await switchTo(true)).exit).toBe(0);
    at.edit("rollout.config.yaml", "strategy: quick", "strategy: quik");
    expect((await switchTo(false)).exit).toBe(0);
    expect((await switchTo(true)).exit).toBe(0);
    expect((await live()).fallback).toBe(true);
  });

  test("without a state that can be read it says how to do it all the same", async () => {
    const open = { store: () => Promise.reject(new Fault("unreachable", "the store is down")) };
    const { view, exit } = await switchTo(true, { open });
    const [problem] = view.kind === "problems" ? view.problems : [];
    expect([exit, problem?.hint]).toEqual([1, 'rollout fallback on support --break-glass --because "…"']);
  });

  test("by somebody's hand at the target: reported, and corrected by a person's word alone", async () => {
    at.edit("rollout.config.yaml", "    target:", "    on_drift: report\n    target:");
    await byHand((route) => ({ ...route, fallback: true }));
    await scheduled(at);
    expect((await action(at)).because).toContain("the target shows the fallback on");
    expect((await live()).fallback).toBe(true);
    await drift(at.world(), { agents: [], correct: true });
    expect((await live()).fallback).toBe(false);
  });

  test("by breaking the glass: no apply takes it back, and the journal learns of it", async () => {
    await fallbackByGlass(at.world(), { agent: support, because });
    expect((await live()).fallback).toBe(true);
    expect((await stateIn(at)).fallback).toBeNull();
    await scheduled(at);
    expect((await stateIn(at)).fallback?.because).toContain("outside of rollout");
    await scheduled(at);
    expect((await live()).fallback).toBe(true);
    expect((await switchTo(false)).exit).toBe(0);
    expect((await live()).fallback).toBe(false);
    await scheduled(at);
    expect((await live()).fallback).toBe(false);
  });

  test("glass broken, and switched off before any apply looked: off is off", async () => {
    await fallbackByGlass(at.world(), { agent: support, because });
    expect((await switchTo(false)).exit).toBe(0);
    expect((await live()).fallback).toBe(false);
    await scheduled(at);
    expect((await stateIn(at)).fallback).toBeNull();
  });

  test("a lost state starts anew with it on", async () => {
    await switchTo(true);
    at.remove(".rollout");
    await recover(at.world({ interactive: true }), { agent: support, because: "the disk was lost" });
    expect((await stateIn(at)).fallback).not.toBeNull();
    expect((await live()).fallback).toBe(true);
  });
});

async function byHand(change: (route: Route) => Route): Promise<void> {
  const target = at.world().open.target({ kind: "snapshot", path: "live/support.json" }, at.root);
  const seen = await shown(at);
  if (seen.kind !== "serving") return expect.fail(seen.kind);
  const { route, lineage, fence, served } = seen;
  const contents = Object.entries(served).map(([id, { steps, prompts }]) => ({
    ...{ id: id as Route["stable"], agent: support, steps, tools: [], release: null },
    prompts: Object.entries(prompts).map(([name, text]) => ({ name, text, path: name, blob: "" })),
    origin: { commit: null, dirty: false },
  }));
  const settings = { lineage, sessionTimeout: 1_800_000 as never, sessionHeader: "x-session-id" };
  const shift = { kind: "shift" as const, agent: support, route: change(route), contents, ...settings };
  await target.act(shift, fence, AbortSignal.timeout(5_000));
}

describe("while a canary is under way", () => {
  beginWith(() => prepared(oneAgent, ramping));

  test("its state is kept, and no time runs for it; then it goes on", async () => {
    const before = await live();
    expect(before.weight).toBe(5_000);
    await switchTo(true);
    at.pass(48);
    await scheduled(at);
    expect(await live()).toEqual({ ...before, fallback: true });
    expect((await action(at)).opinions).not.toContainEqual(expect.objectContaining({ verdict: { result: "fail" } }));
    await switchTo(false);
    expect(await live()).toMatchObject({
      weight: 5_000,
      canary: before.canary,
      fallback: false,
      history: before.history,
    });
    await scheduled(at);
    expect((await live()).weight).toBe(5_000);
    await users(at, { hours: 3 });
    await scheduled(at);
    await scheduled(at);
    expect((await stateIn(at)).finished.at(-1)?.outcome).toBe("promoted");
  });

  test("sessions in the fallback count in no arm", async () => {
    await switchTo(true);
    await users(at, { hours: 3, success: { "opus@1": 0.1, "opus@2": 0.1 } });
    await switchTo(false);
    await scheduled(at);
    const { figures } = (await action(at)).opinions[0]?.verdict ?? expect.fail("no gate says anything");
    expect(figures).toMatchObject({ canary_sessions: 0, stable_sessions: 0 });
  });

  test("a gate that fails rolls back all the same, behind it", async () => {
    await badly(at);
    await switchTo(true);
    await scheduled(at);
    const state = await stateIn(at);
    expect([state.rollout, state.rejected.length]).toEqual([null, 1]);
    expect(await live()).toMatchObject({ canary: null, weight: 0, fallback: true });
  });

  test("an abort goes through, and a promote is refused", async () => {
    await switchTo(true);
    expect(codes(await say(at, "promote"))).toEqual(["agent/fallback-on"]);
    expect((await say(at, "abort")).exit).toBe(0);
    expect(await live()).toMatchObject({ canary: null, fallback: true });
  });
});

describe("after a promotion", () => {
  beginWith(() => prepared(oneAgent, promoted));

  test("an undo is in force when it is switched off, in one move", async () => {
    const bad = (await live()).stable;
    await switchTo(true);
    const undone = await undo(at.world(), { agent: support, because: "wrong refunds" });
    expect(lineOf(undone)).toContain("rollout fallback off support");
    expect(await live()).toMatchObject({ stable: bad, weight: 0, fallback: true });
    await switchTo(false);
    expect((await live()).stable).not.toBe(bad);
    expect((await kinds(at)).filter((kind) => kind === "drift-found")).toEqual([]);
  });
});

describe("refusals", () => {
  beginWith(() => prepared(oneAgent));

  test("an unknown agent, one that is not adopted, and no reason", async () => {
    expect(codes(await switchTo(true, {}, { agent: "suport" }))).toEqual(["agent/unknown"]);
    expect(codes(await switchTo(true))).toEqual(["agent/nothing-in-force"]);
    expect(codes(await switchTo(true, {}, { because: " " }))).toEqual(["reason/missing"]);
  });
});
