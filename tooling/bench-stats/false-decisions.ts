/** How often each rule is wrong on every stream: a good canary rolled back, a canary at the margin let through. */
import type { RivalName, RivalTick } from "../../src/core/rivals/rival.js";
import { rivalNames, rivalRules } from "../../src/core/rivals/rivals.js";
import { seededRandom, seedOf } from "../../src/core/stats/draws.js";
import { playMethod } from "./method.js";
import { atMost, type Goal, type Part, percentText, type Size, shareOf, type Table, worstState } from "./report.js";
import { type Effect, healthy, type Scene, type SceneTick, tickMs, ticksPerHour, worseBy } from "./scene.js";
import { rateScenes, valueScenes } from "./scenes.js";

const watchedHours = 24;
const ticks = watchedHours * ticksPerHour;

/** How often something happened in so many runs. */
interface Count {
  hits: number;
  runs: number;
}

interface StreamResult {
  readonly scene: Scene;
  /** FAIL of an equal canary, without a tolerance. */
  readonly failEqual: Count;
  /** FAIL of a canary at the tolerance that the gates set by default. */
  readonly failTolerated: Count;
  readonly passMargin: Count;
  readonly rivals: Readonly<Record<RivalName, { readonly rolledBack: Count; readonly promoted: Count }>>;
}

export function falseDecisions(size: Size, seed: number, say: (line: string) => void): Part {
  const results: StreamResult[] = [];
  for (const [index, scene] of [...rateScenes, ...valueScenes].entries()) {
    say(`stream ${index + 1}: ${scene.name}`);
    const runs = scene.judged === "rate" ? size.rates : size.values;
    results.push(playStream(scene, runs, seedOf(seed, 1, index)));
  }
  return { tables: [tableOf(results)], goals: goalsOf(results) };
}

function playStream(scene: Scene, runs: number, seed: number): StreamResult {
  const count = (): Count => ({ hits: 0, runs });
  // A pass is promised for each weight by itself.
  const passMargin: Count = { hits: 0, runs: 0 };
  const tolerance = scene.judged === "rate" ? scene.margin / 2 : scene.margin;
  const result: StreamResult = {
    scene,
    failEqual: count(),
    failTolerated: count(),
    passMargin,
    rivals: {
      flagger: { rolledBack: count(), promoted: count() },
      argo: { rolledBack: count(), promoted: count() },
      kayenta: { rolledBack: count(), promoted: count() },
      fixed: { rolledBack: count(), promoted: count() },
    },
  };
  for (let run = 0; run < runs; run += 1) {
    const play = (part: number, effect: Effect, tolerated: number, watch?: (tick: SceneTick) => void) =>
      playMethod(
        scene,
        { random: seededRandom(seedOf(seed, run, part)), effect, tolerance: tolerated, ticks, until: null },
        watch,
      );
    const equal = new Watcher();
    const atMargin = new Watcher();
    result.failEqual.hits += Number(play(0, healthy, 0, (tick) => equal.see(tick)).fail !== null);
    result.failTolerated.hits += Number(play(1, worseBy(tolerance), tolerance).fail !== null);
    const { stages, stagesPassed } = play(2, worseBy(scene.margin), 0, (tick) => atMargin.see(tick));
    passMargin.hits += stagesPassed;
    passMargin.runs += stages;
    for (const name of rivalNames) {
      result.rivals[name].rolledBack.hits += Number(rivalRollback(name, scene, equal.seen) !== null);
      result.rivals[name].promoted.hits += Number(rivalRollback(name, scene, atMargin.seen) === null);
    }
  }
  return result;
}

/** Gathers what the rivals see. */
export class Watcher {
  readonly seen: RivalTick[] = [];
  see(tick: SceneTick): void {
    this.seen.push({ at: (this.seen.length + 1) * tickMs, metrics: { badness: tick.seen } });
  }
}

/** The tick at which a rival rolls back; null: it lets the canary through. */
export function rivalRollback(name: RivalName, scene: Scene, seen: readonly RivalTick[]): number | null {
  const { reference } = scene.before;
  const limit = scene.judged === "rate" ? reference + scene.margin : reference * (1 + scene.margin);
  const reads = scene.judged === "quantile" ? "p95" : "mean";
  const metrics = [{ name: "badness", reads, reference, limit } as const];
  const found = rivalRules[name]({ metrics, windowTicks: ticksPerHour }, seen);
  return found === null ? null : found.at / tickMs;
}

function tableOf(results: readonly StreamResult[]): Table {
  const share = ({ hits, runs }: Count): string => percentText(hits / runs);
  return {
    title: "Wrong decisions in 24 hours",
    note:
      "Rollback: an equal canary without a tolerance; a canary exactly at the default tolerance. Promotion: a canary exactly at the margin passes a gate. " +
      "Rivals: equal canary rolled back / canary at the margin let through.",
    head: ["stream", "rollback, equal", "at tolerance", "promotion", ...rivalNames],
    rows: results.map(({ scene, failEqual, failTolerated, passMargin, rivals }) => [
      scene.name,
      share(failEqual),
      share(failTolerated),
      share(passMargin),
      ...rivalNames.map((name) => `${whole(rivals[name].rolledBack)} / ${whole(rivals[name].promoted)} %`),
    ]),
  };
}

function whole({ hits, runs }: Count): string {
  return Math.round((100 * hits) / runs).toString();
}

function goalsOf(results: readonly StreamResult[]): readonly Goal[] {
  const goal = (name: string, counts: readonly (Count & { readonly stream: string })[]): Goal => {
    const worst = counts.reduce((most, each) => (each.hits / each.runs > most.hits / most.runs ? each : most));
    const measured = `worst ${percentText(worst.hits / worst.runs)} of ${worst.runs} (${worst.stream})`;
    return {
      name,
      wanted: "at most 5 % on every stream",
      measured,
      state: worstState(counts.map(({ hits, runs }) => atMost(shareOf(hits, runs), 0.05))),
    };
  };
  const named = (pick: (result: StreamResult) => Count) =>
    results.map((result) => ({ ...pick(result), stream: result.scene.name }));
  return [
    goal(
      "false rollback, tolerance 0",
      named(({ failEqual }) => failEqual),
    ),
    goal(
      "false rollback, default tolerance",
      named(({ failTolerated }) => failTolerated),
    ),
    goal(
      "false promotion",
      named(({ passMargin }) => passMargin),
    ),
  ];
}
