/** What people do to the state itself: look, forget, carry away, bring back, free, and move it elsewhere. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { adopt } from "../../src/app/adopt.js";
import { answering } from "../../src/app/refusal.js";
import { stateRemove } from "../../src/app/state-move.js";
import { stateShow, stateUnlock } from "../../src/app/state-show.js";
import { stateExport, stateImport, stateMigrate } from "../../src/app/state-transfer.js";
import type { World } from "../../src/app/world.js";
import type { Duration } from "../../src/core/model/units.js";
import { Fault } from "../../src/ports/fault.js";
import type { StateDump } from "../../src/ports/state-dump.js";
import type { StateStore } from "../../src/ports/state-store.js";
import type { Answer } from "../../src/views/view.js";
import {
  adopted,
  beginning,
  codes,
  kinds,
  lineOf,
  prepared,
  promoted,
  ramping,
  say,
  scheduled,
  shown,
  stateIn,
  support,
  weight,
} from "../support/team.js";
import { oneAgent, type Workspace } from "../support/workspace.js";

let at: Workspace;
const beginWith = beginning((copy) => {
  at = copy;
});

const sqlite = { kind: "sqlite", path: ".rollout/state.db" } as const;
const nobody = async (): Promise<boolean> => false;

async function inStore<T>(
  work: (store: StateStore) => Promise<T>,
  state: Parameters<ReturnType<Workspace["world"]>["open"]["store"]>[0] = sqlite,
): Promise<T> {
  const store = await at.world().open.store(state, { root: at.root, readOnly: false });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
const dump = (): Promise<StateDump> => inStore((store) => store.dump());

describe("state show", () => {
  beginWith(() => prepared(oneAgent, ramping));
  test("tells everything, as lines and as data", async () => {
    const answer = await answering(() => stateShow(at.world(), { agent: "support" }));
    expect(lineOf(answer)).toMatch(/rollout {4}support-.*\n {2}stage.*\n {2}course {5}forward/);
    const data = answer.view.kind === "message" ? answer.view.data : null;
    expect(data).toMatchObject({
      serial: expect.any(Number),
      lease: null,
      state: { agent: "support", retired: false },
    });
  });
  test("does not know a stranger", async () => {
    const answer = await answering(() => stateShow(at.world(), { agent: "sales" }));
    expect(codes(answer)).toEqual(["agent/unknown"]);
    expect(lineOf(answer)).toContain("It knows support.");
  });
});

describe("state rm", () => {
  const remove = (as: { interactive?: boolean; autoApprove?: boolean; yes?: boolean; because?: string | null } = {}) =>
    answering(() =>
      stateRemove(at.world({ interactive: as.interactive ?? false }), {
        agent: "support",
        because: as.because === undefined ? "another team runs it" : as.because,
        autoApprove: as.autoApprove ?? false,
        ask: async () => as.yes ?? false,
      }),
    );
  describe("of an agent at rest", () => {
    beginWith(() => prepared(oneAgent, adopted));
    test("needs a reason and a person's yes", async () => {
      expect(codes(await remove({ because: " " }))).toEqual(["reason/missing"]);
      expect(codes(await remove())).toEqual(["state/not-confirmed"]);
      expect(codes(await remove({ interactive: true }))).toEqual(["state/not-confirmed"]);
      expect(await kinds(at)).not.toEqual([]);
    });
    test("forgets it, leaves its target alone, keeps a copy, and lets it be adopted again", async () => {
      const before = await shown(at);
      const answer = await remove({ interactive: true, yes: true });
      expect(answer.exit).toBe(0);
      expect((await dump()).journals).toEqual([]);
      expect(await shown(at)).toEqual(before);
      const [copy] = readdirSync(join(at.root, ".rollout")).filter((name) => name.startsWith("before-rm"));
      expect(at.read(`.rollout/${copy}`)).toContain('"agent-adopted"');
      const again = await answering(() => adopt(at.world({ interactive: true }), { agent: "support" }));
      expect(again.exit).toBe(0);
      expect((await stateIn(at)).inDoubt).toBe(false);
    });
  });
  describe("under a rollout", () => {
    beginWith(() => prepared(oneAgent, ramping));
    test("is refused: nobody would watch the canary", async () => {
      expect(codes(await remove({ autoApprove: true }))).toEqual(["agent/rollout-under-way"]);
      expect(await weight(at)).toBe(50);
    });
  });
});

describe("state unlock", () => {
  beginWith(() => prepared(oneAgent, adopted));
  test("frees the lease, is written down, and fences whoever held it", async () => {
    const unlock = (because: string | null) => answering(() => stateUnlock(at.world(), { agent: "support", because }));
    expect(lineOf(await unlock("why not"))).toContain("there is nothing to free");
    await inStore(async (store) => {
      const lease = await store.lease(support, { holder: "ci-4711", for: 60_000 as Duration });
      const { epoch } = await store.load(support);
      expect(codes(await unlock(null))).toEqual(["reason/missing"]);
      expect(lineOf(await unlock("the runner is gone"))).toContain("ci-4711 no longer holds support");
      await expect(lease.renew()).rejects.toMatchObject({ kind: "conflict" });
      expect((await store.load(support)).epoch).toBeGreaterThan(epoch);
    });
    expect((await kinds(at)).at(-1)).toBe("state-edited");
    expect((await scheduled(at)).exit).toBe(0);
  });
});

describe("state export and import", () => {
  beginWith(() => prepared(oneAgent, promoted));
  const bring = (as: Partial<Parameters<typeof stateImport>[1]> = {}, from = at): Promise<Answer> =>
    answering(() =>
      stateImport(from.world(), {
        file: "state.json",
        force: false,
        because: null,
        autoApprove: true,
        ask: nobody,
        ...as,
      }),
    );

  test("what was exported stands in an empty store, under a higher epoch, with the same history", async () => {
    await stateExport(at.world(), { file: "state.json" });
    const before = await dump();
    const text = at.read("state.json");
    const printed = await stateExport(at.world(), { file: null });
    expect(`${lineOf(printed)}\n`).toBe(text);
    at.remove(".rollout");
    expect((await bring()).exit).toBe(0);
    const after = await dump();
    expect(after.epoch).toBe(before.epoch + 1);
    expect(after.journals[0]?.entries.slice(0, -1)).toEqual(before.journals[0]?.entries);
    expect({ ...after, epoch: 0, journals: [] }).toEqual({ ...before, epoch: 0, journals: [] });
    expect((await scheduled(at)).exit).toBe(0);
    expect((await stateIn(at)).inDoubt).toBe(false);
  });

  test("a store that is not empty is replaced by force alone, with a reason, a yes, and a copy of before", async () => {
    await stateExport(at.world(), { file: "state.json" });
    await say(at, "abort");
    expect(codes(await bring())).toEqual(["state/not-empty"]);
    expect(codes(await bring({ force: true }))).toEqual(["reason/missing"]);
    expect(codes(await bring({ force: true, because: "back", autoApprove: false }))).toEqual(["state/not-confirmed"]);
    expect(lineOf(await bring({ force: true, because: "back" }))).toMatch(/The state as it was: /);
  });

  test("a store that has moved is not taken into use again unnoticed, even one that was empty", async () => {
    await stateExport(at.world(), { file: "state.json" });
    const before = await dump();
    const left = { ...before, journals: [], memories: [], floors: [], moved: "git:rollout-state" };
    await inStore((store) => store.replace(before, left));
    const answer = await bring();
    expect([codes(answer), (await dump()).moved]).toEqual([["state/not-empty"], "git:rollout-state"]);
    expect(lineOf(answer)).toContain("It has moved to git:rollout-state");
  });

  test.each([
    ["no JSON", () => "{", /is no state/],
    ["something else", () => '{"kind":"plan"}', /is no state/],
    ["a newer format", (text: string) => text.replace('"format": 1', '"format": 2'), /has the format 2/],
    ["a changed entry", (text: string) => text.replace('"agent-adopted"', '"agent-retired"'), /does not follow/],
    [
      "a revision that is none",
      (text: string) => text.replace(/"steps": \{/, '"steps": 1, "_": {'),
      /a revision that is none/,
    ],
    [
      "a memory of nobody",
      (text: string) => text.replace(/("memories": \[\s+\{\s+"agent": )"support"/, '$1"sales"'),
      /among its/,
    ],
    ["a missing list", (text: string) => text.replace('"revisions"', '"visions"'), /lacks its list of revisions/],
    [
      "a name that is a path",
      (text: string) => text.replaceAll('"agent": "support"', '"agent": "../x"'),
      /without a name/,
    ],
  ])("%s is refused, and nothing is changed", async (_, edit, message) => {
    await stateExport(at.world(), { file: "state.json" });
    at.write("state.json", edit(at.read("state.json")));
    const before = await dump();
    const answer = await bring({ force: true, because: "a test" });
    expect(codes(answer)).toEqual(["state/not-a-state"]);
    expect(lineOf(answer)).toMatch(message);
    expect(await dump()).toEqual(before);
  });
});

describe("state migrate", () => {
  beginWith(() => prepared(oneAgent, promoted));
  const migrate = (to: string): Promise<Answer> => answering(() => stateMigrate(at.world(), { to }));
  const branch = "git:rollout-state?workspace=kept";
  const onBranch = { kind: "git", branch: "rollout-state", workspace: "kept" } as const;

  test("to a branch and back: nothing is lost, and the spec keeps its comments", async () => {
    at.edit("rollout.config.yaml", "version: 1\n", "version: 1 # of the format\n");
    const before = await dump();
    expect(lineOf(await migrate(branch))).toMatch(/1 agent, \d+ entries.*compared every entry/);
    expect(at.read("rollout.config.yaml")).toMatch(
      /^version: 1 # of the format\nstate: "git:rollout-state\?workspace=kept"\n/,
    );
    expect(await inStore((store) => store.dump(), onBranch)).toEqual(before);
    expect(await dump()).toEqual({ ...before, moved: branch });
    expect((await scheduled(at)).exit).toBe(0);
    const there = await inStore((store) => store.dump(), onBranch);
    expect((await migrate("sqlite:.rollout/state.db")).exit).toBe(0);
    expect(await dump()).toEqual(there);
    expect((await scheduled(at)).exit).toBe(0);
  });

  test("where task records are looked for somewhere else, it says so", async () => {
    expect(lineOf(await migrate("sqlite:var/other.db"))).toContain(
      "looked for in var/other.metrics.db now: move .rollout/state.metrics.db there",
    );
  });

  test("a scheduler with the old spec is told where the state is, and does nothing", async () => {
    const old = at.read("rollout.config.yaml");
    await migrate(branch);
    at.write("rollout.config.yaml", old);
    const answer = await scheduled(at);
    expect(answer.exit).toBe(1);
    expect(JSON.stringify(answer)).toContain("This state has moved to git:rollout-state");
  });

  test("a move that was cut short after the former store was left goes on where it stopped", async () => {
    const before = await dump();
    await inStore((store) => store.replace(before, { ...before, moved: branch }));
    expect((await migrate(branch)).exit).toBe(0);
    expect(await inStore((store) => store.dump(), onBranch)).toEqual(before);
  });

  /** A world in which the new store says that it is away when it is asked to take the state: after it took it, or before; and perhaps from then on. */
  const cutOff = (when: "after" | "before" | "for good"): World => {
    const world = at.world();
    const away = (): Fault => new Fault("unreachable", "the connection was cut");
    let isCut = false;
    const store: World["open"]["store"] = async (state, place) => {
      if (isCut) throw away();
      const opened = await world.open.store(state, place);
      if (state.kind !== "git" || place.readOnly) return opened;
      const replace: StateStore["replace"] = async (...both) => {
        if (when !== "before") await opened.replace(...both);
        isCut = when === "for good";
        throw away();
      };
      return { ...opened, replace };
    };
    return { ...world, open: { ...world.open, store } };
  };

  test("a new store that took the state and could not say so is found to have it", async () => {
    const before = await dump();
    const answer = await answering(() => stateMigrate(cutOff("after"), { to: branch }));
    expect([answer.exit, codes(answer)]).toEqual([0, []]);
    expect(await dump()).toEqual({ ...before, moved: branch });
    expect(await inStore((store) => store.dump(), onBranch)).toEqual(before);
  });

  test("a new store of which nobody knows whether it took the state is asked again before anybody goes on", async () => {
    const before = await dump();
    const answer = await answering(() => stateMigrate(cutOff("for good"), { to: branch }));
    expect(lineOf(answer)).toMatch(/not known whether the state arrived/);
    expect((await dump()).moved).toBe(branch);
    expect((await migrate(branch)).exit).toBe(0);
    expect(await inStore((store) => store.dump(), onBranch)).toEqual(before);
    expect(await dump()).toEqual({ ...before, moved: branch });
  });

  test("a new store that did not take it leaves the former one in use, and can be asked again", async () => {
    const before = [await dump(), at.read("rollout.config.yaml")];
    expect(codes(await answering(() => stateMigrate(cutOff("before"), { to: branch })))).toEqual(["door/fault"]);
    expect([await dump(), at.read("rollout.config.yaml")]).toEqual(before);
    expect((await migrate(branch)).exit).toBe(0);
  });

  test("a store that holds another state, an address that is none, and a spec that would not be valid", async () => {
    await inStore(
      (store) => store.append(support, 0, { kind: "agent-retired", at: at.clock.at, by: "x", plan: null }),
      {
        kind: "sqlite",
        path: "other.db",
      },
    );
    const before = [await dump(), at.read("rollout.config.yaml")];
    expect(codes(await migrate("sqlite:other.db"))).toEqual(["state/not-empty"]);
    expect(codes(await migrate("mysql:x"))).toEqual(["state/bad-address"]);
    expect(codes(await migrate("sqlite:.rollout/state.db"))).toEqual(["state/bad-address"]);
    expect(new Set(codes(await migrate("git:rollout-state")))).toEqual(new Set(["config/out-of-reach"]));
    expect([await dump(), at.read("rollout.config.yaml")]).toEqual(before);
    expect(existsSync(join(at.root, ".git/refs/heads/rollout-state"))).toBe(false);
  });

  test("somebody who works on an agent is not moved under their feet", async () => {
    await inStore(async (store) => {
      await store.lease(support, { holder: "ci-4711", for: 60_000 as Duration });
      const answer = await migrate(branch);
      expect([answer.exit, codes(answer)]).toEqual([11, ["state/lock-held"]]);
    });
  });
});
