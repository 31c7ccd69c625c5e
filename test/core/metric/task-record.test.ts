import { expect, test } from "vitest";
import { judgeTask, noBudget, type TaskRecord } from "../../../src/core/metric/task-record.js";
import type { AgentId, Instant } from "../../../src/core/model/units.js";

const budget = { costUsd: 0.5, llmCalls: 40, latencySec: 120 };

test.each<[string, Partial<TaskRecord>, boolean]>([
  ["nothing reported", {}, true],
  ["an error", { error: "timeout" }, false],
  ["exactly the budget", { costUsd: 0.5, llmCalls: 40, latencySec: 120 }, true],
  ["over the cost", { costUsd: 0.51 }, false],
  ["over the calls", { llmCalls: 41 }, false],
  ["over the time", { latencySec: 120.1 }, false],
  ["said to have succeeded, over the budget", { success: true, costUsd: 9 }, true],
  ["said to have succeeded, with an error", { success: true, error: "retried" }, true],
  ["said to have failed, within the budget", { success: false, costUsd: 0 }, false],
])("success of a task with %s", (_name, parts, expected) => {
  const judged = judgeTask({ ...task, ...parts }, budget);
  expect(judged).toEqual({ ...task, ...parts, success: expected });
  expect(judgeTask(judged, budget), "judged once is judged for good").toEqual(judged);
});

test("without a budget nothing is over it", () => {
  expect(judgeTask({ ...task, costUsd: 1e9 }, noBudget).success).toBe(true);
});

const task: TaskRecord = {
  id: "t",
  agent: "support" as AgentId,
  revision: null,
  session: null,
  user: null,
  startedAt: 0 as Instant,
  endedAt: 1 as Instant,
  success: null,
  llmCalls: null,
  costUsd: null,
  latencySec: null,
  checkpoint: null,
  destructiveActions: null,
  rolledBackActions: null,
  error: null,
  tags: {},
};
