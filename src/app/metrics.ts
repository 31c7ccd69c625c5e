// `rollout metrics import|show`: task records in, and what they say.

import { resolve } from "node:path";
import { sharedTraits } from "../core/metric/shared-traits.js";
import type { TaskRecord } from "../core/metric/task-record.js";
import { later, type RevisionId } from "../core/model/units.js";
import { readTaskLines } from "../telemetry/read-task-lines.js";
import type { Answer, ArmFigures, MetricsView } from "../views/view.js";
import { knownRecords } from "./known-records.js";
import { Refusal, refuse } from "./refusal.js";
import { chargeOf, stateOf, withSession } from "./session.js";
import type { World } from "./world.js";

export interface MetricsImportArguments {
  readonly files: readonly string[];
}

/** All lines of all files are checked before any is counted. A record that is there already counts once. */
export async function metricsImport(world: World, args: MetricsImportArguments): Promise<Answer> {
  return withSession(world, { readOnly: false, brokenSpec: true }, async (session) => {
    const metrics = await session.metrics();
    const lines: string[] = [];
    const total = { added: 0, duplicates: 0, expired: 0 };
    const batches = [];
    for (const name of args.files) {
      const text = await world.files.read(resolve(world.cwd, name));
      if (text === null) return refuse("file/missing", { detail: `There is no file "${name}".`, about: name });
      const read = readTaskLines({ name, text });
      if (!read.ok) throw new Refusal(read.problems);
      const known = await knownRecords(session, read.value);
      if (!known.ok) throw new Refusal(known.problems.map((problem) => ({ ...problem, about: name })));
      batches.push({ name, batch: known.value });
    }
    for (const { name, batch } of batches) {
      const { added, duplicates, expired } = await metrics.record(batch);
      total.added += added;
      total.duplicates += duplicates;
      total.expired += expired;
      lines.push(
        `${name}: ${added} added, ${duplicates} known already${expired > 0 ? `, ${expired} older than what is kept` : ""}`,
      );
    }
    return { view: { kind: "message", lines, data: total }, exit: 0 };
  });
}

export interface MetricsShowArguments {
  readonly agent: string;
  /** Length of the window in milliseconds. */
  readonly window: number;
  readonly failed: number;
}

export async function metricsShow(world: World, args: MetricsShowArguments): Promise<Answer> {
  return withSession(world, { readOnly: true, brokenSpec: true }, async (session) => {
    const { agent, spec } = await chargeOf(session, args.agent);
    const state = await stateOf(session, agent);
    const source = session.doors.source((state.rollout ?? spec)?.source ?? { kind: "embedded" });
    const to = world.now();
    const from = later(to, -args.window);
    const arms: ArmFigures[] = [];
    for (const revision of [state.stable, state.rollout?.canary].filter((id): id is RevisionId => Boolean(id))) {
      arms.push({ revision, ...(await source.figures({ agent, revision, from, to }, AbortSignal.timeout(30_000))) });
    }
    const failed = await (await session.metrics()).failedTasks(agent, args.failed);
    const view: MetricsView = {
      kind: "metrics",
      agent,
      from,
      to,
      arms,
      failed: failed.map(failedRow),
      shared: sharedTraits(failed),
    };
    return { view, exit: 0 };
  });
}

function failedRow(task: TaskRecord): MetricsView["failed"][number] {
  return { id: task.id, at: task.endedAt, revision: task.revision ?? "unknown", why: task.error ?? "not a success" };
}
