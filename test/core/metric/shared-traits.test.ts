import { expect, test } from "vitest";
import { sharedTraits } from "../../../src/core/metric/shared-traits.js";
import type { TaskRecord } from "../../../src/core/metric/task-record.js";
import type { AgentId, Instant, RevisionId } from "../../../src/core/model/units.js";

test("what failed tasks share, the most frequent first; what only one has is no trait", () => {
  const tasks = [
    failed({ error: "timeout", tags: { tool: "refund", kind: "b" } }),
    failed({ error: "timeout", tags: { tool: "refund", kind: "a" } }),
    failed({ error: null, tags: { tool: "refund" } }),
  ];
  expect(sharedTraits(tasks)).toEqual([
    { trait: "revision: r-91bc0aa", tasks: 3 },
    { trait: "tool: refund", tasks: 3 },
    { trait: "error: timeout", tasks: 2 },
  ]);
  expect(sharedTraits([])).toEqual([]);
});

function failed(parts: Partial<TaskRecord>): TaskRecord {
  return {
    id: "t",
    agent: "support" as AgentId,
    revision: "r-91bc0aa777" as RevisionId,
    session: null,
    user: null,
    startedAt: 0 as Instant,
    endedAt: 1 as Instant,
    success: false,
    llmCalls: null,
    costUsd: null,
    latencySec: null,
    checkpoint: null,
    destructiveActions: null,
    rolledBackActions: null,
    error: null,
    tags: {},
    ...parts,
  };
}
