// `rollout backtest`: replays recorded sessions of two revisions through the spec's gates, and tells what they would have done.

import { resolve } from "node:path";
import type { TrackedSession } from "../core/metric/session-values.js";
import { stableSamples } from "../core/metric/stable-samples.js";
import { judgeTask, type SessionRecord, type TaskRecord } from "../core/metric/task-record.js";
import type { AgentSpec } from "../core/model/spec.js";
import { type AgentId, day, fullWeight, hour, type Instant, later, type RevisionId } from "../core/model/units.js";
import { type Leg, legsOf, type Ramp, verdictAt, weightOf } from "../core/rehearsal/ramp.js";
import { type Recording, recordedSessions, recordingOf, replayRecording } from "../core/rehearsal/recorded.js";
import { rivalStream } from "../core/rehearsal/rival-stream.js";
import type { RivalName } from "../core/rivals/rival.js";
import { rivalNames, rivalRules } from "../core/rivals/rivals.js";
import { readTaskLines } from "../telemetry/read-task-lines.js";
import type { Answer, BacktestEnd, BacktestView } from "../views/view.js";
import { Refusal, refuse } from "./refusal.js";
import { withSession } from "./session.js";
import { rehearsedLeg, specOf } from "./simulate.js";
import type { World } from "./world.js";

export interface BacktestArguments {
  readonly files: readonly string[];
  /** Null: the only one of the spec. */
  readonly agent: string | null;
  /** Beginnings of revisions in the records; null: of two revisions, the one that came first is stable. */
  readonly stable: string | null;
  readonly canary: string | null;
  /** Names of other tools' rules, with commas between; null: none. */
  readonly against: string | null;
}

export async function backtest(world: World, args: BacktestArguments): Promise<Answer> {
  return withSession(world, { readOnly: true }, async (session) => {
    const spec = specOf(session, args.agent);
    const rules = rulesOf(args.against);
    const records = await recordsOf(world, spec, args.files);
    const sessions = recordedSessions(records);
    const revisions = revisionsOf(sessions, args);
    const { unit } = spec.session;
    const recording = recordingOf(sessions, { ...revisions, unit });
    const before = sessions.filter(({ startedAt }) => startedAt < recording.from);
    const legs = legsOf(spec.stages);
    const { ramp, now } = replayRecording({
      recording,
      ramp: {
        legs,
        floors: spec.floors,
        unit,
        history: historyOf(before, recording),
        sessionsPerHour: trafficOf(recording, before),
      },
      sessionTimeout: spec.session.timeout,
    });
    const view: BacktestView = {
      kind: "backtest",
      agent: spec.agent,
      stable: { revision: revisions.stable, sessions: countOf(sessions, revisions.stable) },
      canary: { revision: revisions.canary, sessions: countOf(sessions, revisions.canary) },
      from: recording.from,
      to: recording.to,
      legs: legs.map(rehearsedLeg),
      notes: notesOf(spec, { records, before }),
      steps: stepsOf(ramp, recording.from),
      end: endOf(ramp, { now, from: recording.from }),
      rivals: rivalsOf(recording, legs, rules),
    };
    return { view, exit: 0 };
  });
}

interface Records {
  readonly tasks: readonly TaskRecord[];
  readonly sessions: readonly SessionRecord[];
}

/** All lines of all files, those of this agent alone, judged by its budget. */
async function recordsOf(world: World, { agent, budget }: AgentSpec, files: readonly string[]): Promise<Records> {
  const tasks: TaskRecord[] = [];
  const sessions: SessionRecord[] = [];
  const others = new Set<AgentId>();
  for (const name of files) {
    const text = await world.files.read(resolve(world.cwd, name));
    if (text === null) return refuse("file/missing", { detail: `There is no file "${name}".`, about: name });
    const read = readTaskLines({ name, text });
    if (!read.ok) throw new Refusal(read.problems);
    for (const each of [...read.value.tasks, ...read.value.sessions]) if (each.agent !== agent) others.add(each.agent);
    tasks.push(...read.value.tasks.filter((task) => task.agent === agent).map((task) => judgeTask(task, budget)));
    sessions.push(...read.value.sessions.filter((session) => session.agent === agent));
  }
  if (tasks.length > 0) return { tasks, sessions };
  const found = others.size === 0 ? "They hold no task." : `They hold tasks of ${[...others].sort().join(", ")}.`;
  return refuse("rehearsal/no-records", {
    detail: `No task of ${agent} stands in ${files.join(", ")}. ${found}`,
    about: agent,
  });
}

interface Revisions {
  readonly stable: RevisionId;
  readonly canary: RevisionId;
}

/** By their names; without any, of two revisions the one that clearly came first is stable. */
function revisionsOf(sessions: readonly TrackedSession[], args: BacktestArguments): Revisions {
  const found = firstStarts(sessions);
  const names = [...found.keys()];
  const refused = (why: string): never => {
    const detail = `The records hold these revisions: ${names.join(", ") || "none"}. ${why}`;
    return refuse("rehearsal/which-revision", {
      detail,
      hint: "Write --stable and --canary, each with the beginning of one of these names.",
    });
  };
  const named = (arm: "stable" | "canary", prefix: string): RevisionId => {
    const [only, ...more] = names.filter((revision) => revision.startsWith(prefix));
    if (only !== undefined && more.length === 0) return only;
    return refused(`--${arm} "${prefix}" fits ${only === undefined ? "none" : "several"} of them.`);
  };
  const other = (than: RevisionId): RevisionId | null =>
    names.length === 2 ? (names.find((name) => name !== than) ?? null) : null;
  const stable = args.stable === null ? null : named("stable", args.stable);
  const canary = args.canary === null ? null : named("canary", args.canary);
  const [first, second] = names;
  if (stable === null && canary === null) {
    const isClear =
      first !== undefined && second !== undefined && (found.get(second) ?? 0) - (found.get(first) ?? 0) >= hour;
    if (isClear && names.length === 2) return { stable: first, canary: second };
    const together = names.length === 2 ? "They began within an hour of each other: say" : "Say";
    return refused(`${together} which one is stable and which one the canary.`);
  }
  const both = { stable: stable ?? (canary && other(canary)), canary: canary ?? (stable && other(stable)) };
  if (both.stable === null || both.canary === null) return refused("Name the other one too.");
  if (both.stable === both.canary) return refused("Stable and canary are the same one.");
  return { stable: both.stable, canary: both.canary };
}

/** Revision -> start of its first session, the earliest first. */
function firstStarts(sessions: readonly TrackedSession[]): ReadonlyMap<RevisionId, Instant> {
  const first = new Map<RevisionId, Instant>();
  for (const { revision, startedAt } of sessions)
    if (revision !== null && !first.has(revision)) first.set(revision, startedAt);
  return first;
}

function countOf(sessions: readonly TrackedSession[], revision: RevisionId): number {
  return sessions.filter((session) => session.revision === revision).length;
}

const mostHistory = 2000;

function historyOf(
  sessions: readonly TrackedSession[],
  { stable, unit, from }: Recording,
): ReturnType<typeof stableSamples> {
  const ofStable = sessions.filter(({ revision, tasks }) => revision === stable && tasks.length > 0);
  return stableSamples(ofStable.slice(-mostHistory).reverse(), { before: from, unit });
}

/** Units an hour over the day before; where the records begin with the canary, over the records themselves. */
function trafficOf(recording: Recording, before: readonly TrackedSession[]): number {
  const lastDay = unitsOf(
    before.filter(({ startedAt }) => startedAt >= later(recording.from, -day)),
    recording.unit,
  );
  if (lastDay > 0) return lastDay / 24;
  const sessions = unitsOf([...recording.cells.values()].flat(), recording.unit);
  return sessions / Math.max((recording.to - recording.from) / hour, 1);
}

function unitsOf(sessions: readonly TrackedSession[], unit: Recording["unit"]): number {
  if (unit === "session") return sessions.length;
  return new Set(sessions.flatMap(({ user }) => (user === null ? [] : [user]))).size;
}

function stepsOf(ramp: Ramp, from: Instant): BacktestView["steps"] {
  const weights = [...ramp.settings.legs.map(({ weight }) => weight), fullWeight];
  const [first = fullWeight] = weights;
  return [
    { at: from, weight: first, because: "the canary's first session" },
    ...ramp.steps.map(({ at, leg, because }) => ({ at, weight: weights[leg + 1] ?? fullWeight, because })),
  ];
}

function endOf(ramp: Ramp, at: { readonly now: Instant; readonly from: Instant }): BacktestEnd {
  const { end, settings } = ramp;
  const hoursTo = (instant: Instant): number => (instant - at.from) / hour;
  if (end !== null) {
    const weight = end.kind === "promoted" ? fullWeight : (settings.legs[end.leg]?.weight ?? fullWeight);
    return { kind: end.kind, at: end.at, hours: hoursTo(end.at), weight, because: end.because };
  }
  const gate = settings.legs[ramp.leg]?.gate;
  const because = gate === undefined ? "" : (gate.skip ?? verdictAt(ramp, gate, at.now).because);
  return { kind: "open", at: at.now, hours: hoursTo(at.now), weight: weightOf(ramp), because };
}

function rulesOf(against: string | null): readonly RivalName[] {
  if (against === null) return [];
  return against.split(",").map((text) => {
    const name = rivalNames.find((rival) => rival === text.trim());
    const detail = `--against: "${text.trim()}" is none of ${rivalNames.join(", ")}.`;
    return name ?? refuse("rehearsal/bad-assumption", { detail, about: "--against" });
  });
}

function rivalsOf(recording: Recording, [first]: readonly Leg[], names: readonly RivalName[]): BacktestView["rivals"] {
  if (first === undefined || names.length === 0) return [];
  const { settings, ticks } = rivalStream(recording, first);
  return names.map((name) => {
    const rollback = rivalRules[name](settings, ticks);
    if (rollback === null) return { name, rollback };
    const at = rollback.at as Instant;
    return { name, rollback: { at, hours: (at - recording.from) / hour, because: rollback.because } };
  });
}

function notesOf(
  spec: AgentSpec,
  from: { readonly records: Records; readonly before: readonly TrackedSession[] },
): readonly string[] {
  const others = spec.stages.flatMap((stage) =>
    stage.kind === "gate" && stage.gate.kind !== "health" ? [stage.gate.name] : [],
  );
  return [
    spec.session.unit === "user"
      ? "Each weight sees as many of the recorded users as it would have had, chosen by the hash of their names; each counts once at a weight."
      : "Each weight sees as many of the recorded sessions as it would have had, chosen by the hash of their names.",
    ...(others.length === 0 ? [] : [`Taken as passed, at once: ${[...new Set(others)].join(", ")}.`]),
    ...(from.before.length > 0
      ? []
      : ["The records begin with the canary, so the gates learn what stable is like from them first."]),
    ...(from.records.sessions.length > 0 ? [] : ["Completed sessions only: sessions are not recorded by themselves."]),
  ];
}
