/**
 * A ramp on sessions that were recorded: each weight sees as many of them as it would have had, chosen by the hash of their
 * names and never by their outcomes.
 */
import { gridStep } from "../metric/block-grid.js";
import { type BlockFrame, sessionBlocks } from "../metric/session-blocks.js";
import {
  armOf,
  keyOfSession,
  type SessionTrack,
  sessionKey,
  startOf,
  trackRecord,
  trackTask,
  unknownSession,
} from "../metric/session-track.js";
import type { TrackedSession } from "../metric/session-values.js";
import type { SessionRecord, TaskRecord } from "../metric/task-record.js";
import type { Block } from "../model/metric.js";
import type { RoutingUnit } from "../model/route.js";
import { type Duration, fullWeight, hour, type Instant, later, type RevisionId, type Weight } from "../model/units.js";
import { murmur3 } from "../routing/murmur3.js";
import { countBlock, lookAt, type Ramp, type RampSettings, startRamp, weightOf } from "./ramp.js";

/** Records to sessions, in the order of their starts; those of unknown revision are left out. Tasks are judged already. */
export function recordedSessions(records: {
  readonly tasks: readonly TaskRecord[];
  readonly sessions: readonly SessionRecord[];
}): readonly TrackedSession[] {
  const kept = new Map<string, { track: SessionTrack; readonly tasks: Map<string, TaskRecord> }>();
  const of = (key: string): { track: SessionTrack; readonly tasks: Map<string, TaskRecord> } => {
    const found = kept.get(key) ?? { track: unknownSession, tasks: new Map() };
    kept.set(key, found);
    return found;
  };
  for (const task of records.tasks) {
    const session = of(sessionKey(task));
    // A task that was recorded twice counts once.
    if (session.tasks.has(task.id)) continue;
    session.track = trackTask(session.track, task);
    session.tasks.set(task.id, task);
  }
  for (const record of records.sessions) {
    const session = of(keyOfSession(record.session));
    session.track = trackRecord(session.track, record);
  }
  return [...kept]
    .map(([key, { track, tasks }]) => ({
      key,
      startedAt: startOf(track),
      revision: armOf(track),
      user: track.user,
      tasks: [...tasks.values()],
    }))
    .filter(({ revision }) => revision !== null)
    .sort((a, b) => a.startedAt - b.startedAt || (a.key < b.key ? -1 : 1));
}

/** The sessions of two revisions, by the cell of the 5-minute grid in which they started. */
export interface Recording {
  readonly stable: RevisionId;
  readonly canary: RevisionId;
  /** What is left or taken as one, and counted as one. */
  readonly unit: RoutingUnit;
  /** On the grid: the cell of the canary's first session, and the end of the last cell. */
  readonly from: Instant;
  readonly to: Instant;
  readonly cells: ReadonlyMap<number, readonly TrackedSession[]>;
  /** Clock hour -> the canary's share of the sessions that started in it. */
  readonly shares: ReadonlyMap<number, number>;
}

/** `sessions` ascend in time and hold at least one of the canary; what started before its first one is history. */
export function recordingOf(
  sessions: readonly TrackedSession[],
  by: { readonly stable: RevisionId; readonly canary: RevisionId; readonly unit?: RoutingUnit },
): Recording {
  const { stable, canary, unit = "session" } = by;
  const first = sessions.find(({ revision }) => revision === canary);
  const from = cellStart(first?.startedAt ?? (0 as Instant));
  const cells = new Map<number, TrackedSession[]>();
  const counts = new Map<number, { canary: number; total: number }>();
  let to = later(from, gridStep);
  for (const session of sessions) {
    if (session.startedAt < from || (session.revision !== stable && session.revision !== canary)) continue;
    const cell = cellStart(session.startedAt);
    to = later(cell, gridStep);
    const alike = cells.get(cell) ?? [];
    alike.push(session);
    cells.set(cell, alike);
    const clock = Math.floor(session.startedAt / hour);
    const count = counts.get(clock) ?? { canary: 0, total: 0 };
    count.total += 1;
    count.canary += Number(session.revision === canary);
    counts.set(clock, count);
  }
  const shares = new Map([...counts].map(([clock, count]) => [clock, count.canary / count.total]));
  return { stable, canary, unit, from, to, cells, shares };
}

function cellStart(instant: Instant): Instant {
  return (Math.floor(instant / gridStep) * gridStep) as Instant;
}

/**
 * The sessions of a cell that a canary of this weight would leave: of one arm all, of the other as many as fit to them. Where the unit is
 * the user, all sessions of a user are left or none.
 */
export function sessionsAtWeight(
  { cells, shares, canary, unit }: Recording,
  at: { readonly cell: Instant; readonly weight: Weight },
): readonly TrackedSession[] {
  const share = shares.get(Math.floor(at.cell / hour)) ?? 0;
  const wanted = at.weight / fullWeight;
  const odds = (wanted * (1 - share)) / (share * (1 - wanted));
  const chance = { canary: Math.min(odds, 1), stable: Math.min(1 / odds, 1) };
  return (cells.get(at.cell) ?? []).filter(({ key, user, revision }) => {
    const kept = revision === canary ? chance.canary : chance.stable;
    return murmur3(unit === "user" ? (user ?? key) : key) < kept * 2 ** 32;
  });
}

export interface ReplayInput {
  readonly recording: Recording;
  readonly ramp: RampSettings;
  readonly sessionTimeout: Duration;
}

/** The ramp after the whole recording, looked at every five minutes: it has ended, or it still waited when the records ended. */
export function replayRecording({ recording, ramp: settings, sessionTimeout }: ReplayInput): {
  readonly ramp: Ramp;
  readonly now: Instant;
} {
  let ramp = startRamp(settings, recording.from);
  const waiting: Block[] = [];
  const last = later(recording.to, sessionTimeout);
  let since = recording.from;
  /** User -> start of the first session at the weight in force. */
  const firsts = new Map<string, Instant>();
  let now = recording.from;
  for (; now <= last; now = later(now, gridStep)) {
    while (waiting[0] !== undefined && waiting[0].end + sessionTimeout <= now) {
      ramp = countBlock(ramp, waiting.shift() as Block);
    }
    ramp = lookAt(ramp, now);
    if (ramp.end !== null) return { ramp, now };
    if (ramp.since !== since) firsts.clear();
    since = ramp.since;
    const weight = weightOf(ramp);
    const sessions = sessionsAtWeight(recording, { cell: now, weight });
    for (const { user, startedAt } of sessions) if (user !== null && !firsts.has(user)) firsts.set(user, startedAt);
    waiting.push(...blocksOf(recording, { sessions, firsts, cell: now, weight, sessionTimeout }));
  }
  return { ramp, now: last };
}

/** The block of a cell, as it will stand when it is mature; none where no session is left of it. */
function blocksOf(
  { stable, canary, unit }: Recording,
  at: {
    readonly sessions: readonly TrackedSession[];
    readonly firsts: ReadonlyMap<string, Instant>;
    readonly cell: Instant;
    readonly weight: Weight;
    readonly sessionTimeout: Duration;
  },
): readonly Block[] {
  const { sessions, firsts, cell, weight, sessionTimeout } = at;
  const frame: BlockFrame = {
    ...{ stable, canary, unit, sessionTimeout },
    after: null,
    cuts: [{ at: cell, weight }],
    now: later(cell, gridStep + sessionTimeout),
  };
  return sessionBlocks(sessions, frame, (user) => firsts.get(user) ?? null);
}
