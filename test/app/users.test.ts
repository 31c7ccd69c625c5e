/** An agent that is routed and counted by user, from its spec to the verdict. */
import { beforeEach, expect, test } from "vitest";
import { simulate } from "../../src/app/simulate.js";
import type { AgentState } from "../../src/core/model/state.js";
import { action, adopted, badly, bumped, copiesOf, prepared, scheduled, stateIn, users } from "../support/team.js";
import { oneAgent, type Workspace } from "../support/workspace.js";

const bySession = oneAgent["rollout.config.yaml"] ?? "";
const byUser = bySession.replace("session: { timeout: 10m }", "session: { timeout: 10m, unit: user }");

const copy = copiesOf(() =>
  prepared(
    { ...oneAgent, "rollout.config.yaml": byUser },
    (at) => adopted(at),
    (at) => users(at, { hours: 3, perHour: 600, sessionsOfUser: 5 }),
    (at) => bumped(at),
    (at) => scheduled(at),
  ),
);
let at: Workspace;
beforeEach(() => {
  at = copy();
});

const sessionOf = ({ rollout }: AgentState) => rollout?.session;

test("the rollout is frozen with its unit, the routing file says it, and forecasts and verdicts speak of users", async () => {
  expect(sessionOf(await stateIn(at))).toMatchObject({ unit: "user", userHeader: "x-user-id" });
  expect(JSON.parse(at.read("live/support.json") ?? "{}")).toMatchObject({ unit: "user" });
  await users(at, { hours: 1, perHour: 600, sessionsOfUser: 5 });
  const { forecast, because } = await action(at);
  expect(because).toMatch(/needs about \d+ more users/);
  const [gate] = forecast;
  // 120 users an hour; before them nobody came for some hours.
  expect(gate).toMatchObject({ unit: "user" });
  expect(gate?.sessionsPerHour).toBeGreaterThan(100);
  expect(gate?.sessionsPerHour).toBeLessThan(140);
});

test("a canary that fails its users is rolled back", async () => {
  await users(at, { hours: 2, perHour: 1000, sessionsOfUser: 5, success: { "opus@2": 0.2 } });
  await scheduled(at);
  const { rollout, finished } = await stateIn(at);
  expect([rollout?.course ?? finished.at(-1)?.outcome]).toEqual(["rolled-back"]);
});

test("sessions that name no user all go to stable, and a gate that sees no user waits", async () => {
  await badly(at);
  const { because, kind } = await action(at);
  expect(kind).toBe("hold");
  expect(because).toMatch(/none of \d{3} sessions names its user, and users are what is counted/);
});

test("a change of the unit waits for the end of the rollout, and the plan says so", async () => {
  at.write("rollout.config.yaml", (at.read("rollout.config.yaml") ?? "").replace("unit: user", "unit: session"));
  const { warnings } = await action(at);
  expect(warnings).toContainEqual(
    expect.stringMatching(/^session\.unit: session waits for the end of \S+, which is routed and counted by user$/),
  );
  await users(at, { hours: 1, perHour: 600, sessionsOfUser: 5 });
  await scheduled(at);
  expect(sessionOf(await stateIn(at))?.unit).toBe("user");
  expect((await action(at)).because).toContain("more users");
});

test("a simulation plays users, at the pace at which they came", async () => {
  const measured = {
    agent: null,
    sessionsPerHour: null,
    base: null,
    drops: "20pp",
    onset: 3_600_000,
    runs: 2,
    seed: 3,
    svg: null,
  };
  const { view } = await simulate(at.world(), measured);
  if (view.kind !== "simulation") throw new Error(view.kind);
  expect(view).toMatchObject({ unit: "user" });
  expect(view.sessionsPerHour).toBeCloseTo(120, -1);
  expect(view.notes.join(" ")).toContain("Users are what is counted");
});
