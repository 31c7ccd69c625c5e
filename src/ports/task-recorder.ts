// The door by which records of tasks and sessions come in, and by which people look at single ones.

import type { SessionRecord, TaskRecord } from "../core/metric/task-record.js";
import type { AgentId } from "../core/model/units.js";

export interface RecordBatch {
  /** Where `success` is null, a task without an error counts as one: `judgeTask` knows the budget. */
  readonly tasks: readonly TaskRecord[];
  readonly sessions: readonly SessionRecord[];
}

/** Tasks and sessions together. */
export interface RecordCount {
  readonly added: number;
  /** Known by their agent and id; they changed nothing, but for a session's end that was not known yet. */
  readonly duplicates: number;
  /** Older than what is kept. */
  readonly expired: number;
}

export interface TaskRecorder {
  /** In any order of arrival. Throws a `Fault` where it cannot be written; sent again, what was taken in before counts as a duplicate. */
  record(batch: RecordBatch): Promise<RecordCount>;
  /** The failed tasks of an agent that ended last, newest first. */
  failedTasks(agent: AgentId, limit: number): Promise<readonly TaskRecord[]>;
}
