/** What the spec asks while something is under way: queue, supersede, retirement, a bump in place. */
import { describe, expect, test } from "vitest";
import { bump } from "../../src/app/bump.js";
import { history } from "../../src/app/history.js";
import { incidentList, incidentShow } from "../../src/app/incident.js";
import { models, promotedByHand, serves, spec, unOverridden } from "../support/served-model.js";
import {
  action,
  adopted,
  badly,
  beginning,
  bumped,
  byHand,
  evaluated,
  journalOf,
  prepared,
  ramping,
  say,
  scheduled,
  stateIn,
  users,
  weight,
} from "../support/team.js";
import { oneAgent, specWith, type Workspace } from "../support/workspace.js";

let at: Workspace;
const beginWith = beginning((copy) => {
  at = copy;
});

describe("a new revision while a canary runs", () => {
  const parsing = (w: Workspace) => w.edit(models, "haiku@1", "haiku@2");

  describe("queue", () => {
    beginWith(() => prepared(oneAgent, ramping));

    test("it waits, the running canary goes on, and then it starts", async () => {
      parsing(at);
      await evaluated(at);
      const { queued, kind } = await action(at);
      expect([kind, queued]).toEqual(["hold", expect.stringMatching(/^r-/)]);
      await users(at, { hours: 1.25 });
      await scheduled(at);
      expect(await serves(at)).toBe("opus@2");
      expect(await action(at)).toMatchObject({ kind: "start", to: queued, changes: [{ component: "step:parsing" }] });
      await scheduled(at);
      expect(await weight(at)).toBe(50);
    });

    test("what the canary changes is gone from the spec: it is withdrawn, and nothing is rejected", async () => {
      unOverridden(at);
      expect(await action(at)).toMatchObject({ kind: "withdraw" });
      expect((await scheduled(at)).exit).toBe(0);
      expect([await serves(at), (await stateIn(at)).rejected]).toEqual(["opus@1", []]);
      expect((await stateIn(at)).finished.map(({ outcome }) => outcome)).toEqual(["withdrawn"]);
    });

    test("two changes in one canary are warned of", async () => {
      await say(at, "abort");
      at.edit(spec, "planning: opus@2", "planning: opus@3");
      parsing(at);
      await evaluated(at);
      expect(await action(at)).toMatchObject({
        kind: "start",
        warnings: expect.arrayContaining([expect.stringMatching(/^2 changes travel in one canary/)]),
      });
    });

    test("a change of the source waits for its end, and the plan says so", async () => {
      at.edit(spec, "    target:", "    source: { kind: command, run: [node, metrics.mjs] }\n    target:");
      expect((await action(at)).warnings).toContainEqual(
        expect.stringMatching(/^source: what the spec says now waits for the end of \S+, which asks/),
      );
    });

    test("a change of the ramp never bends it: it counts for the next", async () => {
      at.edit(spec, "weight: 50%", "weight: 20%");
      await users(at, { hours: 1 });
      await scheduled(at);
      expect(await weight(at)).toBe(50);
    });
  });

  test("supersede: it takes the place, one weight change a pass, and the plan says what is thrown away", async () => {
    at = await prepared(specWith("", "    on_new_revision: supersede\n"), ramping);
    await bumped(at, "opus@3");
    expect(await action(at)).toMatchObject({
      kind: "supersede",
      warnings: expect.arrayContaining([expect.stringMatching(/evidence of support-4 is thrown away/)]),
    });
    const weights: (number | null)[] = [];
    for (let count = 0; count < 2; count++) {
      await scheduled(at);
      weights.push(await weight(at));
    }
    const outcomes = (await stateIn(at)).finished.map(({ outcome }) => outcome);
    expect([weights, outcomes]).toEqual([[0, 50], ["superseded"]]);
    at.remove();
  });
});

describe("an agent that left the spec", () => {
  const sales = {
    ...oneAgent,
    [spec]: (oneAgent[spec] ?? "").replace("  support:", "  sales:").replace("live/support", "live/sales"),
  };
  const gone = (w: Workspace) => w.write(spec, sales[spec] ?? "");
  beginWith(() => prepared(oneAgent, ramping, gone));

  test("unattended it holds, canary and all", async () => {
    expect((await scheduled(at)).exit).toBe(0);
    expect(await weight(at)).toBe(50);
  });

  test("a canary that fails is rolled back all the same", async () => {
    await badly(at);
    expect((await scheduled(at)).exit).toBe(14);
    expect(await weight(at)).toBe(0);
  });

  test("a person withdraws the canary, and retires it: stable goes on serving, history is kept", async () => {
    await byHand(at);
    await byHand(at);
    expect([await serves(at), (await stateIn(at)).retired]).toEqual(["opus@1", true]);
    expect((await journalOf(at)).length).toBeGreaterThan(5);
    const { view } = await history(at.world(), { agents: [], limit: null });
    expect(view.kind === "history" && view.agents.map(({ agent }) => agent)).toEqual(["sales", "support"]);
  });

  test("its incidents are still told when it is retired", async () => {
    await badly(at);
    for (let count = 0; count < 3; count++) await byHand(at);
    expect((await stateIn(at)).retired).toBe(true);
    expect((await incidentShow(at.world(), { id: "support-1" })).exit).toBe(0);
    const { view } = await incidentList(at.world(), { agents: [] });
    expect(view.kind === "incidents" && view.incidents.map(({ id }) => id)).toEqual(["support-1"]);
  });

  test("back in the spec it is adopted anew, as it is served", async () => {
    for (let count = 0; count < 3; count++) await byHand(at);
    at.write(spec, oneAgent[spec] ?? "");
    expect(await action(at)).toMatchObject({ kind: "adopt" });
    await byHand(at);
    expect([await serves(at), (await stateIn(at)).retired]).toEqual(["opus@1", false]);
  });
});

test("a bump in place is a canary like an override, and has nothing to fold", async () => {
  at = await prepared(oneAgent, adopted);
  await bump(at.world(), { step: "planning", model: "opus@2", agent: null, inPlace: true });
  await evaluated(at);
  await scheduled(at);
  await promotedByHand(at);
  expect([await serves(at), (await stateIn(at)).unfolded, (await action(at)).kind]).toEqual(["opus@2", {}, "none"]);
  at.remove();
});
