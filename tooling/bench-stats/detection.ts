/** How soon a bad canary is found: ours, the oracle that knows both rates, and the rivals. */
import { rivalNames } from "../../src/core/rivals/rivals.js";
import { seededRandom, seedOf } from "../../src/core/stats/draws.js";
import { rivalRollback, Watcher } from "./false-decisions.js";
import { level, plannedHours, playMethod } from "./method.js";
import { sessionOracle, TickOracle } from "./oracle.js";
import {
  atLeast,
  atMost,
  type Estimate,
  type Goal,
  hoursText,
  mean,
  median,
  type Part,
  quantileEstimate,
  ratioOf,
  ratioText,
  type Size,
  shareOf,
  worstState,
} from "./report.js";
import { healthy, type Scene, ticksPerHour, worseBy } from "./scene.js";
import { rateScene, standardScene } from "./scenes.js";
import { playFail } from "./six-metrics.js";

const drops = [0.02, 0.05, 0.1];
const stable = 0.1;
/** Long enough for every run to decide: fourteen weeks. */
const endless = 14 * 7 * 24 * ticksPerHour;
/** The rivals are watched for so long. */
const rivalTicks = 48 * ticksPerHour;

/** Ticks and canary sessions of each run until our decision, and those of the two oracles. */
export interface Race {
  readonly hours: readonly number[];
  readonly ours: readonly number[];
  readonly atTicks: readonly number[];
  readonly atSessions: readonly number[];
}

export interface RaceSettings {
  readonly scene: Scene;
  readonly direction: "fail" | "pass";
  /** Badness of the canary beyond stable's. */
  readonly worse: number;
  readonly tolerance: number;
  readonly plannedFor?: number;
  readonly runs: number;
  readonly seed: number;
}

/** Races our method against the oracles on the same streams. */
export function race(settings: RaceSettings): Race {
  const { scene, direction, worse, tolerance, plannedFor = plannedHours, runs, seed } = settings;
  const base = scene.before.reference;
  const known =
    direction === "fail"
      ? { truth: base + worse, other: base + tolerance }
      : { truth: base, other: base + scene.margin };
  const effect = worse === 0 ? healthy : worseBy(worse);
  const hours: number[] = [];
  const ours: number[] = [];
  const atTicks: number[] = [];
  const atSessions: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const oracle = new TickOracle(known, level);
    const random = seededRandom(seedOf(seed, run));
    const play = { random, effect, tolerance, plannedFor, ticks: endless, until: direction };
    const found = playMethod(scene, play, (tick) => oracle.look(tick))[direction];
    hours.push(found === null ? Number.POSITIVE_INFINITY : (found.tick + 1) / ticksPerHour);
    ours.push(found?.canary ?? Number.POSITIVE_INFINITY);
    atTicks.push(finished(oracle, scene.ticks(random, effect)));
    atSessions.push(sessionOracle(seededRandom(seedOf(seed, run, 1)), known, level));
  }
  return { hours, ours, atTicks, atSessions };
}

/** The oracle's decision; where ours came first the stream goes on until the oracle's has come too. */
function finished(oracle: TickOracle, rest: ReturnType<Scene["ticks"]>): number {
  let ticks = 0;
  for (const tick of rest) {
    if (oracle.decided !== null || ticks >= endless) break;
    oracle.look(tick);
    ticks += 1;
  }
  return oracle.decided ?? Number.POSITIVE_INFINITY;
}

interface Found {
  readonly drop: number;
  readonly strict: Race;
  /** The same in a stage that is planned for twice as long. */
  readonly longer: Race;
  readonly tolerant: Race | null;
  readonly six: { readonly canary: readonly number[]; readonly hours: readonly number[] };
  readonly rivals: Readonly<Record<string, readonly number[]>>;
}

export function detection(size: Size, seed: number, say: (line: string) => void): Part {
  const found = drops.map((drop, index) => {
    say(`detection of a drop of ${100 * drop} points`);
    return detect(size, drop, seedOf(seed, 2, index));
  });
  const late = detectLate(Math.ceil(size.detection / 3), seedOf(seed, 3));
  return { tables: [sessionsTable(found), rivalsTable(found, late)], goals: goalsOf(found) };
}

function detect(size: Size, drop: number, seed: number): Found {
  // A small drop takes many hours: it is played less often.
  const fewer = drop < 0.05 ? 3 : 1;
  const runs = Math.ceil(size.detection / fewer);
  const settings = { scene: standardScene, direction: "fail" as const, worse: drop, runs, seed };
  const tolerance = standardScene.margin / 2;
  const six = Array.from({ length: Math.ceil(size.six / fewer) }, (_, run) =>
    playFail(seededRandom(seedOf(seed, run, 2)), { strictness: "strict", drop, most: endless }),
  );
  return {
    drop,
    strict: race({ ...settings, tolerance: 0 }),
    longer: race({ ...settings, tolerance: 0, plannedFor: 2 * plannedHours }),
    tolerant: drop > tolerance ? race({ ...settings, tolerance, seed: seedOf(seed, 5) }) : null,
    six: { canary: six.map(({ canary }) => canary), hours: six.map(({ ticks }) => ticks / ticksPerHour) },
    rivals: rivalHours(Math.ceil(runs / 3), { drop, from: 0, seed: seedOf(seed, 6) }),
  };
}

/** Hours from the onset until each rival rolls back; Infinity: not within 48 hours. A rollback before the onset is left out. */
function rivalHours(
  runs: number,
  at: { readonly drop: number; readonly from: number; readonly seed: number },
): Readonly<Record<string, readonly number[]>> {
  const hours: Record<string, number[]> = Object.fromEntries(rivalNames.map((name) => [name, []]));
  for (let run = 0; run < runs; run += 1) {
    const watcher = new Watcher();
    for (const tick of standardScene.ticks(seededRandom(seedOf(at.seed, run)), worseBy(at.drop, at.from))) {
      watcher.see(tick);
      if (watcher.seen.length >= rivalTicks) break;
    }
    for (const name of rivalNames) {
      const tick = rivalRollback(name, standardScene, watcher.seen);
      const after = tick === null ? Number.POSITIVE_INFINITY : tick / ticksPerHour - at.from;
      if (after > 0) hours[name]?.push(after);
    }
  }
  return hours;
}

interface Late {
  readonly ours: readonly number[];
  readonly rivals: Readonly<Record<string, readonly number[]>>;
}

/** A canary that loses 10 points after 12 good hours. */
function detectLate(runs: number, seed: number): Late {
  const ours: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const random = seededRandom(seedOf(seed, run));
    const play = { random, effect: worseBy(0.1, 12), tolerance: 0, ticks: endless, until: "fail" as const };
    const found = playMethod(standardScene, play).fail;
    if (found !== null && found.tick >= 12 * ticksPerHour) ours.push((found.tick + 1) / ticksPerHour - 12);
  }
  return { ours, rivals: rivalHours(Math.ceil(runs / 3), { drop: 0.1, from: 12, seed: seedOf(seed, 1) }) };
}

function sessionsTable(found: readonly Found[]): Part["tables"][number] {
  return {
    title: "Canary sessions until a worse canary is rolled back",
    note:
      "Success 0.90, 5 % of 1000 sessions an hour, stages planned for 24 hours (the bets aim at the end of the stage). The oracle knows both rates and looks after each tick, as ours does; " +
      "in parentheses it looks after each session. Means; the ratio is ours to the oracle's.",
    head: [
      "drop",
      "oracle",
      "tolerance 0",
      "ratio",
      "planned for 48 h",
      "primary of six",
      "ratio",
      "tolerance 2.5 pp",
      "hours (median): 0 / six / 2.5 pp",
    ],
    rows: found.map(({ drop, strict, longer, tolerant, six }) => [
      `${100 * drop} pp`,
      `${mean(strict.atTicks).toFixed(0)} (${mean(strict.atSessions).toFixed(0)})`,
      mean(strict.ours).toFixed(0),
      ratioText(mean(strict.ours) / mean(strict.atTicks)),
      ratioText(mean(longer.ours) / mean(longer.atTicks)),
      mean(six.canary).toFixed(0),
      ratioText(mean(six.canary) / mean(strict.atTicks)),
      tolerant === null ? "tolerated" : mean(tolerant.ours).toFixed(0),
      [strict.hours, six.hours, ...(tolerant === null ? [] : [tolerant.hours])]
        .map((hours) => hoursText(median(hours)))
        .join(" / "),
    ]),
  };
}

function rivalsTable(found: readonly Found[], late: Late): Part["tables"][number] {
  const cell = (hours: readonly number[]): string => {
    const seen = hours.filter(Number.isFinite).length / hours.length;
    return hours.length === 0 ? "none left" : `${hoursText(median(hours))}, ${Math.round(100 * seen)} %`;
  };
  const within = (hours: readonly number[]): readonly number[] =>
    hours.map((hour) => (hour > 48 ? Number.POSITIVE_INFINITY : hour));
  return {
    title: "Hours until a worse canary is rolled back, and how often within 48 hours",
    note: "One metric, tolerance 0. How often the same rules roll back a good canary stands in the table of wrong decisions: an early alarm is worth as much as its silence.",
    head: ["drop", "ours", ...rivalNames],
    rows: [
      ...found.map(({ drop, strict, rivals }) => [
        `${100 * drop} pp`,
        cell(within(strict.hours)),
        ...rivalNames.map((name) => cell(rivals[name] ?? [])),
      ]),
      ["10 pp after 12 h", cell(within(late.ours)), ...rivalNames.map((name) => cell(late.rivals[name] ?? []))],
    ],
  };
}

function goalsOf(found: readonly Found[]): readonly Goal[] {
  const points = (each: Found): string => `${100 * each.drop} pp`;
  const alone = (each: Found): Estimate => ratioOf(each.strict.ours, each.strict.atTicks);
  const inSix = (each: Found): Estimate => ratioOf(each.six.canary, each.strict.atTicks);
  const goal = (name: string, most: number, pick: (each: Found) => Estimate): Goal => ({
    name,
    wanted: `at most ${most} times the oracle`,
    measured: found.map((each) => `${ratioText(pick(each).value)} at ${points(each)}`).join(", "),
    state: worstState(found.map((each) => atMost(pick(each), most))),
  });
  const tenPoints = found.at(-1);
  const hours = quantileEstimate(tenPoints?.six.hours ?? [], 0.5);
  return [
    goal("sessions to FAIL, one metric", 1.35, alone),
    goal("sessions to FAIL, one metric (stretch)", 1.25, alone),
    goal("sessions to FAIL, primary of six", 1.7, inSix),
    {
      name: "-10 points rolled back, primary of six",
      wanted: "at most 2.5 h (median)",
      measured: hoursText(hours.value),
      state: atMost(hours, 2.5),
    },
  ];
}

/** PASS against the oracle, and within 24 hours, at three margins. */
export function passing(size: Size, seed: number, say: (line: string) => void): Part {
  const wanted = [
    { margin: 0.02, share: 0.5 },
    { margin: 0.03, share: 0.84 },
    { margin: 0.05, share: 0.99 },
  ];
  const rows = wanted.map(({ margin, share }, index) => {
    say(`PASS at a margin of ${100 * margin} points`);
    const scene = rateScene({ name: "pass", stable, margin });
    const runs = Math.ceil(size.detection / 2);
    const run = race({ scene, direction: "pass", worse: 0, tolerance: 0, runs, seed: seedOf(seed, 4, index) });
    const inTime = shareOf(run.hours.filter((hours) => hours <= 24).length, runs);
    return { margin, share, run, inTime, ratio: ratioOf(run.ours, run.atTicks) };
  });
  const name = ({ margin }: { readonly margin: number }): string => `${100 * margin} pp`;
  return {
    tables: [
      {
        title: "Canary sessions until a healthy canary passes",
        note: "Success 0.90, 5 % of 1000 sessions an hour, stages planned for 24 hours, against the same oracle.",
        head: ["margin", "oracle", "ours", "ratio", "median", "within 24 h"],
        rows: rows.map((row) => [
          name(row),
          mean(row.run.atTicks).toFixed(0),
          mean(row.run.ours).toFixed(0),
          ratioText(row.ratio.value),
          hoursText(median(row.run.hours)),
          `${Math.round(100 * row.inTime.value)} %`,
        ]),
      },
    ],
    goals: [
      {
        name: "sessions to PASS",
        wanted: "at most 1.2 times the oracle",
        measured: rows.map((row) => `${ratioText(row.ratio.value)} at ${name(row)}`).join(", "),
        state: worstState(rows.map(({ ratio }) => atMost(ratio, 1.2))),
      },
      {
        name: "PASS within 24 hours",
        wanted: "0.50 / 0.84 / 0.99 at 2 / 3 / 5 pp",
        measured: rows.map(({ inTime }) => inTime.value.toFixed(2)).join(" / "),
        state: worstState(rows.map(({ inTime, share }) => atLeast(inTime, share))),
      },
    ],
  };
}
