/** A saved plan is applied once, to the world it was made for, within its life. */
import { beforeEach, expect, test } from "vitest";
import { show } from "../../src/app/show.js";
import { noWeight } from "../../src/core/model/units.js";
import type { Answer } from "../../src/views/view.js";
import {
  adopted,
  appliedOf,
  applyFile,
  bumped,
  codes,
  copiesOf,
  evaluated,
  journalOf,
  planned,
  prepared,
  say,
  scheduled,
  support,
  users,
  weight,
} from "../support/team.js";
import { oneAgent, type Workspace } from "../support/workspace.js";

let at: Workspace;
const copy = copiesOf(() => prepared(oneAgent, adopted, bumped));
beforeEach(() => {
  at = copy();
});

const file = "rollout.plan.json";

function expectStale(answer: Answer, because: RegExp): void {
  expect(codes(answer)).toEqual(["plan/stale"]);
  expect(answer.exit).toBe(10);
  expect(answer.view.kind === "problems" ? answer.view.problems[0]?.detail : "").toMatch(because);
}

test("it is applied, and every entry carries its digest", async () => {
  await planned(at, { out: file });
  const { digest } = JSON.parse(at.read(file)) as { digest: string };
  const answer = await applyFile(at, file);
  expect(answer.exit).toBe(0);
  expect(await weight(at)).toBe(50);
  const entries = (await journalOf(at)).slice(3);
  expect(entries.map(({ event }) => event.kind)).toEqual([
    "rollout-started",
    "gate-judged",
    "shift-begun",
    "shift-done",
  ]);
  expect(entries.map(({ event }) => event.plan)).toEqual(entries.map(() => digest));
});

test("it is applied once", async () => {
  await planned(at, { out: file });
  await applyFile(at, file);
  const again = await applyFile(at, file);
  expect(codes(again)).toEqual(["plan/used"]);
  expect(again.exit).toBe(10);
});

test("a copy of an applied plan is the same plan", async () => {
  await planned(at, { out: file });
  at.write("copy.plan.json", at.read(file));
  await applyFile(at, file);
  expect(codes(await applyFile(at, "copy.plan.json"))).toEqual(["plan/used"]);
});

test("nothing is done where the spec has changed", async () => {
  await planned(at, { out: file });
  at.edit("registry/models.yaml", "haiku@1", "haiku@2");
  expectStale(await applyFile(at, file), /spec/);
  expect(await weight(at)).toBe(0);
});

test("a journal that moved makes it stale, and names the agent", async () => {
  await planned(at, { out: file });
  at.pass(0.1);
  await scheduled(at);
  await say(at, "pause");
  expectStale(await applyFile(at, file), /"support" has moved.*entry 8, not 3/);
});

test("a target that moved makes it stale", async () => {
  await planned(at, { out: file });
  at.remove("live/support.json");
  expectStale(await applyFile(at, file), /"support".*target shows another route/);
});

test.each([
  ["to the millisecond", 0, false],
  ["a millisecond later", 1, true],
])("it lives for two hours, %s", async (_, later, stale) => {
  await planned(at, { out: file });
  at.clock.at = (at.clock.at + 2 * 3_600_000 + later) as typeof at.clock.at;
  const answer = await applyFile(at, file);
  if (stale) expectStale(answer, /expired at 2026-03-02T10:00:00\.000Z/);
  else expect(answer.exit).toBe(0);
});

test("a verdict that came out differently makes it stale", async () => {
  await scheduled(at);
  await users(at, { hours: 1, success: { "opus@2": 0.2 } });
  const before = { out: file };
  // Made before the sessions were closed, applied behind them: the gate waits first, and then fails.
  at.clock.at = (at.clock.at - 3_600_000) as typeof at.clock.at;
  expect((await planned(at, before)).actions[0]?.kind).toBe("hold");
  at.pass(1.5);
  expectStale(await applyFile(at, file), /"support".*(would be "rollback", not "hold"|judges differently)/);
  expect(await weight(at)).toBe(50);
});

test("the numbers of a verdict may have changed", async () => {
  await scheduled(at);
  await users(at, { hours: 0.5, perHour: 100 });
  expect((await planned(at, { out: file })).actions[0]?.kind).toBe("hold");
  await users(at, { hours: 0.1, perHour: 100 });
  expect((await applyFile(at, file)).exit).toBe(0);
});

test.each([
  ["edited", (text: string) => text.replace('"weightTo": 5000', '"weightTo": 10000'), /changed after it was saved/],
  ["torn", (text: string) => text.slice(0, 200), /not JSON/],
  ["empty", () => "", /not JSON/],
  ["another file", () => '{"name":"x"}', /was not written by/],
  ["a list", () => "[]", /was not written by/],
  ["null", () => "null", /was not written by/],
  [
    "a plan that is none",
    () => '{"kind":"rollout-plan","format":1,"digest":"x","plan":7}',
    /changed after it was saved|not written by/,
  ],
  ["of another format", (text: string) => text.replace('"format": 1', '"format": 9'), /format 9/],
])("a file that is %s is refused", async (_, change, because) => {
  await planned(at, { out: file });
  at.write(file, change(at.read(file)));
  const answer = await applyFile(at, file);
  expect(codes(answer)).toEqual(["plan/not-a-plan"]);
  expect(answer.exit).toBe(1);
  expect(answer.view.kind === "problems" ? answer.view.problems[0]?.detail : "").toMatch(because);
  expect(await weight(at)).toBe(0);
});

test("there is no such file", async () => {
  expect(codes(await applyFile(at, "none.json"))).toEqual(["file/missing"]);
});

test("a plan that only holds changes nothing, and may be applied again", async () => {
  at.edit("registry/models.yaml", "haiku@1", "haiku@2");
  const made = await planned(at, { out: file });
  expect(made.actions.map(({ kind, code }) => [kind, code])).toEqual([["hold", "gate/eval-waits"]]);
  const serial = (await journalOf(at)).length;
  for (const answer of [await applyFile(at, file), await applyFile(at, file)]) {
    expect(answer.exit).toBe(0);
    expect(appliedOf(answer).agents.map(({ done, after }) => [done, after.kind])).toEqual([[[], "hold"]]);
  }
  expect((await journalOf(at)).length).toBe(serial);
});

test("identical inputs give identical bytes", async () => {
  await planned(at, { out: "one.json" });
  await planned(at, { out: "two.json" });
  expect(at.read("one.json")).toBe(at.read("two.json"));
});

test("a plan of some agents applies to those alone, and shows without a spec", async () => {
  await planned(at, { out: file });
  at.write("rollout.config.yaml", "version: [");
  const { view } = await show(at.world(), { what: file });
  expect(view.kind === "plan" ? view.plan.actions.map(({ agent, weightFrom }) => [agent, weightFrom]) : view).toEqual([
    [support, noWeight],
  ]);
});

test("a plan of an agent that is gone is stale, not a mistake in a name", async () => {
  await planned(at, { out: file });
  at.remove(".rollout");
  at.edit("rollout.config.yaml", "  support:", "  helpdesk:");
  expectStale(await applyFile(at, file), /spec/);
});

test("a state that is gone makes it stale", async () => {
  at.write("registry/models.yaml", "planning: opus@1\nparsing: haiku@1\n");
  await planned(at, { out: file });
  at.remove(".rollout");
  expectStale(await applyFile(at, file), /"support".*its state is another one/);
});

test("under a spec with errors it is refused, and the errors are said", async () => {
  await planned(at, { out: file });
  at.edit("rollout.config.yaml", "strategy: quick", "strategy: quik");
  const answer = await applyFile(at, file);
  expect(codes(answer)).toEqual(["plan/stale", "config/unknown-strategy"]);
  expect(answer.exit).toBe(10);
});

test("evals that came out differently since then refuse it", async () => {
  await planned(at, { out: file });
  at.remove("evals/results");
  expectStale(await applyFile(at, file), /"support".*would be "hold", not "start"/);
  await evaluated(at);
  expect((await applyFile(at, file)).exit).toBe(0);
});
