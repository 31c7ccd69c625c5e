// The metric store without a disk: the same laws, cheap enough for a simulator.

import { gridStep } from "../core/metric/block-grid.js";
import { type BlockFrame, firstStartAmong, sessionBlocks, startsInFrame } from "../core/metric/session-blocks.js";
import {
  armOf,
  keyOfSession,
  type SessionTrack,
  sessionKey,
  startOf,
  trackRecord,
  trackTask,
  unknownSession,
} from "../core/metric/session-track.js";
import type { TrackedSession } from "../core/metric/session-values.js";
import { stableSamples } from "../core/metric/stable-samples.js";
import { judgeTask, noBudget, type SessionRecord, type TaskRecord } from "../core/metric/task-record.js";
import { addTallies, tallyTask, windowValues } from "../core/metric/window-tally.js";
import { type AgentId, type Duration, day, type Instant, type RevisionId } from "../core/model/units.js";
import type {
  BlockAnswer,
  BlockQuery,
  HistoryQuery,
  MetricSource,
  StableHistory,
  WindowFigures,
} from "../ports/metric-source.js";
import type { RecordBatch, RecordCount, TaskRecorder } from "../ports/task-recorder.js";

/** A new, empty metric store. Nothing expires. */
export function createMemorySource(): MetricSource & TaskRecorder {
  return new MemorySource();
}

interface KeptSession {
  readonly key: string;
  track: SessionTrack;
  readonly tasks: TaskRecord[];
}

class MemorySource implements MetricSource, TaskRecorder {
  readonly #agents = new Map<AgentId, AgentRecords>();

  async record({ tasks, sessions }: RecordBatch): Promise<RecordCount> {
    let added = 0;
    for (const task of tasks) added += Number(this.#of(task.agent).addTask(judgeTask(task, noBudget)));
    for (const session of sessions) added += Number(this.#of(session.agent).addSession(session));
    return { added, duplicates: tasks.length + sessions.length - added, expired: 0 };
  }

  async blocks(query: BlockQuery, signal: AbortSignal): Promise<BlockAnswer> {
    signal.throwIfAborted();
    return this.#of(query.agent).blocks(query);
  }

  async figures(
    query: { readonly agent: AgentId; readonly revision: RevisionId; readonly from: Instant; readonly to: Instant },
    signal: AbortSignal,
  ): Promise<WindowFigures> {
    signal.throwIfAborted();
    return this.#of(query.agent).figures(query);
  }

  async history(query: HistoryQuery, signal: AbortSignal): Promise<StableHistory> {
    signal.throwIfAborted();
    return this.#of(query.agent).history(query);
  }

  async failedTasks(agent: AgentId, limit: number): Promise<readonly TaskRecord[]> {
    return this.#of(agent).failedTasks(limit);
  }

  #of(agent: AgentId): AgentRecords {
    const records = this.#agents.get(agent) ?? new AgentRecords();
    this.#agents.set(agent, records);
    return records;
  }
}

/** All records of one agent. */
class AgentRecords {
  readonly #tasks = new Map<string, TaskRecord>();
  readonly #sessions = new Map<string, KeptSession>();
  /** Cell of the 5-minute grid -> sessions that started in it, so that a look costs what is new. */
  readonly #cells = new Map<number, Set<KeptSession>>();
  readonly #byRevision = new Map<RevisionId, TaskRecord[]>();
  readonly #records: SessionRecord[] = [];

  addTask(task: TaskRecord): boolean {
    if (this.#tasks.has(task.id)) return false;
    this.#tasks.set(task.id, task);
    const session = this.#session(sessionKey(task));
    this.#retrack(session, trackTask(session.track, task));
    session.tasks.push(task);
    if (task.revision !== null) {
      const alike = this.#byRevision.get(task.revision) ?? [];
      alike.push(task);
      this.#byRevision.set(task.revision, alike);
    }
    return true;
  }

  addSession(record: SessionRecord): boolean {
    const session = this.#session(keyOfSession(record.session));
    const isNew = session.track.record === null;
    this.#retrack(session, trackRecord(session.track, record));
    this.#records.push(record);
    return isNew;
  }

  blocks(query: BlockQuery): BlockAnswer {
    const since = query.cuts[0]?.at ?? (Infinity as Instant);
    const inCourse = (task: TaskRecord): boolean => startOf(this.#session(sessionKey(task)).track) >= since;
    const unrouted = [...this.#byRevision]
      .filter(([revision]) => revision !== query.stable && revision !== query.canary)
      .map(([revision, tasks]) => ({ revision, tasks: tasks.filter(inCourse).length }))
      .filter(({ tasks }) => tasks > 0)
      .sort((a, b) => (a.revision < b.revision ? -1 : 1));
    return {
      blocks: this.#blocks(query),
      unrouted,
      mismatched: this.#mismatched(since),
      newest: this.#newest(query.now),
      completedOnly: !this.#records.some(({ startedAt }) => startedAt >= since && startedAt <= query.now),
    };
  }

  figures(query: { readonly revision: RevisionId; readonly from: Instant; readonly to: Instant }): WindowFigures {
    const within = (instant: Instant): boolean => instant >= query.from && instant < query.to;
    const tasks = (this.#byRevision.get(query.revision) ?? []).filter(({ endedAt }) => within(endedAt));
    const sessions = [...this.#sessions.values()].filter(
      ({ track }) => armOf(track) === query.revision && within(startOf(track)),
    );
    return { tasks: tasks.length, sessions: sessions.length, values: windowValues(addTallies(tasks.map(tallyTask))) };
  }

  history({ stable, before, unit }: HistoryQuery): StableHistory {
    const past = [...this.#sessions.values()].map(tracked).filter(({ startedAt }) => startedAt < before);
    const ofStable = past
      .filter(({ revision }) => revision === stable)
      .sort((a, b) => b.startedAt - a.startedAt || (a.key < b.key ? 1 : -1))
      .slice(0, 2000);
    const lastDay = past.filter(({ startedAt }) => startedAt >= before - day);
    const users = new Set(lastDay.map(({ user }) => user).filter((user) => user !== null));
    const first = past.reduce((earliest, { startedAt }) => Math.min(earliest, startedAt), before as number);
    return {
      observed: Math.min(before - first, day) as Duration,
      sessionsLastDay: unit === "user" ? users.size : lastDay.length,
      samples: stableSamples(ofStable, { before, unit }),
    };
  }

  failedTasks(limit: number): readonly TaskRecord[] {
    return [...this.#tasks.values()]
      .filter(({ success }) => success === false)
      .sort((a, b) => b.endedAt - a.endedAt || (a.id < b.id ? 1 : -1))
      .slice(0, limit);
  }

  #blocks(frame: BlockFrame): BlockAnswer["blocks"] {
    const starts = startsInFrame(frame);
    if (starts === null) return [];
    const sessions: TrackedSession[] = [];
    const first = Math.floor(starts.from / gridStep);
    const last = Math.floor(starts.to / gridStep);
    for (const [cell, kept] of this.#cells) if (cell >= first && cell <= last) sessions.push(...[...kept].map(tracked));
    const all = frame.unit === "user" ? [...this.#sessions.values()].map(tracked) : [];
    return sessionBlocks(sessions, frame, firstStartAmong(all, frame));
  }

  #mismatched(since: Instant): number {
    let count = 0;
    for (const { track, tasks } of this.#sessions.values()) {
      const routed = track.record?.revision ?? null;
      if (routed === null || startOf(track) < since) continue;
      count += tasks.filter(({ revision }) => revision !== null && revision !== routed).length;
    }
    return count;
  }

  #newest(now: Instant): Instant | null {
    const times = [
      ...[...this.#tasks.values()].map(({ endedAt }) => endedAt),
      ...this.#records.map(({ startedAt, endedAt }) => endedAt ?? startedAt),
    ];
    const past = times.filter((time) => time <= now);
    return past.length === 0 ? null : past.reduce((newest, time) => (time > newest ? time : newest));
  }

  #session(key: string): KeptSession {
    const session = this.#sessions.get(key) ?? { key, track: unknownSession, tasks: [] };
    this.#sessions.set(key, session);
    return session;
  }

  #retrack(session: KeptSession, track: SessionTrack): void {
    this.#cells.get(cellIndex(session.track))?.delete(session);
    session.track = track;
    const cell = this.#cells.get(cellIndex(track)) ?? new Set();
    this.#cells.set(cellIndex(track), cell.add(session));
  }
}

function cellIndex(track: SessionTrack): number {
  return Math.floor(startOf(track) / gridStep);
}

function tracked({ key, track, tasks }: KeptSession): TrackedSession {
  return { key, startedAt: startOf(track), revision: armOf(track), user: track.user, tasks };
}
