/** When the state is away, lost, or not what the target shows. */
import { cpSync } from "node:fs";
import { join } from "node:path";
import Database from "libsql";
import { describe, expect, test } from "vitest";
import { breakGlass } from "../../src/app/break-glass.js";
import { drift } from "../../src/app/drift.js";
import { recover } from "../../src/app/recover.js";
import { answering } from "../../src/app/refusal.js";
import { status } from "../../src/app/status.js";
import { Fault } from "../../src/ports/fault.js";
import type { Answer, DriftView } from "../../src/views/view.js";
import {
  action,
  adopted,
  appliedOf,
  beginning,
  bumped,
  byHand,
  codes,
  faultyTarget,
  kinds,
  lineOf,
  prepared,
  ramping,
  say,
  scheduled,
  shown,
  stateIn,
  support,
  users,
  weight,
} from "../support/team.js";
import { type As, oneAgent, Workspace } from "../support/workspace.js";

let at: Workspace;
const beginWith = beginning((copy) => {
  at = copy;
});

const broken = (w: Workspace) => w.edit("rollout.config.yaml", "strategy: quick", "strategy: quick\n    runbok: x");

const endOrRaise = "rollout abort support (end it) or rollout resume support (raise it again)";

describe("abort --break-glass", () => {
  const glass = (agent = "support"): Promise<Answer> =>
    answering(() => breakGlass(at.world(), { agent, because: null }));
  beginWith(() => prepared(oneAgent, ramping));

  test("while another process holds the state file locked", async () => {
    const lock = new Database(join(at.root, ".rollout/state.db"));
    lock.exec("BEGIN EXCLUSIVE");
    expect((await glass()).exit).toBe(0);
    expect(await weight(at)).toBe(0);
    lock.exec("ROLLBACK");
    lock.close();
  });

  test.each([
    [
      "a state file that is damaged",
      () => at.write(".rollout/state.db", "this is no database, whatever its name says"),
    ],
    ["a state file that is gone", () => at.remove(".rollout")],
    [
      "a spec with an error elsewhere",
      () => at.edit("rollout.config.yaml", "version: 1\n", "version: 1\nnonsense: 1\n"),
    ],
  ])("with %s", async (_, harm) => {
    harm();
    expect((await glass()).exit).toBe(0);
    expect(await weight(at)).toBe(0);
  });

  test("with a target that shows nothing of ours, and does not take all of it", async () => {
    const file = "path: live/support.json, include: live/support.yaml";
    const target = `{ kind: litellm, ${file}, providers: [{ models: "*", as: "a/{model}-{version}" }], reload: ["true"] }`;
    at.edit("rollout.config.yaml", "target: live/support.json", `target: ${target}`);
    at.write("live/support.yaml", "model_list: [{ model_name: mine }]\n");
    for (const answer of [await glass(), await glass()]) {
      expect(codes(answer)).toEqual(["door/fault"]);
      expect(lineOf(answer)).toMatch(/rollout did not write it.* Its routing file has all sessions on r-\w+ now\.$/);
    }
    expect(await shown(at)).toMatchObject({ kind: "serving", route: { canary: null, weight: 0 }, fence: { epoch: 3 } });
  });

  test("an abort that cannot reach the state says that there is this", async () => {
    at.write(".rollout/state.db", "this is no database, whatever its name says");
    const { view } = await say(at, "abort");
    expect(view.kind === "problems" && view.problems[0]).toMatchObject({
      code: "door/fault",
      hint: "rollout abort support --break-glass",
    });
  });

  test("the reason, which no journal took, is handed back to be said again", async () => {
    const { view } = await breakGlass(at.world(), { agent: "support", because: "tool loops" });
    expect(view.kind === "message" && view.lines.at(-1)).toContain('rollout abort support --because "tool loops"');
  });

  test("the next apply finds it, pauses, and never raises it without a person", async () => {
    await glass();
    const before = await shown(at);
    await users(at, { hours: 1.25 });
    await scheduled(at);
    expect(await action(at)).toMatchObject({ kind: "hold", code: "rollout/paused", hint: endOrRaise });
    for (let count = 0; count < 3; count++) {
      at.pass(1);
      await scheduled(at);
    }
    expect(await weight(at)).toBe(0);
    expect((await kinds(at)).filter((kind) => kind === "drift-found")).toHaveLength(1);
    await say(at, "resume");
    await scheduled(at);
    expect(await weight(at)).toBe(50);
    const after = await shown(at);
    const epoch = (live: typeof after): number => (live.kind === "serving" ? live.fence.epoch : -1);
    expect(epoch(after)).toBeGreaterThanOrEqual(epoch(before));
  });

  test("a stalled run of before cannot raise it again", async () => {
    const live = await shown(at);
    if (live.kind !== "serving") throw new Error(live.kind);
    await glass();
    const target = at.world().open.target({ kind: "snapshot", path: "live/support.json" }, at.root);
    const { revision, base } = { revision: live.route.canary, base: live.route.stable };
    const contents = [revision, base].map((id) => ({
      id,
      agent: support,
      steps: {},
      prompts: [],
      tools: [],
      release: null,
      origin: { commit: null, dirty: false },
    }));
    const action = {
      kind: "shift",
      agent: support,
      route: live.route,
      contents: contents as never,
      lineage: live.lineage,
      sessionTimeout: 60_000 as never,
      sessionHeader: "x",
    } as const;
    await expect(
      target.act(action, { ...live.fence, serial: live.fence.serial + 5 }, AbortSignal.timeout(1000)),
    ).rejects.toThrow(Fault);
    expect(await weight(at)).toBe(0);
  });

  test("it ends with an abort once the state is back", async () => {
    await glass();
    expect((await say(at, "abort", "it looped")).exit).toBe(0);
    expect((await stateIn(at)).finished.map(({ outcome }) => outcome)).toEqual(["rolled-back"]);
    expect(await action(at)).toMatchObject({ code: "rollout/rejected-change" });
  });

  test("without a canary there is nothing to take away", async () => {
    await glass();
    const again = await glass();
    expect([again.exit, lineOf(again)]).toEqual([0, expect.stringMatching(/^support has no canary/)]);
  });

  test.each([
    ["an agent that the spec does not name", "sales", "agent/unknown"],
    ["a name that every object has", "constructor", "agent/unknown"],
  ])("%s", async (_, agent, code) => {
    expect(codes(await glass(agent))).toEqual([code]);
  });

  test("a target that shows nothing", async () => {
    at.remove("live");
    expect(codes(await glass())).toEqual(["door/fault"]);
  });

  test("its own part of the spec has an error: the problems are said, for its target is not known", async () => {
    broken(at);
    expect(codes(await glass())).toEqual(["config/unknown-key"]);
  });
});

describe("recover", () => {
  const recovering = (as: As = {}): Promise<Answer> =>
    answering(() => recover(at.world(as), { agent: "support", because: null }));
  const lost = (w: Workspace) => w.remove(".rollout");
  beginWith(() => prepared(oneAgent, ramping, lost));

  test("the plan calls it lost, and nobody touches the target before a person says so", async () => {
    expect(await action(at)).toMatchObject({ kind: "hold", code: "state/lost", hint: "rollout recover support" });
    for (const answer of [await scheduled(at), await byHand(at)]) {
      expect(answer.exit).toBe(0);
      expect(appliedOf(answer).agents).toMatchObject([{ done: [], after: { kind: "hold" } }]);
    }
    expect(await weight(at)).toBe(50);
  });

  test("what is served is stable, the canary is withdrawn, and apply works again", async () => {
    const before = await shown(at);
    const answer = await recovering();
    expect([answer.exit, lineOf(answer)]).toEqual([0, expect.stringMatching(/canary that was running is withdrawn/)]);
    const after = await shown(at);
    if (before.kind !== "serving" || after.kind !== "serving") throw new Error("the target serves");
    expect(after.route).toMatchObject({ stable: before.route.stable, canary: null });
    expect(after.fence.epoch).toBeGreaterThan(before.fence.epoch);
    await scheduled(at);
    expect(await weight(at)).toBe(50);
  });

  test("a revision that neither spec nor state knows is stable as it is served", async () => {
    const before = await shown(at);
    if (before.kind !== "serving") throw new Error(before.kind);
    // Meanwhile the registry was edited in place: nobody has proven what it says now.
    at.write("registry/models.yaml", "planning: opus@7\nparsing: haiku@7\n");
    at.edit("rollout.config.yaml", "canary:\n  overrides:\n    planning: opus@2\n", "");
    expect((await recovering()).exit).toBe(0);
    const after = await shown(at);
    if (after.kind !== "serving") throw new Error(after.kind);
    expect(after.route.stable).toBe(before.route.stable);
    expect(after.served[after.route.stable]).toEqual(before.served[before.route.stable]);
    expect((await action(at)).changes.map(({ component, from, to }) => [component, from, to])).toEqual([
      ["step:parsing", "haiku@1", "haiku@7"],
      ["step:planning", "opus@1", "opus@7"],
    ]);
    // And when the spec goes back to it there is nothing to do.
    at.write("registry/models.yaml", "planning: opus@1\nparsing: haiku@1\n");
    expect((await scheduled(at)).exit).toBe(0);
    expect((await action(at)).kind).toBe("none");
  });

  test("prompts that were served are kept too", async () => {
    const before = await shown(at);
    at.write("prompts/support/system.md", "You sell things.\n");
    at.edit("rollout.config.yaml", "canary:\n  overrides:\n    planning: opus@2\n", "");
    await recovering();
    const after = await shown(at);
    if (before.kind !== "serving" || after.kind !== "serving") throw new Error("the target serves");
    expect(after.served[after.route.stable]).toEqual(before.served[before.route.stable]);
    expect((await action(at)).changes.map(({ component }) => component)).toEqual(["prompt:prompts/support/system.md"]);
  });

  test("a target that holds something else is replaced by the registry without overrides, and the answer says so", async () => {
    at.write("live/support.json", "{}");
    expect(await action(at)).toMatchObject({ code: "state/lost" });
    const answer = await recovering();
    expect(lineOf(answer)).toMatch(/registry without overrides/);
    expect(lineOf(answer)).not.toMatch(/withdrawn/);
    expect(await action(at)).toMatchObject({ kind: "start", hint: expect.stringMatching(/^rollout apply support/) });
  });

  test("state and target agree: there is nothing to recover", async () => {
    await recovering();
    expect(codes(await recovering())).toEqual(["state/not-lost"]);
  });

  test("the target refuses: exit 15, recorded, and the next apply sets it", async () => {
    const answer = await recovering({ open: faultyTarget(at, support, new Fault("unreachable", "the disk is full")) });
    expect(answer.exit).toBe(15);
    await scheduled(at);
    expect((await stateIn(at)).inDoubt).toBe(false);
  });
});

describe("a state that was set back, as by restoring an older copy", () => {
  beginWith(() =>
    prepared(oneAgent, ramping, async (w) => {
      const older = new Workspace(w);
      await say(w, "promote");
      cpSync(join(older.root, ".rollout"), join(w.root, ".rollout"), { recursive: true });
      older.remove();
    }),
  );

  test("the plan calls it lost, and what was promoted since keeps its traffic", async () => {
    const before = await shown(at);
    if (before.kind !== "serving") throw new Error(before.kind);
    expect(before.route.canary).toBe(null);
    expect(await action(at)).toMatchObject({ kind: "hold", code: "state/lost", hint: "rollout recover support" });
    for (const answer of [await scheduled(at), await byHand(at)]) expect(answer.exit).toBe(0);
    expect(await shown(at)).toMatchObject({ route: before.route, fence: before.fence });
  });

  test("recover takes what is served as stable", async () => {
    const before = await shown(at);
    expect((await answering(() => recover(at.world(), { agent: "support", because: null }))).exit).toBe(0);
    const after = await shown(at);
    if (before.kind !== "serving" || after.kind !== "serving") throw new Error("the target serves");
    expect(after.route.stable).toBe(before.route.stable);
    expect((await action(at)).code).not.toBe("state/lost");
  });
});

describe("drift", () => {
  const drifting = (correct: boolean, as: As = {}): Promise<Answer> =>
    answering(() => drift(at.world(as), { agents: [], correct }));
  const rowOf = ({ view }: Answer): DriftView["agents"][number] | undefined =>
    view.kind === "drift" ? view.agents[0] : undefined;
  beginWith(() => prepared(oneAgent, adopted));

  test("nothing has drifted", async () => {
    expect(rowOf(await drifting(false))).toMatchObject({ drifted: false, because: "as last put in force" });
    expect((await drifting(true)).exit).toBe(0);
    expect(await kinds(at)).toHaveLength(3);
  });

  test("a file that is gone is told, held by the plan, and set again by a person", async () => {
    at.edit("rollout.config.yaml", "    strategy: quick\n", "    strategy: quick\n    on_drift: report\n");
    at.remove("live/support.json");
    expect(rowOf(await drifting(false))).toMatchObject({ drifted: true, live: "nothing yet" });
    expect(await action(at)).toMatchObject({
      kind: "hold",
      code: "drift/reported",
      hint: "rollout drift support --correct",
    });
    expect((await scheduled(at)).exit).toBe(0);
    expect((await shown(at)).kind).toBe("empty");
    expect(rowOf(await drifting(true))).toMatchObject({
      drifted: false,
      because: "set again",
      live: expect.stringMatching(/^every session on r-/),
    });
    expect((await shown(at)).kind).toBe("serving");
  });

  test("an agent that corrects drift has it set again by the next apply", async () => {
    at.remove("live/support.json");
    expect(await action(at)).toMatchObject({ kind: "repair" });
    expect((await scheduled(at)).exit).toBe(0);
    expect((await shown(at)).kind).toBe("serving");
  });

  test("the target refuses: nothing is claimed", async () => {
    at.remove("live/support.json");
    const answer = await drifting(true, {
      open: faultyTarget(at, support, new Fault("unreachable", "the disk is full")),
    });
    expect([answer.exit, rowOf(answer)]).toEqual([
      15,
      expect.objectContaining({ drifted: true, because: expect.stringMatching(/disk is full/) }),
    ]);
  });

  test("traffic that somebody took from the canary stays away: correcting pauses, and says so", async () => {
    await bumped(at);
    await scheduled(at);
    await breakGlass(at.world(), { agent: "support", because: null });
    const answer = await drifting(true);
    expect(rowOf(answer)).toMatchObject({
      drifted: false,
      because: expect.stringMatching(/paused.*rollout resume support/),
    });
    expect(await weight(at)).toBe(0);
  });

  test("a route of another journal is not ours to correct, even where it is the same", async () => {
    const other = await prepared(oneAgent, adopted);
    at.write("live/support.json", other.read("live/support.json"));
    other.remove();
    for (const correct of [false, true])
      expect(rowOf(await drifting(correct))).toMatchObject({
        drifted: true,
        because: "the target carries a route of another journal: rollout recover support",
      });
    expect(await kinds(at)).toHaveLength(3);
    expect((await answering(() => recover(at.world(), { agent: "support", because: null }))).exit).toBe(0);
    expect(rowOf(await drifting(false))).toMatchObject({ drifted: false });
  });
});

describe("a metrics file that is no metrics file", () => {
  beginWith(() => prepared(oneAgent, ramping, (w) => w.write(".rollout/state.metrics.db", "this is no database")));

  test("evidence is missing: the canary stays where it is, and nobody is kept from aborting it", async () => {
    at.pass(12);
    expect((await scheduled(at)).exit).toBe(0);
    expect(await action(at)).toMatchObject({ kind: "hold", because: expect.stringMatching(/metrics cannot be read/) });
    expect(await weight(at)).toBe(50);
    const { view, exit } = await status(at.world(), { agents: [] });
    expect([exit, view.kind === "status" && view.agents.map(({ stable }) => stable)]).toEqual([0, [null]]);
    expect((await say(at, "abort")).exit).toBe(0);
    expect(await weight(at)).toBe(0);
  });
});

describe("status", () => {
  beginWith(() => prepared(oneAgent, ramping));

  test("one journal that cannot be read is told in its own row", async () => {
    const database = new Database(join(at.root, ".rollout/state.db"));
    database.prepare("UPDATE entries SET event = replace(event, 'ada', 'eve')").run([]);
    database.prepare("DELETE FROM snapshots").run([]);
    database.close();
    const answer = await answering(() => status(at.world(), { agents: [] }));
    expect(answer.exit).toBe(1);
    expect(answer.view.kind === "status" && answer.view.agents.map(({ agent, problem }) => [agent, problem])).toEqual([
      ["support", expect.stringMatching(/cannot be looked at/)],
    ]);
  });
});
