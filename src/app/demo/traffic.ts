// Sessions for the demo: each is routed by the real router and ends as a real run of the model that it was routed to ended.

import { judgeTask, noBudget, type SessionRecord, type TaskRecord } from "../../core/metric/task-record.js";
import type { AgentId, Instant, RevisionId } from "../../core/model/units.js";
import { later, minute } from "../../core/model/units.js";
import type { RecordBatch } from "../../ports/task-recorder.js";
import type { RehearsalRouter } from "../world.js";
import outcomes from "./outcomes.json" with { type: "json" };

/** One run of a benchmark instance: its id, whether it was resolved, its cost in USD where it was recorded. */
export interface Outcome {
  readonly id: string;
  readonly success: boolean;
  readonly costUsd: number | null;
}

const read = new Map<string, readonly Outcome[]>();

/** The recorded runs of a model on a benchmark. */
export function outcomesOf(model: string, benchmark: string): readonly Outcome[] {
  const key = `${model} ${benchmark}`;
  const known = read.get(key) ?? readOutcomes(model, benchmark);
  read.set(key, known);
  return known;
}

function readOutcomes(model: string, benchmark: string): readonly Outcome[] {
  const models: Readonly<Record<string, Readonly<Record<string, readonly (readonly (string | number | null)[])[]>>>> =
    outcomes.models;
  const rows = models[model]?.[benchmark];
  if (rows === undefined) throw new Error(`there are no recorded runs of ${model} on ${benchmark}`);
  return rows.map(([id, success, cost]) => ({
    id: String(id),
    success: success === 1,
    costUsd: typeof cost === "number" ? cost : null,
  }));
}

/** A seeded stream of numbers in [0, 1): mulberry32, so that every run of the demo sees the same sessions. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export interface Stream {
  readonly agent: AgentId;
  readonly benchmark: string;
  readonly step: string;
  readonly sessionsPerHour: number;
  readonly random: () => number;
}

/** The sessions that start in [from, from + minutes), one task each, in the order of time. */
export function drawSessions(
  stream: Stream,
  router: RehearsalRouter,
  window: { readonly from: Instant; readonly minutes: number },
): RecordBatch {
  const { agent, benchmark, step, random } = stream;
  const count = Math.round((stream.sessionsPerHour * window.minutes) / 60);
  const tasks: TaskRecord[] = [];
  const sessions: SessionRecord[] = [];
  for (let index = 0; index < count; index++) {
    const startedAt = later(window.from, Math.floor(((index + random()) / count) * window.minutes * minute));
    const endedAt = later(startedAt, Math.floor((1 + random() * 6) * minute));
    const id = `${agent}-${Math.floor(random() * 2 ** 48)
      .toString(16)
      .padStart(12, "0")}`;
    const route = router.route(id, { startedAt });
    const pool = outcomesOf(router.getModel(step, route)?.model ?? "", benchmark);
    const outcome = pool[Math.floor(random() * pool.length)];
    if (outcome === undefined) continue;
    const revision = route.revision as RevisionId | null;
    sessions.push({ session: id, agent, revision, startedAt, endedAt, user: null });
    tasks.push(judgeTask(taskOf({ id, agent, revision, startedAt, endedAt }, outcome, benchmark), noBudget));
  }
  return { tasks, sessions };
}

type Run = Pick<TaskRecord, "id" | "agent" | "revision" | "startedAt" | "endedAt">;

/** Calls, latency and checkpoints of these runs were not recorded, so they stay unknown. */
function taskOf(run: Run, outcome: Outcome, benchmark: string): TaskRecord {
  return {
    ...run,
    session: run.id,
    user: null,
    success: outcome.success,
    llmCalls: null,
    costUsd: outcome.costUsd,
    latencySec: null,
    checkpoint: null,
    destructiveActions: null,
    rolledBackActions: null,
    error: outcome.success ? null : "wrong answer",
    tags: { benchmark, instance: outcome.id },
  };
}
