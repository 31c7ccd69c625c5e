// Sessions to blocks: matured start cohorts, read once (STATISTICS section 1).

import type { Block, BlockArm, MetricName, Sample } from "../model/metric.js";
import type { RoutingUnit, WeightChange } from "../model/route.js";
import { type Duration, type Instant, later, type RevisionId } from "../model/units.js";
import { type Cell, cellOf, cutOf, gridStep } from "./block-grid.js";
import { metricNames, type SessionValues, sessionValues, type TrackedSession } from "./session-values.js";
import { userValues } from "./user-values.js";

export interface BlockFrame {
  readonly stable: RevisionId;
  readonly canary: RevisionId;
  readonly unit: RoutingUnit;
  /** Only blocks that end after this. */
  readonly after: Instant | null;
  readonly cuts: readonly WeightChange[];
  readonly sessionTimeout: Duration;
  readonly now: Instant;
}

/** When the first session of a user, in either arm, started since an instant; null: there is none. Asked for users alone who have one. */
export type FirstStart = (user: string, since: Instant) => Instant | null;

/** Starts of all sessions that a closed, new block can have, half-open; null: there can be none yet. */
export function startsInFrame(frame: BlockFrame): { readonly from: Instant; readonly to: Instant } | null {
  const first = frame.cuts[0]?.at;
  if (first === undefined) return null;
  const from = Math.max(first, (frame.after ?? -Infinity) - gridStep) as Instant;
  const to = later(frame.now, -frame.sessionTimeout);
  return from < to ? { from, to } : null;
}

/**
 * The closed blocks of these sessions, ascending. The order in which the sessions are given does not matter. Where the unit is the user and
 * the sessions are not all since the last weight took force, `firstStart` knows the others.
 */
export function sessionBlocks(
  sessions: readonly TrackedSession[],
  frame: BlockFrame,
  firstStart: FirstStart = firstStartAmong(sessions, frame),
): readonly Block[] {
  const cells = new Map<Instant, Cohort>();
  for (const session of sessions) {
    if (!isOfEitherArm(session, frame)) continue;
    const cell = cellOf(session.startedAt, frame.cuts);
    if (cell === null || !isDue(cell, frame)) continue;
    const kept = cells.get(cell.start) ?? { cell, sessions: [] };
    kept.sessions.push(session);
    cells.set(cell.start, kept);
  }
  return [...cells.values()]
    .sort((a, b) => a.cell.start - b.cell.start)
    .map((cohort) => blockOf({ ...cohort, sessions: inOrder(cohort.sessions) }, frame, firstStart));
}

/** Looks among these sessions, which have to be all that could be the first. */
export function firstStartAmong(
  sessions: readonly TrackedSession[],
  frame: Pick<BlockFrame, "stable" | "canary" | "unit">,
): FirstStart {
  const starts = new Map<string, Instant[]>();
  for (const session of frame.unit === "user" ? sessions : []) {
    const { user, startedAt } = session;
    if (user === null || !isOfEitherArm(session, frame)) continue;
    const known = starts.get(user) ?? [];
    known.push(startedAt);
    starts.set(user, known);
  }
  for (const known of starts.values()) known.sort((a, b) => a - b);
  return (user, since) => starts.get(user)?.find((start) => start >= since) ?? null;
}

/** The sessions that started in a cell. */
interface Cohort {
  readonly cell: Cell;
  readonly sessions: TrackedSession[];
}

function isOfEitherArm({ revision }: TrackedSession, frame: Pick<BlockFrame, "stable" | "canary">): boolean {
  return revision === frame.stable || revision === frame.canary;
}

function isDue(cell: Cell, { after, sessionTimeout, now }: BlockFrame): boolean {
  return cell.end + sessionTimeout <= now && (after === null || cell.end > after);
}

/** Sums of fractions depend on their order in the last digit, and the order of arrival must not show. */
function inOrder(sessions: readonly TrackedSession[]): TrackedSession[] {
  return [...sessions].sort((a, b) => a.startedAt - b.startedAt || (a.key < b.key ? -1 : 1));
}

/** What counts as one: a session, or all sessions of one user that started in the cell. */
interface Unit {
  readonly revision: RevisionId | null;
  readonly isSilent: boolean;
  readonly values: SessionValues;
}

function blockOf({ cell, sessions }: Cohort, frame: BlockFrame, firstStart: FirstStart): Block {
  const groups =
    frame.unit === "session" ? sessions.map((session) => [session]) : newcomers(cell, sessions, { frame, firstStart });
  const at = { maturity: later(cell.end, frame.sessionTimeout), timeout: frame.sessionTimeout };
  const units = groups.map((group): Unit => {
    const values = group.map(({ tasks }) => sessionValues(tasks, at));
    return {
      revision: group[0]?.revision ?? null,
      isSilent: group.every(({ tasks }) => tasks.length === 0),
      values: values[0] !== undefined && values.length === 1 ? values[0] : userValues(values),
    };
  });
  const arm = (of: RevisionId): BlockArm => armOfUnits(units.filter(({ revision }) => revision === of));
  const block = { ...cell, stable: arm(frame.stable), canary: arm(frame.canary) };
  const userless = frame.unit === "session" ? 0 : sessions.filter(({ user }) => user === null).length;
  return userless === 0 ? block : { ...block, userless };
}

/**
 * The sessions of each user whose first one since the weight took force started in this cell. Its first session says which arm a user
 * is in; what any of them says counts there, by intention to treat.
 */
function newcomers(
  { start }: Cell,
  sessions: readonly TrackedSession[],
  { frame, firstStart }: { readonly frame: BlockFrame; readonly firstStart: FirstStart },
): readonly (readonly TrackedSession[])[] {
  const since = cutOf(start, frame.cuts)?.at ?? start;
  const users = new Map<string, TrackedSession[]>();
  for (const session of sessions) {
    if (session.user === null) continue;
    const known = users.get(session.user) ?? [];
    known.push(session);
    users.set(session.user, known);
  }
  return [...users].filter(([user]) => (firstStart(user, since) ?? start) >= start).map(([, group]) => group);
}

function armOfUnits(units: readonly Unit[]): BlockArm {
  const values = units.map((unit) => unit.values);
  const samples = metricNames.map((name) => [name, sampleOf(name, values)] as const);
  return {
    sessions: units.length,
    silent: units.filter(({ isSilent }) => isSilent).length,
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
