/** The demo's story, played once: what it prints, and what it leaves behind. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { demo } from "../../src/app/demo/demo.js";
import { incidentShow } from "../../src/app/incident.js";
import { plan } from "../../src/app/plan.js";
import { runbookShow } from "../../src/app/runbook.js";
import { status } from "../../src/app/status.js";
import type { World } from "../../src/app/world.js";
import type { Event } from "../../src/core/model/journal.js";
import type { AgentId } from "../../src/core/model/units.js";
import { openLibsql } from "../../src/providers/databases/libsql.js";
import { openSqliteStore } from "../../src/providers/stores/sqlite.js";
import type { Answer } from "../../src/views/view.js";
import { Workspace } from "../support/workspace.js";

const at = new Workspace({});
const lines: string[] = [];
let answer: Answer;
let there: World;
let root = "";

beforeAll(async () => {
  answer = await demo(at.world(), { print: (line) => lines.push(line) });
  root = String(answer.view.kind === "message" ? answer.view.data.workspace : "");
  there = { ...at.world(), cwd: root };
});
afterAll(() => at.remove());

async function events(agent: string): Promise<readonly Event[]> {
  const store = await openSqliteStore({
    path: join(root, ".rollout/state.db"),
    now: () => at.clock.at,
    openDatabase: openLibsql,
    readOnly: true,
  });
  try {
    return (await store.history(agent as AgentId)).map(({ event }) => event);
  } finally {
    await store.close();
  }
}

/** The weights that were put in force, in percent, beginning with the rollout. */
const weightsOf = (all: readonly Event[]): readonly number[] =>
  all.slice(3).flatMap((event) => (event.kind === "shift-begun" ? [event.route.weight / 100] : []));
const verdictsOf = (all: readonly Event[]): readonly string[] =>
  all.flatMap((event) => (event.kind === "gate-judged" ? [event.verdict.result] : []));
const git = (...args: readonly string[]): string => execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();

test("it ends well", () => {
  expect(answer.exit).toBe(0);
});

describe("a bump whose evals stay flat and whose traffic collapses", () => {
  test("the eval gate passes, 5 %, the canary gate fails, nothing is left of it", async () => {
    const all = await events("researcher");
    expect([weightsOf(all), verdictsOf(all)]).toEqual([
      [5, 0],
      ["pass", "fail"],
    ]);
    expect(all.at(-1)).toMatchObject({ kind: "rollout-finished", outcome: "rolled-back" });
    const fail = all.find((event) => event.kind === "gate-judged" && event.verdict.result === "fail");
    expect(fail?.kind === "gate-judged" && fail.verdict.because).toMatch(/task_success_rate 0\.[01]\d* vs 0\.7\d*/);
  });

  test("an incident names the numbers, the change and the runbook, which is there", async () => {
    const { view } = await incidentShow(there, { id: "researcher-1" });
    expect(view.kind === "incident" && view.incident).toMatchObject({
      outcome: "rolled-back",
      gate: "canary",
      weight: 500,
      runbook: "runbooks/task-success-drop.md",
      changes: [{ component: "step:answer", from: "claude-sonnet-4-5@20250929", to: "claude-sonnet-4-6@20260217" }],
    });
    expect((await runbookShow(there, { name: "task-success-drop" })).exit).toBe(0);
  });
});

describe("a bump that is truly no worse", () => {
  test("it climbs 5, 50, 100 %, each rise behind a pass", async () => {
    const all = await events("coder");
    expect(weightsOf(all).slice(0, 3)).toEqual([5, 50, 100]);
    expect(verdictsOf(all)).toEqual(["pass", "pass", "pass"]);
    expect(all.filter((event) => event.kind === "rollout-finished")).toMatchObject([{ outcome: "promoted" }]);
  });

  test("the baseline and the folded override are committed, with the operation's trailer, and the checkout has them", async () => {
    const all = await events("coder");
    const begun = all.find((event) => event.kind === "operation-begun");
    const id = begun?.kind === "operation-begun" ? begun.operation.id : "";
    expect(git("log", "--all", "--format=%(trailers:key=Rollout-Operation,valueonly)")).toContain(id);
    expect(git("show", "main:registry/models.yaml")).toContain("coder/answer: MiniMax-M2.5@20260212");
    expect(git("show", "main:evals/baselines/coder.json")).toContain('"score"');
    expect(git("show", "main:rollout.config.yaml")).not.toContain("MiniMax-M2.5");
    expect(git("status", "--short")).toBe("");
    expect(existsSync(join(root, "evals/baselines/coder.json"))).toBe(true);
    expect(readFileSync(join(root, "registry/models.yaml"), "utf8")).toContain("researcher/answer: claude-sonnet-4-5");
  });
});

describe("what it leaves to look around in", () => {
  test("the rejected bump is held, the promoted one is at rest", async () => {
    const { view } = await plan(there, { agents: [], out: null, detailedExitcode: false });
    expect(view.kind === "plan" && view.plan.actions.map(({ agent, kind, code }) => [agent, kind, code])).toEqual([
      ["researcher", "hold", "rollout/rejected-change"],
      ["coder", "none", null],
    ]);
  });

  test("status shows the last hour of both", async () => {
    const last = (await events("coder")).at(-1)?.at ?? at.clock.at;
    const { view, exit } = await status({ ...there, now: () => last }, { agents: [] });
    expect(exit).toBe(0);
    expect(
      view.kind === "status" && view.agents.map(({ agent, stable }) => [agent, (stable?.tasks ?? 0) > 100]),
    ).toEqual([
      ["coder", true],
      ["researcher", true],
    ]);
  });
});

test("the report tells the story: commands, plans, journals, the incident", () => {
  const report = lines.join("\n");
  for (const part of [
    "$ rollout bump answer claude-sonnet-4-6@20260217 --agent researcher",
    "eval gate passes",
    "the rest on",
    "incident researcher-1: researcher rolled back",
    "$ rollout bump answer MiniMax-M2.5@20260212 --agent coder",
    "promoted",
    `npx rollout -C ${root} status`,
  ])
    expect(report).toContain(part);
});
