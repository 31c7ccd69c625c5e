/** `rollout simulate` on a real workspace: what it assumes, what it refuses, and that it writes nothing but its picture. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { answering } from "../../src/app/refusal.js";
import { type SimulateArguments, simulate } from "../../src/app/simulate.js";
import type { Answer, SimulationView } from "../../src/views/view.js";
import { adopted, codes, users } from "../support/team.js";
import { type As, Workspace } from "../support/workspace.js";

let at: Workspace;
beforeEach(() => {
  at = new Workspace();
});
afterEach(() => at.remove());

const given: SimulateArguments = {
  agent: null,
  sessionsPerHour: "200",
  base: "90%",
  drops: "20pp",
  onset: 3_600_000,
  runs: 6,
  seed: 3,
  svg: null,
};

function simulated(args: Partial<SimulateArguments> = {}, as: As = {}): Promise<Answer> {
  return answering(() => simulate(at.world(as), { ...given, ...args }));
}

function viewOf({ view }: Answer): SimulationView {
  if (view.kind === "simulation") return view;
  throw new Error(view.kind === "problems" ? view.problems.map(({ detail }) => detail).join("\n") : view.kind);
}

test("given traffic and base rate, it plays every scenario with the spec's own ramp", async () => {
  const said: string[] = [];
  const view = viewOf(await simulated({}, { onSay: (line) => said.push(line) }));
  expect(view.legs.map(({ weight, holdHours, untilHours }) => [weight, holdHours, untilHours])).toEqual([[5000, 1, 8]]);
  expect(view.scenarios.map(({ name, runs }) => [name, runs])).toEqual([
    ["as good as stable", 6],
    ["at the margin of 5 pp", 6],
    ["20 pp worse", 6],
    ["20 pp worse after 1 h", 6],
  ]);
  const [healthy, , bad] = view.scenarios;
  expect(healthy?.promoted).toBeGreaterThanOrEqual(5);
  expect(bad?.rolledBack).toBe(6);
  expect(bad?.hoursToRollback?.median).toBeGreaterThan(0);
  expect(said).toContain("20 pp worse: 0 of 6 runs");
  expect(view.notes.join(" ")).toContain("Taken as passed, at once: eval.");
  expect(viewOf(await simulated())).toEqual(view);
});

test("every curve begins at nothing and ends where the counts stand", async () => {
  for (const { curve, runs, promoted, rolledBack, waits } of viewOf(await simulated()).scenarios) {
    expect(curve[0]).toEqual({ hour: 0, promoted: 0, rolledBack: 0, waits: 0 });
    expect(curve.at(-1)).toMatchObject({
      promoted: promoted / runs,
      rolledBack: rolledBack / runs,
      waits: waits / runs,
    });
  }
});

test("it measures what was not given", async () => {
  await adopted(at);
  await users(at, { hours: 2, perHour: 240 });
  const view = viewOf(await simulated({ sessionsPerHour: null, base: null, runs: 1 }));
  expect(view.sessionsPerHour).toBe(240);
  expect(view.failures).toBeGreaterThan(0.02);
  expect(view.failures).toBeLessThan(0.09);
  expect(view.notes[0]).toBe("Traffic is measured over the last 24 h, task success measured; both stay as they are.");
});

test("the picture is a document of its own", async () => {
  const view = viewOf(await simulated({ svg: "pictures/ramp.svg", runs: 2 }));
  expect(view.savedTo).toBe("pictures/ramp.svg");
  const svg = at.read("pictures/ramp.svg");
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" /);
  expect(svg).toContain("20 pp worse after 1 h");
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  expect(svg.trimEnd().endsWith("</svg>")).toBe(true);
});

test("a signal ends it between two runs, and shows what was played", async () => {
  const stop = new AbortController();
  const onSay = (line: string): void => {
    if (line.startsWith("at the margin")) stop.abort();
  };
  const view = viewOf(await simulated({}, { onSay, stop: stop.signal }));
  expect(view.interrupted).toBe(true);
  expect(view.scenarios.map(({ runs }) => runs)).toEqual([6, 1]);
});

test("it writes no state", async () => {
  await simulated({ runs: 1 });
  expect(existsSync(join(at.root, ".rollout"))).toBe(false);
});

test.each([
  ["no traffic", { sessionsPerHour: null }, "rehearsal/no-traffic"],
  ["no base rate", { base: null }, "rehearsal/no-base"],
  ["traffic that is no number", { sessionsPerHour: "many" }, "rehearsal/bad-assumption"],
  ["no traffic at all", { sessionsPerHour: "0" }, "rehearsal/bad-assumption"],
  ["a base rate without a unit", { base: "0.9" }, "rehearsal/bad-assumption"],
  ["a drop in percent", { drops: "5pp,10%" }, "rehearsal/bad-assumption"],
  ["a drop below nothing", { base: "73%", drops: "90pp" }, "rehearsal/bad-assumption"],
  ["an agent that is not there", { agent: "sales" }, "agent/unknown"],
] as const)("it refuses %s", async (_, args, code) => {
  const answer = await simulated(args);
  expect(codes(answer)).toEqual([code]);
  expect(answer.exit).toBe(1);
});

test("one of several agents has to be named", async () => {
  const second =
    "  sales: { steps: [planning], prompts: prompts/support/**, target: live/sales.json, strategy: quick }\n";
  at.write("rollout.config.yaml", `${at.read("rollout.config.yaml")}${second}`);
  expect(codes(await simulated())).toEqual(["rehearsal/which-agent"]);
  expect(viewOf(await simulated({ agent: "sales", runs: 1 })).agent).toBe("sales");
});
