/** `rollout backtest` on recorded outcomes of real agents, and on records that it cannot make sense of. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BacktestArguments, backtest } from "../../src/app/backtest.js";
import { answering } from "../../src/app/refusal.js";
import type { Answer, BacktestView } from "../../src/views/view.js";
import { codes } from "../support/team.js";
import { Workspace } from "../support/workspace.js";

const spec = `version: 1
strategies:
  day:
    ramp:
      - { weight: 50%, hold: 2h, until: 12h }
      - { weight: 100% }
    gates:
      canary: { metrics: { task_success_rate: { max_drop: 15pp }, mean_cost_usd: { max_rise: 50% } } }
  narrow:
    ramp: [{ weight: 50%, hold: 2h, until: 12h }, { weight: 100% }]
    gates: { canary: { metrics: { task_success_rate: { max_drop: 5pp } } } }
agents:
  researcher: { steps: { answer: m@1 }, strategy: day, session: { timeout: 10m }, target: live/a.json }
  coder: { steps: { answer: m@1 }, strategy: day, session: { timeout: 10m }, target: live/b.json }
  beebot: { steps: { answer: m@1 }, strategy: narrow, session: { timeout: 10m }, target: live/c.json }
`;
const recorded = ["collapse", "neutral", "unchanged"] as const;

let at: Workspace;
beforeAll(() => {
  at = new Workspace({ "rollout.config.yaml": spec });
  for (const name of recorded) at.write(`${name}.jsonl`, readFileSync(`test/fixtures/backtest/${name}.jsonl`, "utf8"));
});
afterAll(() => at.remove());

function tested(args: Partial<BacktestArguments> & { readonly files: readonly string[] }): Promise<Answer> {
  return answering(() =>
    backtest(at.world(), { agent: "researcher", stable: null, canary: null, against: null, ...args }),
  );
}

function viewOf({ view }: Answer): BacktestView {
  if (view.kind === "backtest") return view;
  throw new Error(view.kind === "problems" ? view.problems.map(({ detail }) => detail).join("\n") : view.kind);
}

const all = "flagger,argo,kayenta,fixed";
const sonnets = { stable: "r-sonnet-4-5", canary: "r-sonnet-4-6" };

test("the collapse of a model on GAIA is rolled back within three hours", async () => {
  const view = viewOf(await tested({ files: ["collapse.jsonl"], ...sonnets, against: all }));
  expect(view.end).toMatchObject({ kind: "rolled-back", weight: 5000 });
  expect(view.end.hours).toBeLessThanOrEqual(3);
  expect(view.end.because).toMatch(/^task_success_rate 0\.\d+ vs 0\.\d+, drop .* proven worse than the tolerance/);
  expect(view.rivals.map(({ name }) => name)).toEqual(["flagger", "argo", "kayenta", "fixed"]);
  const [flagger, argo] = view.rivals;
  expect(flagger?.rollback?.hours).toBe(5);
  expect(argo?.rollback?.hours).toBe(4);
});

test("a bump that changes nothing in task success is promoted", async () => {
  const view = viewOf(await tested({ files: ["neutral.jsonl"], agent: "coder", ...sonnets }));
  expect(view.end.kind).toBe("promoted");
  expect(view.steps.map(({ weight }) => weight)).toEqual([5000, 10_000]);
  expect(view.rivals).toEqual([]);
});

test("an agent measured again against itself is not rolled back, where fixed ranges do it", async () => {
  const view = viewOf(
    await tested({ files: ["unchanged.jsonl"], agent: "beebot", stable: "r-first", canary: "r-again", against: all }),
  );
  expect(view.end).toMatchObject({ kind: "waits", hours: 12 });
  expect(view.rivals.filter(({ rollback }) => rollback !== null).map(({ name }) => name)).toEqual(["flagger", "argo"]);
});

test("the same records give the same answer, in any number of files and any order", async () => {
  const lines = at.read("collapse.jsonl").trimEnd().split("\n");
  at.write("odd.jsonl", `${lines.filter((_, index) => index % 2 === 1).join("\n")}\n`);
  at.write(
    "even.jsonl",
    `${lines
      .filter((_, index) => index % 2 === 0)
      .reverse()
      .join("\n")}\n`,
  );
  const whole = viewOf(await tested({ files: ["collapse.jsonl"], ...sonnets, against: all }));
  const parts = viewOf(await tested({ files: ["odd.jsonl", "even.jsonl", "odd.jsonl"], ...sonnets, against: all }));
  expect(parts).toEqual(whole);
});

test("what started before the canary is history, and of two revisions the first is stable", async () => {
  const lines = at.read("collapse.jsonl").trimEnd().split("\n");
  const late = lines.filter((line, index) => line.includes("r-sonnet-4-5") || index > lines.length / 2);
  at.write("late.jsonl", `${late.join("\n")}\n`);
  const view = viewOf(await tested({ files: ["late.jsonl"] }));
  expect([view.stable.revision, view.canary.revision]).toEqual(["r-sonnet-4-5", "r-sonnet-4-6"]);
  expect(view.notes.join(" ")).not.toContain("learn what stable is like");
  expect(view.from).toBeGreaterThan(Date.UTC(2026, 2, 2, 11));
  expect(view.end.kind).toBe("rolled-back");
});

test("sessions are one unit: their tasks fail together", async () => {
  const lines = at.read("collapse.jsonl").trimEnd().split("\n");
  const doubled = lines.flatMap((line, index) => {
    const task = JSON.parse(line) as object;
    return [1, 2].map((part) => JSON.stringify({ ...task, id: `${index}-${part}`, session: `s-${index}` }));
  });
  at.write("doubled.jsonl", `${doubled.join("\n")}\n`);
  const view = viewOf(await tested({ files: ["doubled.jsonl"], ...sonnets }));
  expect(view.stable.sessions + view.canary.sessions).toBe(lines.length);
});

test("records that end early leave the gate waiting", async () => {
  const few = at.read("collapse.jsonl").split("\n").slice(0, 12).join("\n");
  at.write("few.jsonl", few);
  const view = viewOf(await tested({ files: ["few.jsonl"], ...sonnets }));
  expect(view.end.kind).toBe("open");
  expect(view.end.because).not.toBe("");
});

test.each([
  ["a file that is not there", { files: ["nowhere.jsonl"] }, "file/missing"],
  ["another agent's records", { files: ["neutral.jsonl"] }, "rehearsal/no-records"],
  ["two revisions that began together", { files: ["collapse.jsonl"] }, "rehearsal/which-revision"],
  ["a name that fits none", { files: ["collapse.jsonl"], stable: "r-opus" }, "rehearsal/which-revision"],
  ["a name that fits both", { files: ["collapse.jsonl"], stable: "r-sonnet" }, "rehearsal/which-revision"],
  [
    "one name for both",
    { files: ["collapse.jsonl"], stable: "r-sonnet-4-5", canary: "r-sonnet-4-5" },
    "rehearsal/which-revision",
  ],
  [
    "a rule that nobody has",
    { files: ["collapse.jsonl"], ...sonnets, against: "spinnaker" },
    "rehearsal/bad-assumption",
  ],
  ["an agent that is not there", { files: ["collapse.jsonl"], agent: "sales" }, "agent/unknown"],
  ["no agent of several", { files: ["collapse.jsonl"], agent: null }, "rehearsal/which-agent"],
] as const)("it refuses %s", async (_, args, code) => {
  expect(codes(await tested(args))).toEqual([code]);
});

test("a bad line is told with its place", async () => {
  at.write("torn.jsonl", `${at.read("collapse.jsonl").slice(0, 200)}`);
  const { view } = await tested({ files: ["torn.jsonl"] });
  expect(view.kind === "problems" && view.problems[0]?.span?.line).toBe(2);
});
