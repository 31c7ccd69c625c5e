// What is known of one session from its own record and its tasks, in whatever order they arrive.

import type { Instant, RevisionId } from "../model/units.js";
import type { SessionRecord, TaskRecord } from "./task-record.js";

export interface SessionTrack {
  /** Of the session's own record. Null: it was not reported by itself. */
  readonly record: {
    readonly startedAt: Instant;
    readonly endedAt: Instant | null;
    readonly revision: RevisionId | null;
  } | null;
  /** When its first task started; null: no task yet. */
  readonly firstTaskAt: Instant | null;
  /** The first task that names a revision. */
  readonly named: { readonly startedAt: Instant; readonly id: string; readonly revision: RevisionId } | null;
  /** Whose session it is; of several that its tasks and records name, the first in the order of text. Null: nobody says. */
  readonly user: string | null;
}

export const unknownSession: SessionTrack = { record: null, firstTaskAt: null, named: null, user: null };

/** The name under which a task's session is kept: a task without a session is a session of its own. */
export function sessionKey(task: Pick<TaskRecord, "session" | "id">): string {
  return task.session === null ? `task:${task.id}` : keyOfSession(task.session);
}

export function keyOfSession(session: string): string {
  return `session:${session}`;
}

/** The track with one more task. Any order of the same tasks and records gives the same track. */
export function trackTask(
  given: SessionTrack,
  task: Pick<TaskRecord, "id" | "startedAt" | "revision" | "user">,
): SessionTrack {
  const { id, startedAt, revision } = task;
  const track = { ...given, user: firstUser(given.user, task.user) };
  const firstTaskAt = track.firstTaskAt === null ? startedAt : (Math.min(track.firstTaskAt, startedAt) as Instant);
  if (revision === null) return { ...track, firstTaskAt };
  const { named } = track;
  const isFirst = named === null || startedAt < named.startedAt || (startedAt === named.startedAt && id < named.id);
  return { ...track, firstTaskAt, named: isFirst ? { startedAt, id, revision } : named };
}

/** The track with the session's own record, or with one more of it: a session may be reported at its start and again at its end. */
export function trackRecord(given: SessionTrack, next: SessionRecord): SessionTrack {
  const track = { ...given, user: firstUser(given.user, next.user) };
  const { record } = track;
  const { startedAt, endedAt, revision } = next;
  if (record === null) return { ...track, record: { startedAt, endedAt, revision } };
  return {
    ...track,
    record: {
      startedAt: Math.min(record.startedAt, startedAt) as Instant,
      endedAt: latest(record.endedAt, endedAt),
      revision: namedFirst({ startedAt: record.startedAt, revision: record.revision }, { startedAt, revision }),
    },
  };
}

/** When it started, by the earliest that is known of it: later records move a session to earlier blocks alone, so it is never counted twice. */
export function startOf(track: SessionTrack): Instant {
  return Math.min(track.record?.startedAt ?? Infinity, track.firstTaskAt ?? Infinity) as Instant;
}

/** Its arm: where its record says it was routed to, else what its first task reports. Assignment is by intention to treat. */
export function armOf(track: SessionTrack): RevisionId | null {
  return track.record?.revision ?? track.named?.revision ?? null;
}

function firstUser(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return a < b ? a : b;
}

function latest(a: Instant | null, b: Instant | null): Instant | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b) as Instant;
}

type Naming = { readonly startedAt: Instant; readonly revision: RevisionId | null };
function namedFirst(a: Naming, b: Naming): RevisionId | null {
  if (a.revision === null || b.revision === null) return a.revision ?? b.revision;
  if (a.startedAt !== b.startedAt) return a.startedAt < b.startedAt ? a.revision : b.revision;
  return a.revision < b.revision ? a.revision : b.revision;
}
