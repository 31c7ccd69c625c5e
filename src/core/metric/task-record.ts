// What agents report of finished tasks and of sessions. What was not measured is null, which is unknown and never 0.

import type { Budget } from "../model/spec.js";
import type { AgentId, Instant, RevisionId } from "../model/units.js";

/** One finished task. */
export interface TaskRecord {
  /** Counted once for each agent. */
  readonly id: string;
  readonly agent: AgentId;
  /** The revision that did the work; null: not known, so in no verdict. */
  readonly revision: RevisionId | null;
  /** Null: the task is a session of its own. */
  readonly session: string | null;
  /** Whose session it is; null: nobody says. */
  readonly user: string | null;
  readonly startedAt: Instant;
  readonly endedAt: Instant;
  /** What telemetry or an evaluation says; null: it follows from the error and the budget. */
  readonly success: boolean | null;
  readonly llmCalls: number | null;
  readonly costUsd: number | null;
  /** Wall-clock seconds. */
  readonly latencySec: number | null;
  /** Whether a person had to step in. */
  readonly checkpoint: boolean | null;
  readonly destructiveActions: number | null;
  readonly rolledBackActions: number | null;
  readonly error: string | null;
  readonly tags: Readonly<Record<string, string>>;
}

/** A session reported by itself: the only way in which an unfinished one is seen. */
export interface SessionRecord {
  readonly session: string;
  readonly agent: AgentId;
  /** Where it was routed to; null: not known. */
  readonly revision: RevisionId | null;
  readonly startedAt: Instant;
  readonly endedAt: Instant | null;
  readonly user: string | null;
}

/** A budget without limits. */
export const noBudget: Budget = { costUsd: null, llmCalls: null, latencySec: null };

/** Success of a task: no error and within the budget, unless the record says otherwise. What was not measured is not over budget. */
function isSuccess(task: TaskRecord, budget: Budget): boolean {
  if (task.success !== null) return task.success;
  if (task.error !== null) return false;
  const within = (used: number | null, limit: number | null): boolean =>
    used === null || limit === null || used <= limit;
  return (
    within(task.costUsd, budget.costUsd) &&
    within(task.llmCalls, budget.llmCalls) &&
    within(task.latencySec, budget.latencySec)
  );
}

/** The record with its success decided: what a metric store keeps. */
export function judgeTask(task: TaskRecord, budget: Budget): TaskRecord {
  return { ...task, success: isSuccess(task, budget) };
}
