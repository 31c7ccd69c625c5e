/** Records in from files, and what they say of each revision. */
import { describe, expect, test } from "vitest";
import { metricsImport, metricsShow } from "../../src/app/metrics.js";
import { answering } from "../../src/app/refusal.js";
import { hour } from "../../src/core/model/units.js";
import type { Answer, MetricsView } from "../../src/views/view.js";
import { adopted, beginning, codes, lineOf, prepared, ramping, stateIn, users } from "../support/team.js";
import { oneAgent, specWith, type Workspace } from "../support/workspace.js";

let at: Workspace;
const beginWith = beginning((copy) => {
  at = copy;
});

const importing = (...files: readonly string[]): Promise<Answer> =>
  answering(() => metricsImport(at.world(), { files }));
async function shown(windowHours = 1, failed = 10): Promise<MetricsView> {
  const { view } = await metricsShow(at.world(), { agent: "support", window: windowHours * hour, failed });
  if (view.kind !== "metrics") throw new Error(view.kind);
  return view;
}

/** A line of JSON: one task that ended a minute ago, unless the fields say otherwise. */
function task(id: string, fields: object = {}): string {
  const text = (ago: number): string => new Date(at.clock.at - ago).toISOString();
  return JSON.stringify({
    id,
    agent: "support",
    session: `s-${id}`,
    started_at: text(60_000),
    ended_at: text(30_000),
    ...fields,
  });
}

describe("metrics import", () => {
  beginWith(() => prepared(specWith("", "    budget: { cost_usd: 0.50, llm_calls: 4 }\n"), adopted));

  test("a task counts once, whatever file it comes in", async () => {
    at.write("a.jsonl", [task("1"), "", task("2"), task("1")].join("\n"));
    at.write("b.jsonl", `${task("2")}\r\n${task("3")}\r\n`);
    const answer = await importing("a.jsonl", "b.jsonl");
    expect([answer.exit, lineOf(answer)]).toEqual([
      0,
      "a.jsonl: 2 added, 1 known already\nb.jsonl: 1 added, 1 known already",
    ]);
    expect(answer.view).toMatchObject({ data: { added: 3, duplicates: 2, expired: 0 } });
    expect(lineOf(await importing("a.jsonl"))).toBe("a.jsonl: 0 added, 3 known already");
  });

  test("every bad line of every field is told with its place, and nothing at all is counted", async () => {
    at.write("good.jsonl", task("1"));
    at.write("bad.jsonl", [task("2"), "{", task("3", { cost_usd: "much" }), task("4", { cots_usd: 1 })].join("\n"));
    const answer = await importing("good.jsonl", "bad.jsonl");
    expect(answer.exit).toBe(1);
    expect(answer.view.kind === "problems" && answer.view.problems.map(({ span }) => [span?.file, span?.line])).toEqual(
      [
        ["bad.jsonl", 2],
        ["bad.jsonl", 3],
        ["bad.jsonl", 4],
      ],
    );
    expect(lineOf(await importing("good.jsonl"))).toBe("good.jsonl: 1 added, 0 known already");
  });

  test("a file that is not there keeps the others from being counted", async () => {
    at.write("good.jsonl", task("1"));
    expect(codes(await importing("good.jsonl", "none.jsonl"))).toEqual(["file/missing"]);
    expect(lineOf(await importing("good.jsonl"))).toBe("good.jsonl: 1 added, 0 known already");
  });

  test("an agent that nobody knows is named with the file", async () => {
    at.write("a.jsonl", task("1", { agent: "suport" }));
    const answer = await importing("a.jsonl");
    expect(answer.view.kind === "problems" && answer.view.problems).toMatchObject([
      { code: "telemetry/unknown-agent", about: "a.jsonl" },
    ]);
  });

  test("success is no error and within the budget, unless the record says otherwise", async () => {
    const { stable: revision } = await stateIn(at);
    const lines = [
      task("well", { revision }),
      task("error", { revision, error: "timeout" }),
      task("dear", { revision, cost_usd: 0.51 }),
      task("at the edge", { revision, cost_usd: 0.5, llm_calls: 4 }),
      task("chatty", { revision, llm_calls: 5 }),
      task("told so", { revision, success: true, error: "none that matters", cost_usd: 9 }),
      task("reopened", { revision, success: false }),
    ];
    at.write("a.jsonl", lines.join("\n"));
    await importing("a.jsonl");
    const { failed, arms } = await shown();
    expect(failed.map(({ id }) => id).sort()).toEqual(["chatty", "dear", "error", "reopened"]);
    expect(arms.map(({ tasks, values }) => [tasks, values.task_success_rate])).toEqual([[7, expect.closeTo(3 / 7)]]);
  });

  test("under a spec with errors records still come in, judged by the budgets that can be read", async () => {
    at.edit("rollout.config.yaml", "version: 1\n", "version: 1\nnonsense: 1\n");
    at.write("a.jsonl", [task("dear", { cost_usd: 0.51 }), task("well")].join("\n"));
    expect((await importing("a.jsonl")).exit).toBe(0);
    expect((await shown()).failed.map(({ id }) => id)).toEqual(["dear"]);
  });
});

describe("metrics show", () => {
  beginWith(() => prepared(oneAgent, ramping, (w) => users(w, { hours: 2, perHour: 200, success: { "opus@2": 0.5 } })));

  test("each arm over the window alone", async () => {
    const [all, last] = [await shown(3), await shown(1)];
    const tasksOf = ({ arms }: MetricsView): number => arms.reduce((sum, { tasks }) => sum + tasks, 0);
    // A task stands in the window in which it ended: three sessions have not by now.
    expect([tasksOf(all), tasksOf(last)]).toEqual([397, 200]);
    const { stable, rollout } = await stateIn(at);
    expect(all.arms.map(({ revision }) => revision)).toEqual([stable, rollout?.canary]);
    const [stableRate = 0, canaryRate = 1] = all.arms.map(({ values }) => values.task_success_rate ?? Number.NaN);
    expect([stableRate > 0.85, canaryRate < 0.65]).toEqual([true, true]);
    expect(all.arms[0]?.values.mean_cost_usd).toBeNull();
  });

  test("the failed tasks that ended last, newest first", async () => {
    const { failed } = await shown(3, 5);
    expect(failed).toHaveLength(5);
    expect(failed.map((row) => row.at)).toEqual(failed.map((row) => row.at).sort((a, b) => b - a));
    expect(failed[0]?.why).toBe("wrong answer");
  });

  test("an agent that nobody knows", async () => {
    const answer = await answering(() => metricsShow(at.world(), { agent: "suport", window: hour, failed: 1 }));
    expect(codes(answer)).toEqual(["agent/unknown"]);
  });
});
