/** The course of changes through many applies: undo, restore, fold, queue, rejection, retirement. */
import { describe, expect, test } from "vitest";
import { fold } from "../../src/app/bump.js";
import { history } from "../../src/app/history.js";
import { incidentList, incidentShow } from "../../src/app/incident.js";
import { answering } from "../../src/app/refusal.js";
import { undo } from "../../src/app/undo.js";
import type { Answer } from "../../src/views/view.js";
import { models, promotedByHand, serves, spec, unOverridden } from "../support/served-model.js";
import {
  action,
  adopted,
  badly,
  beginning,
  bumped,
  byHand,
  codes,
  evaluated,
  kinds,
  lineOf,
  prepared,
  ramping,
  say,
  scheduled,
  stateIn,
  support,
  users,
  weight,
} from "../support/team.js";
import { oneAgent, type Workspace } from "../support/workspace.js";

let at: Workspace;
const beginWith = beginning((copy) => {
  at = copy;
});

const undoing = (because: string | null = "wrong refunds"): Promise<Answer> =>
  answering(() => undo(at.world(), { agent: support, because }));
const folding = (): Promise<Answer> => answering(() => fold(at.world(), { agent: support }));

describe("a promoted override", () => {
  beginWith(() => prepared(oneAgent, ramping, promotedByHand));

  test("until it is folded every plan says so", async () => {
    expect(await action(at)).toMatchObject({
      kind: "none",
      code: "rollout/override-not-folded",
      hint: "rollout fold support",
    });
    expect((await action(at)).warnings).toContainEqual("override promoted, not folded yet: planning = opus@2");
  });

  test("where the fold waits on a branch, its name is said until it is merged", async () => {
    const other = await prepared(
      oneAgent,
      (w) => {
        w.edit("rollout.config.yaml", "{ commit: none }", "{ commit: branch }");
        w.git("commit", "--quiet", "--all", "--message", "Publish promotions on branches");
      },
      ramping,
      (w) => w.git("commit", "--quiet", "--all", "--message", "Try another model"),
      promotedByHand,
    );
    const branch = other.git("branch", "--list", "rollout/*", "--format=%(refname:short)").trim();
    expect(await action(other)).toMatchObject({
      kind: "none",
      because: `override promoted, not folded yet: planning; the branch ${branch} waits to be merged`,
      code: "rollout/override-not-folded",
      hint: null,
    });
    other.git("stash", "--quiet", "--include-untracked");
    other.git("merge", "--quiet", "--no-edit", branch);
    await scheduled(other);
    expect(await action(other)).toMatchObject({ kind: "none", code: null });
    expect(await stateIn(other)).not.toHaveProperty("foldBranch");
    other.remove();
  });

  test("folding writes the registry, takes the override out, and changes no traffic", async () => {
    expect((await folding()).exit).toBe(0);
    expect([at.read(models), at.read(spec)]).toEqual([
      expect.stringContaining("planning: opus@2"),
      expect.not.stringContaining("opus@2"),
    ]);
    await scheduled(at);
    expect([(await stateIn(at)).unfolded, await serves(at)]).toEqual([{}, "opus@2"]);
    expect(await action(at)).toMatchObject({ kind: "none", code: null });
    expect(lineOf(await folding())).toMatch(/no promoted override/);
  });

  test("taken out without folding: it holds, and the two ways out are named", async () => {
    unOverridden(at);
    for (const run of [scheduled, byHand]) expect((await run(at)).exit).toBe(0);
    expect(await action(at)).toMatchObject({
      kind: "hold",
      code: "rollout/override-removed",
      hint: "rollout fold support (keep) or rollout undo support (go back)",
    });
    expect(await serves(at)).toBe("opus@2");
    await folding();
    await scheduled(at);
    expect([await serves(at), (await action(at)).kind]).toEqual(["opus@2", "none"]);
  });

  test("taken out without folding, and undone: the former one serves, and spec and state agree", async () => {
    unOverridden(at);
    expect((await undoing()).exit).toBe(0);
    expect([await serves(at), (await action(at)).kind]).toEqual(["opus@1", "none"]);
  });

  test("the next bump of the same step is a canary of its own", async () => {
    await bumped(at, "opus@3");
    await scheduled(at);
    await promotedByHand(at);
    expect([await serves(at), (await stateIn(at)).unfolded]).toEqual(["opus@3", { planning: "opus@3" }]);
  });
});

describe("an override that hides a later edit of its step", () => {
  beginWith(() => prepared(oneAgent, ramping));
  const edited = () => at.edit(models, "planning: opus@1", "planning: opus@9");
  const masked = {
    kind: "hold",
    code: "rollout/override-masks-edit",
    because: expect.stringMatching(/opus@9.*opus@2/),
  };

  test("while its canary ramps nothing is raised, and a fail still rolls back", async () => {
    edited();
    await users(at, { hours: 1.25 });
    await scheduled(at);
    expect(await action(at)).toMatchObject(masked);
    expect(await weight(at)).toBe(50);
    await users(at, { hours: 1.25, success: { "opus@2": 0.1 } });
    expect((await scheduled(at)).exit).toBe(14);
  });

  test("behind its promotion the plan says what would be lost, and folding keeps the promoted one", async () => {
    await promotedByHand(at);
    edited();
    expect(await action(at)).toMatchObject(masked);
    expect((await action(at)).hint).toBe(
      "rollout bump planning opus@9 --agent support (try the edit) or rollout fold support (keep opus@2)",
    );
    await folding();
    await scheduled(at);
    expect([await serves(at), (await action(at)).kind]).toEqual(["opus@2", "none"]);
  });

  test("the override is taken out: what the registry says is a canary of its own", async () => {
    await promotedByHand(at);
    edited();
    unOverridden(at);
    await evaluated(at);
    expect(await action(at)).toMatchObject({ kind: "start", changes: [{ from: "opus@2", to: "opus@9" }] });
  });

  test("the edit goes into the override: a canary of its own", async () => {
    await promotedByHand(at);
    edited();
    await bumped(at, "opus@9");
    expect(await action(at)).toMatchObject({ kind: "start", changes: [{ from: "opus@2", to: "opus@9" }] });
  });

  test.each([
    ["it is edited to what the override says", () => at.edit(models, "planning: opus@1", "planning: opus@2")],
    ["another step is edited", () => at.edit(models, "haiku@1", "haiku@2")],
    [
      "it is edited back",
      () => {
        edited();
        at.edit(models, "opus@9", "opus@1");
      },
    ],
  ])("nothing is hidden where %s", async (_, edit) => {
    await promotedByHand(at);
    edit();
    expect((await action(at)).code).not.toBe("rollout/override-masks-edit");
  });

  test("an edit that stood there before the canary is hidden from nobody", async () => {
    await say(at, "abort");
    edited();
    await bumped(at, "opus@4");
    await scheduled(at);
    expect([await weight(at), (await action(at)).code]).toEqual([50, "gate/full-waits"]);
  });
});

describe("undo", () => {
  test("there is nothing to go back to", async () => {
    at = await prepared(oneAgent, adopted);
    expect(codes(await undoing())).toEqual(["agent/no-previous"]);
    at.remove();
  });

  describe("behind a promotion", () => {
    beginWith(() => prepared(oneAgent, ramping, promotedByHand));

    test("at once the former revision serves, and holds there until the spec agrees", async () => {
      const answer = await undoing();
      expect([answer.exit, lineOf(answer)]).toEqual([
        0,
        expect.stringMatching(/serves r-[0-9a-f]{7} and holds there until the spec agrees/),
      ]);
      expect(await serves(at)).toBe("opus@1");
      for (let count = 0; count < 3; count++) await scheduled(at);
      expect(await serves(at)).toBe("opus@1");
      expect(await action(at)).toMatchObject({
        kind: "hold",
        code: "rollout/rejected-change",
        because: expect.stringMatching(/planning: opus@1 -> opus@2.*incident support-1/),
      });
      unOverridden(at);
      expect((await action(at)).kind).toBe("none");
    });

    test("it opens an incident with the reason", async () => {
      await undoing("wrong refunds");
      const { view } = await incidentShow(at.world(), { id: "support-1" });
      expect(view.kind === "incident" && view.incident).toMatchObject({
        outcome: "undone",
        because: "wrong refunds",
        by: "ada@example.org",
      });
    });

    test("under a spec with errors", async () => {
      at.edit(spec, "strategy: quick", "strategy: quik");
      expect((await undoing()).exit).toBe(0);
      expect(await serves(at)).toBe("opus@1");
    });

    test("the other canaries of the spec wait their turn: nothing else is begun by it", async () => {
      at.edit(models, "haiku@1", "haiku@2");
      await undoing();
      expect((await kinds(at)).at(-1)).not.toBe("rollout-started");
      expect((await stateIn(at)).rollout).toBeNull();
    });

    test("not while a rollout is under way", async () => {
      await bumped(at, "opus@3");
      await scheduled(at);
      expect(codes(await undoing())).toEqual(["agent/rollout-under-way"]);
    });
  });
});

describe("restore: the spec goes back to the former stable", () => {
  const folded = (w: Workspace) => fold(w.world(), { agent: support });
  const reverted = (w: Workspace) => w.edit(models, "planning: opus@2", "planning: opus@1");
  beginWith(() => prepared(oneAgent, ramping, promotedByHand, folded, scheduled));

  test("one move, no gates", async () => {
    reverted(at);
    expect(await action(at)).toMatchObject({ kind: "restore", weightTo: 10_000 });
    expect((await scheduled(at)).exit).toBe(0);
    expect(await serves(at)).toBe("opus@1");
    expect((await action(at)).kind).toBe("none");
  });

  test("a week later it is a canary like any other", async () => {
    at.pass(7 * 24 + 1);
    reverted(at);
    await evaluated(at);
    expect(await action(at)).toMatchObject({ kind: "start" });
  });
});

describe("what was rejected", () => {
  beginWith(() => prepared(oneAgent, ramping, badly, scheduled));

  test("stays rejected with another change beside it", async () => {
    at.edit(models, "haiku@1", "haiku@2");
    await evaluated(at);
    for (let count = 0; count < 2; count++) await scheduled(at);
    expect(await action(at)).toMatchObject({ kind: "hold", code: "rollout/rejected-change" });
    expect(await weight(at)).toBe(0);
  });

  test("is in nobody's way once it is gone from the spec", async () => {
    at.edit(models, "haiku@1", "haiku@2");
    unOverridden(at);
    await evaluated(at);
    await scheduled(at);
    expect(await weight(at)).toBe(50);
  });

  test("another model of the same step is another change", async () => {
    await bumped(at, "opus@3");
    await scheduled(at);
    expect(await weight(at)).toBe(50);
  });

  test("a proper part of it starts, with a warning", async () => {
    at.edit(models, "haiku@1", "haiku@2");
    unOverridden(at);
    at.edit(spec, "\nstrategies:", "\ncanary:\n  overrides: { planning: opus@5, parsing: haiku@5 }\n\nstrategies:");
    await evaluated(at);
    await scheduled(at);
    await say(at, "abort");
    at.edit(spec, "{ planning: opus@5, parsing: haiku@5 }", "{ planning: opus@5 }");
    at.edit(models, "haiku@2", "haiku@1");
    await evaluated(at);
    expect(await action(at)).toMatchObject({
      kind: "start",
      warnings: expect.arrayContaining([
        expect.stringMatching(/part of what incident support-2 rejected: step:planning/),
      ]),
    });
  });

  test("every view of it: incidents and history", async () => {
    const { view } = await incidentList(at.world(), { agents: [] });
    expect(view.kind === "incidents" && view.incidents.map(({ id, outcome, gate }) => [id, outcome, gate])).toEqual([
      ["support-1", "rolled-back", "full"],
    ]);
    expect(codes(await answering(() => incidentShow(at.world(), { id: "support-2" })))).toEqual(["incident/unknown"]);
    const all = await history(at.world(), { agents: [], limit: 2 });
    expect(all.view.kind === "history" && all.view.agents.map(({ entries }) => entries.length)).toEqual([2]);
  });
});
