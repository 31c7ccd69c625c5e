// Records and questions for the laws of metric sources, with times as minutes after the start of a cell of the grid.

import type { SessionRecord, TaskRecord } from "../../core/metric/task-record.js";
import type { Block } from "../../core/model/metric.js";
import type { RoutingUnit, WeightChange } from "../../core/model/route.js";
import type { AgentId, Duration, Instant, RevisionId, Weight } from "../../core/model/units.js";
import type { BlockQuery, MetricSource } from "../../ports/metric-source.js";
import type { TaskRecorder } from "../../ports/task-recorder.js";

export type RecordedSource = MetricSource & TaskRecorder;
export interface MetricSourceBench {
  /** A new and empty one. */
  open(): Promise<RecordedSource>;
}

export const agent = "support" as AgentId;
export const stable = "r-stable" as RevisionId;
export const canary = "r-canary" as RevisionId;
export const minute = 60_000;
export const timeout = (30 * minute) as Duration;
const start = Date.UTC(2026, 2, 1, 9, 30);

export function at(minutesLater: number): Instant {
  return Math.round(start + minutesLater * minute) as Instant;
}

export function minutesOf(instant: Instant): number {
  return (instant - start) / minute;
}

export function minutes(block: Block): readonly number[] {
  return [minutesOf(block.start), minutesOf(block.end)];
}

export function counts({ stable: s, canary: c }: Block): { readonly stable: number; readonly canary: number } {
  return { stable: s.sessions, canary: c.sessions };
}

export function query(parts: {
  readonly now: number;
  readonly after?: number;
  readonly cuts?: readonly (readonly [at: number, weight: number])[];
  readonly unit?: RoutingUnit;
}): BlockQuery {
  const cuts = (parts.cuts ?? [[0, 500]]).map(
    ([when, weight]): WeightChange => ({ at: at(when), weight: weight as Weight }),
  );
  const after = parts.after === undefined ? null : at(parts.after);
  return {
    agent,
    stable,
    canary,
    unit: parts.unit ?? "session",
    after,
    cuts,
    sessionTimeout: timeout,
    now: at(parts.now),
  };
}

export function batch(
  tasks: readonly TaskRecord[],
  sessions: readonly SessionRecord[] = [],
): { readonly tasks: readonly TaskRecord[]; readonly sessions: readonly SessionRecord[] } {
  return { tasks, sessions };
}

/** A task of one minute, in a session of its own name. */
export function task(id: string, parts: Partial<TaskRecord> & { readonly at: number }): TaskRecord {
  const { at: begins, ...rest } = parts;
  return {
    id,
    agent,
    revision: null,
    session: id,
    user: null,
    startedAt: at(begins),
    endedAt: at(begins + 1),
    success: true,
    llmCalls: null,
    costUsd: null,
    latencySec: null,
    checkpoint: null,
    destructiveActions: null,
    rolledBackActions: null,
    error: null,
    tags: {},
    ...rest,
  };
}

export function session(name: string, parts: { readonly at: number; readonly revision?: RevisionId }): SessionRecord {
  return { session: name, agent, revision: parts.revision ?? null, startedAt: at(parts.at), endedAt: null, user: null };
}

/** Tasks over 100 minutes, in sessions of one to four, whose first task names the arm. */
export function randomTasks(random: () => number, count: number): readonly TaskRecord[] {
  return Array.from({ length: count }, (_, index) => {
    const number = Math.floor(random() * (count / 2));
    return task(`t${index}`, {
      at: Math.floor(((number * 7919) % 100) + random() * 8),
      session: `s${number}`,
      revision: number % 3 === 0 ? canary : stable,
      success: random() < 0.8,
      costUsd: random() < 0.9 ? random() : null,
      latencySec: random() * 100,
      checkpoint: random() < 0.5 ? random() < 0.2 : null,
      destructiveActions: 3,
      rolledBackActions: Math.floor(random() * 4),
    });
  });
}

/** Park and Miller's generator: the same seed, the same numbers. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}
