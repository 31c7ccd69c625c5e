// `rollout simulate`: plays the spec's whole ramp with its own gates against assumed canaries, many times.

import { resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import { parsePoints, parseRate } from "../config/units/margin.js";
import type { StableValues } from "../core/gate/health-config.js";
import { metricNames } from "../core/metric/session-values.js";
import type { Stage } from "../core/model/gate.js";
import type { MetricName } from "../core/model/metric.js";
import type { AgentSpec } from "../core/model/spec.js";
import { type Duration, hour } from "../core/model/units.js";
import { type Leg, legsOf } from "../core/rehearsal/ramp.js";
import { type Scenario, type SimulatedRun, simulateRun } from "../core/rehearsal/simulation.js";
import { seededRandom, seedOf } from "../core/stats/draws.js";
import { sessionsPerHour as hourlySessions, type StableHistory } from "../ports/metric-source.js";
import { percentText } from "../views/amount-text.js";
import { simulationSvg } from "../views/svg/simulation-svg.js";
import type { Answer, RehearsedLeg, SimulatedScenario, SimulationView } from "../views/view.js";
import { refuse } from "./refusal.js";
import { type Session, stateOf, withSession } from "./session.js";
import type { World } from "./world.js";

export interface SimulateArguments {
  /** Null: the only one of the spec. */
  readonly agent: string | null;
  /** A number above 0; null: as measured over the last day. */
  readonly sessionsPerHour: string | null;
  /** Task success of stable, as `90%`; null: as measured. */
  readonly base: string | null;
  /** As `5pp,10pp`. */
  readonly drops: string;
  /** When a late regression sets in, in milliseconds. */
  readonly onset: number;
  /** Of each scenario. */
  readonly runs: number;
  readonly seed: number;
  readonly svg: string | null;
}

export async function simulate(world: World, args: SimulateArguments): Promise<Answer> {
  return withSession(world, { readOnly: true }, async (session) => {
    const spec = specOf(session, args.agent);
    const legs = legsOf(spec.stages);
    const assumed = await assume(session, spec, args);
    const scenarios = scenariosOf(legs, args);
    demandPossible(args.drops.split(",").map(pointsOf), assumed);
    const played = await playAll({ world, args, spec, legs, assumed, scenarios });
    const view: SimulationView = {
      kind: "simulation",
      agent: spec.agent,
      seed: args.seed,
      ...(spec.session.unit === "session" ? {} : { unit: spec.session.unit }),
      sessionsPerHour: assumed.sessionsPerHour,
      failures: assumed.failures,
      notes: notesOf(spec, legs, assumed),
      legs: legs.map(rehearsedLeg),
      scenarios: played,
      interrupted: world.stop.aborted,
      savedTo: args.svg,
    };
    if (args.svg !== null) await world.files.write(resolve(world.cwd, args.svg), simulationSvg(view));
    return { view, exit: 0 };
  });
}

/** The agent that a rehearsal is about: the named one, or the only one. */
export function specOf({ spec }: Session, name: string | null): AgentSpec {
  const agents = Object.values(spec?.agents ?? {});
  const names = agents.map(({ agent }) => agent).join(", ");
  if (name === null) {
    const [only, ...others] = agents;
    if (only !== undefined && others.length === 0) return only;
    return refuse("rehearsal/which-agent", { detail: `The spec has several agents. Name one of them: ${names}.` });
  }
  const found = agents.find(({ agent }) => agent === name);
  return (
    found ?? refuse("agent/unknown", { detail: `"${name}" is not in the spec. The agents are: ${names}.`, about: name })
  );
}

export function rehearsedLeg({ weight, gate }: Leg): RehearsedLeg {
  return {
    weight,
    gate: gate.name,
    holdHours: gate.hold / hour,
    untilHours: gate.until / hour,
    skipped: gate.skip !== null,
  };
}

interface Assumed {
  readonly sessionsPerHour: number;
  readonly failures: number;
  /** What the gates know of stable before the ramp. */
  readonly history: StableValues;
  /** What the other metrics are drawn from. */
  readonly values: StableValues;
  readonly measured: { readonly traffic: boolean; readonly base: boolean };
}

/** Traffic and base rate: as they were given, else as the state's own metrics show them. */
async function assume(session: Session, spec: AgentSpec, args: SimulateArguments): Promise<Assumed> {
  const history = await measuredHistory(session, spec);
  const badness = history?.samples.task_success_rate ?? [];
  const asked = args.sessionsPerHour === null ? null : trafficOf(args.sessionsPerHour);
  const sessionsPerHour = asked ?? (history === null ? 0 : hourlySessions(history));
  if (!(sessionsPerHour > 0))
    return refuse("rehearsal/no-traffic", {
      detail: `No ${spec.session.unit} of ${spec.agent} was seen in the last 24 hours, so its traffic is not known.`,
      hint: `rollout simulate ${spec.agent} --sessions-per-hour 100 --base 90%`,
      about: spec.agent,
    });
  const given = args.base === null ? null : 1 - rateOf(args.base);
  const failures = given ?? (badness.length === 0 ? null : badness.reduce((sum, bad) => sum + bad, 0) / badness.length);
  if (failures === null)
    return refuse("rehearsal/no-base", {
      detail: `No session of ${spec.agent}'s stable revision tells its task success, so it is not known.`,
      hint: `rollout simulate ${spec.agent} --base 90%`,
      about: spec.agent,
    });
  const values = history?.samples ?? noValues;
  return {
    sessionsPerHour,
    failures,
    history: given === null ? values : { ...values, task_success_rate: supposedHistory(given) },
    values,
    measured: { traffic: asked === null, base: given === null },
  };
}

const noValues = Object.fromEntries(
  metricNames.map((name): [MetricName, readonly number[]] => [name, []]),
) as StableValues;

/** Stable has served before its canary: as many sessions as history may speak for. */
function supposedHistory(failures: number): readonly number[] {
  const sessions = 500;
  const bad = Math.round(failures * sessions);
  return Array.from({ length: sessions }, (_, index) => Number(index < bad));
}

async function measuredHistory(
  session: Session,
  { agent, source, session: { unit } }: AgentSpec,
): Promise<StableHistory | null> {
  const { stable } = await stateOf(session, agent);
  if (stable === null) return null;
  return session.doors
    .source(source)
    .history({ agent, stable, unit, before: session.world.now() }, AbortSignal.timeout(30_000));
}

function trafficOf(text: string): number {
  const sessions = /^\d{1,9}(\.\d{1,6})?$/.test(text) ? Number(text) : 0;
  if (sessions > 0) return sessions;
  const detail = `--sessions-per-hour: "${text}" is not a number of sessions.`;
  return refuse("rehearsal/bad-assumption", {
    detail,
    hint: "Write it as in --sessions-per-hour 200.",
    about: "--sessions-per-hour",
  });
}

function rateOf(text: string): number {
  const rate = parseRate(text);
  if (rate.ok) return rate.value;
  return refuse("rehearsal/bad-assumption", { detail: `--base: ${rate.because}`, hint: rate.hint, about: "--base" });
}

function pointsOf(text: string): number {
  const points = parsePoints(text.trim());
  if (points.ok) return points.value.value;
  return refuse("rehearsal/bad-assumption", {
    detail: `--drop: ${points.because}`,
    hint: points.hint,
    about: "--drop",
  });
}

/** Nobody can lose more of task success than stable has. */
function demandPossible(drops: readonly number[], { failures }: Assumed): void {
  const most = 1 - failures;
  const beyond = drops.find((drop) => drop > most);
  if (beyond === undefined) return;
  refuse("rehearsal/bad-assumption", {
    detail: `A canary that is ${pointsText(beyond)} worse cannot be: task success of stable is ${percentText(most)}.`,
    hint: "Write less in --drop, or more in --base.",
    about: "--drop",
  });
}

function scenariosOf([first]: readonly Leg[], { drops, onset }: SimulateArguments): readonly Scenario[] {
  const margin = first?.gate.metrics.find(({ metric }) => metric === "task_success_rate")?.margin.value ?? null;
  const given = drops.split(",").map(pointsOf);
  const now = 0 as Duration;
  const worst = Math.max(...given);
  return [
    { name: "as good as stable", drop: 0, onset: now },
    ...(margin === null ? [] : [{ name: `at the margin of ${pointsText(margin)}`, drop: margin, onset: now }]),
    ...given.filter((drop) => drop !== margin).map((drop) => ({ name: `${pointsText(drop)} worse`, drop, onset: now })),
    { name: `${pointsText(worst)} worse after ${onset / hour} h`, drop: worst, onset: onset as Duration },
  ];
}

function pointsText(points: number): string {
  return `${Number((100 * points).toFixed(2))} pp`;
}

interface Playing {
  readonly world: World;
  readonly args: SimulateArguments;
  readonly spec: AgentSpec;
  readonly legs: readonly Leg[];
  readonly assumed: Assumed;
  readonly scenarios: readonly Scenario[];
}

/** A signal is heard between two runs. */
async function playAll(playing: Playing): Promise<readonly SimulatedScenario[]> {
  const { world, args, scenarios } = playing;
  const played: SimulatedScenario[] = [];
  for (const [index, scenario] of scenarios.entries()) {
    const runs: SimulatedRun[] = [];
    const step = Math.ceil(args.runs / 4);
    for (let run = 0; run < args.runs && !world.stop.aborted; run++) {
      if (run % step === 0) world.say(`${scenario.name}: ${run} of ${args.runs} runs`);
      runs.push(playOne(playing, scenario, seedOf(args.seed, index, run)));
      await setImmediate();
    }
    if (runs.length > 0) played.push(summaryOf(scenario, runs));
  }
  return played;
}

function playOne({ spec, legs, assumed }: Playing, scenario: Scenario, seed: number): SimulatedRun {
  const { sessionsPerHour, failures, history, values } = assumed;
  return simulateRun({
    ramp: { legs, floors: spec.floors, history, sessionsPerHour, unit: spec.session.unit },
    sessionTimeout: spec.session.timeout,
    traffic: { sessionsPerHour, failures, values },
    scenario,
    random: seededRandom(seed),
  });
}

const curvePoints = 48;

function summaryOf({ name, drop, onset }: Scenario, runs: readonly SimulatedRun[]): SimulatedScenario {
  const ended = (kind: SimulatedRun["end"]["kind"]): readonly SimulatedRun[] =>
    runs.filter(({ end }) => end.kind === kind);
  const [promoted, rolledBack, waits] = [ended("promoted"), ended("rolled-back"), ended("waits")];
  const last = Math.max(...runs.map(({ hours }) => hours));
  const by = (hours: number, some: readonly SimulatedRun[]): number =>
    some.filter((run) => run.hours <= hours).length / runs.length;
  return {
    name,
    drop,
    onsetHours: onset / hour,
    runs: runs.length,
    promoted: promoted.length,
    unproven: promoted.filter(({ unproven }) => unproven).length,
    rolledBack: rolledBack.length,
    waits: waits.length,
    hoursToPromotion: typical(promoted),
    hoursToRollback: typical(rolledBack),
    canarySessions: quantile(
      runs.map((run) => run.canarySessions),
      0.5,
    ),
    harmed: quantile(
      runs.map((run) => run.harmed),
      0.5,
    ),
    curve: Array.from({ length: curvePoints + 1 }, (_, index) => {
      const at = (last * index) / curvePoints;
      return { hour: at, promoted: by(at, promoted), rolledBack: by(at, rolledBack), waits: by(at, waits) };
    }),
  };
}

function typical(runs: readonly SimulatedRun[]): SimulatedScenario["hoursToPromotion"] {
  if (runs.length === 0) return null;
  const hours = runs.map((run) => run.hours);
  return { median: quantile(hours, 0.5), p90: quantile(hours, 0.9) };
}

/** Nearest rank. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(Math.ceil(share * sorted.length) - 1, 0)] ?? 0;
}

function notesOf(spec: AgentSpec, legs: readonly Leg[], assumed: Assumed): readonly string[] {
  const { traffic, base } = assumed.measured;
  const from = (measured: boolean): string => (measured ? "measured" : "as given");
  const watched = [...new Set(legs.flatMap(({ gate }) => gate.metrics.map(({ metric }) => metric)))];
  const silent = watched.filter((metric) => metric !== "task_success_rate" && assumed.values[metric].length === 0);
  const others = [...new Set(spec.stages.flatMap(otherGate))];
  return [
    `Traffic is ${from(traffic)}${traffic ? " over the last 24 h" : ""}, task success ${from(base)}; both stay as they are.`,
    "The canary differs in task success alone.",
    ...(spec.session.unit === "user" ? [oneVoice] : []),
    ...(silent.length === 0 ? [] : [`Nothing is known of ${silent.join(", ")}: not played.`]),
    ...(others.length === 0 ? [] : [`Taken as passed, at once: ${others.join(", ")}.`]),
    `A block of sessions is read ${spec.session.timeout / 60_000} min after it ends, and the gates are asked every 5 min.`,
  ];
}

const oneVoice =
  "Users are what is counted, each once at a weight: as many new ones are played in every hour, and a user who comes back is not a new one.";

function otherGate(stage: Stage): readonly string[] {
  return stage.kind === "gate" && stage.gate.kind !== "health" ? [stage.gate.name] : [];
}
