// Sufficient statistics of the tasks in a window of time: they add up, minute by minute, into the figures that people see.

import type { MetricName } from "../model/metric.js";
import type { TaskRecord } from "./task-record.js";

/** Counts and sums; `…Tasks` is how many tasks reported it. Latencies are counted in logarithmic buckets, 2 % wide. */
export interface WindowTally {
  readonly tasks: number;
  readonly succeeded: number;
  readonly llmCalls: number;
  readonly llmCallsTasks: number;
  readonly costUsd: number;
  readonly costUsdTasks: number;
  readonly checkpoints: number;
  readonly checkpointsTasks: number;
  readonly destructiveActions: number;
  readonly rolledBackActions: number;
  /** Bucket -> tasks. */
  readonly latencies: ReadonlyMap<number, number>;
}

export const emptyTally: WindowTally = {
  tasks: 0,
  succeeded: 0,
  llmCalls: 0,
  llmCallsTasks: 0,
  costUsd: 0,
  costUsdTasks: 0,
  checkpoints: 0,
  checkpointsTasks: 0,
  destructiveActions: 0,
  rolledBackActions: 0,
  latencies: new Map(),
};

type TalliedTask = Pick<
  TaskRecord,
  "success" | "llmCalls" | "costUsd" | "latencySec" | "checkpoint" | "destructiveActions" | "rolledBackActions"
>;

export function tallyTask(task: TalliedTask): WindowTally {
  const rollbackKnown = task.destructiveActions !== null && task.rolledBackActions !== null;
  return {
    tasks: 1,
    succeeded: Number(task.success === true),
    llmCalls: task.llmCalls ?? 0,
    llmCallsTasks: Number(task.llmCalls !== null),
    costUsd: task.costUsd ?? 0,
    costUsdTasks: Number(task.costUsd !== null),
    checkpoints: Number(task.checkpoint === true),
    checkpointsTasks: Number(task.checkpoint !== null),
    destructiveActions: rollbackKnown ? (task.destructiveActions ?? 0) : 0,
    rolledBackActions: rollbackKnown ? (task.rolledBackActions ?? 0) : 0,
    latencies: new Map(task.latencySec === null ? [] : [[latencyBucket(task.latencySec), 1]]),
  };
}

export function addTallies(tallies: Iterable<WindowTally>): WindowTally {
  const sum = { ...emptyTally };
  const latencies = new Map<number, number>();
  for (const tally of tallies) {
    sum.tasks += tally.tasks;
    sum.succeeded += tally.succeeded;
    sum.llmCalls += tally.llmCalls;
    sum.llmCallsTasks += tally.llmCallsTasks;
    sum.costUsd += tally.costUsd;
    sum.costUsdTasks += tally.costUsdTasks;
    sum.checkpoints += tally.checkpoints;
    sum.checkpointsTasks += tally.checkpointsTasks;
    sum.destructiveActions += tally.destructiveActions;
    sum.rolledBackActions += tally.rolledBackActions;
    for (const [bucket, tasks] of tally.latencies) latencies.set(bucket, (latencies.get(bucket) ?? 0) + tasks);
  }
  return { ...sum, latencies };
}

/** The metrics of the window as people know them: the success rate is a success rate here. Null: nothing reported it. */
export function windowValues(tally: WindowTally): Readonly<Record<MetricName, number | null>> {
  const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
  return {
    task_success_rate: share(tally.succeeded, tally.tasks),
    mean_llm_calls: share(tally.llmCalls, tally.llmCallsTasks),
    mean_cost_usd: share(tally.costUsd, tally.costUsdTasks),
    checkpoint_trigger_rate: share(tally.checkpoints, tally.checkpointsTasks),
    rollback_rate: share(tally.rolledBackActions, tally.destructiveActions),
    p95_latency_sec: latencyQuantile(tally.latencies, 0.95),
  };
}

const logRatio = Math.log(1.02);
/** Latencies of nothing share a bucket below all others. */
const zeroBucket = -100_000;

/** Bucket b holds [1.02^b, 1.02^(b+1)) seconds. */
export function latencyBucket(seconds: number): number {
  return seconds <= 0 ? zeroBucket : Math.floor(Math.log(seconds) / logRatio);
}

/** Within 1 % of the q-quantile (nearest rank); null without a latency. */
export function latencyQuantile(latencies: ReadonlyMap<number, number>, q: number): number | null {
  const buckets = [...latencies].sort(([a], [b]) => a - b);
  const total = buckets.reduce((sum, [, tasks]) => sum + tasks, 0);
  let seen = 0;
  for (const [bucket, tasks] of buckets) {
    seen += tasks;
    if (seen >= Math.ceil(q * total)) return bucket === zeroBucket ? 0 : Math.exp((bucket + 0.5) * logRatio);
  }
  return null;
}
