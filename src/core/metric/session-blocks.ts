// Sessions to blocks: matured start cohorts, read once (STATISTICS section 1).

import type { Block, BlockArm, MetricName, Sample } from "../model/metric.js";
import type { WeightChange } from "../model/route.js";
import { type Duration, type Instant, later, type RevisionId } from "../model/units.js";
import { type Cell, cellOf, gridStep } from "./block-grid.js";
import { metricNames, type SessionValues, sessionValues, type TrackedSession } from "./session-values.js";

export interface BlockFrame {
  readonly stable: RevisionId;
  readonly canary: RevisionId;
  /** Only blocks that end after this. */
  readonly after: Instant | null;
  readonly cuts: readonly WeightChange[];
  readonly sessionTimeout: Duration;
  readonly now: Instant;
}

/** Starts of all sessions that a closed, new block can have, half-open; null: there can be none yet. */
export function startsInFrame(frame: BlockFrame): { readonly from: Instant; readonly to: Instant } | null {
  const first = frame.cuts[0]?.at;
  if (first === undefined) return null;
  const from = Math.max(first, (frame.after ?? -Infinity) - gridStep) as Instant;
  const to = later(frame.now, -frame.sessionTimeout);
  return from < to ? { from, to } : null;
}

/** The closed blocks of these sessions, ascending. The order in which the sessions are given does not matter. */
export function sessionBlocks(sessions: readonly TrackedSession[], frame: BlockFrame): readonly Block[] {
  const cells = new Map<Instant, { readonly cell: Cell; readonly sessions: TrackedSession[] }>();
  for (const session of sessions) {
    if (session.revision !== frame.stable && session.revision !== frame.canary) continue;
    const cell = cellOf(session.startedAt, frame.cuts);
    if (cell === null || !isDue(cell, frame)) continue;
    const kept = cells.get(cell.start) ?? { cell, sessions: [] };
    kept.sessions.push(session);
    cells.set(cell.start, kept);
  }
  return [...cells.values()].sort((a, b) => a.cell.start - b.cell.start).map((kept) => blockOf(kept, frame));
}

function isDue(cell: Cell, { after, sessionTimeout, now }: BlockFrame): boolean {
  return cell.end + sessionTimeout <= now && (after === null || cell.end > after);
}

function blockOf(
  { cell, sessions }: { readonly cell: Cell; readonly sessions: readonly TrackedSession[] },
  { stable, canary, sessionTimeout }: BlockFrame,
): Block {
  const at = { maturity: later(cell.end, sessionTimeout), timeout: sessionTimeout };
  const arm = (revision: RevisionId): BlockArm =>
    armOfSessions(
      sessions.filter((session) => session.revision === revision),
      at,
    );
  return { ...cell, stable: arm(stable), canary: arm(canary) };
}

function armOfSessions(
  sessions: readonly TrackedSession[],
  at: { readonly maturity: Instant; readonly timeout: Duration },
): BlockArm {
  const ordered = [...sessions].sort((a, b) => a.startedAt - b.startedAt || (a.key < b.key ? -1 : 1));
  const values = ordered.map(({ tasks }) => sessionValues(tasks, at));
  const samples = metricNames.map((name) => [name, sampleOf(name, values)] as const);
  return {
    sessions: sessions.length,
    silent: sessions.filter(({ tasks }) => tasks.length === 0).length,
    samples: Object.fromEntries(samples) as Record<MetricName, Sample>,
  };
}

const rates: readonly MetricName[] = ["task_success_rate", "checkpoint_trigger_rate", "rollback_rate"];

/** Missing when there were tasks and not one of them reported it. An arm without sessions is 0 of 0. */
function sampleOf(name: MetricName, sessions: readonly SessionValues[]): Sample {
  const all = sessions.map((values) => values[name]);
  const values = all.filter((value) => typeof value === "number");
  if (values.length === 0 && all.includes("unknown") && !all.includes("none")) {
    return { kind: "missing", because: `no task of these sessions reports what ${name} needs` };
  }
  if (!rates.includes(name)) return { kind: "values", values };
  return { kind: "rate", sessions: values.length, bad: values.reduce((sum, value) => sum + value, 0) };
}
