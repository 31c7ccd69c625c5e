/** Our method on one metric of a scene, block by block, as the gates run it. */
import { blockStandsAlone } from "../../src/core/stats/block-rule.js";
import type { Random } from "../../src/core/stats/draws.js";
import { absorbMetric, enterMetricStage } from "../../src/core/stats/metric-absorb.js";
import {
  type MetricBlock,
  type MetricConfig,
  type MetricEvidence,
  openMetric,
} from "../../src/core/stats/metric-evidence.js";
import { metricLogE } from "../../src/core/stats/metric-log-e.js";
import { enterStage, logE } from "../../src/core/stats/process.js";
import { absorbQuantile, openQuantile } from "../../src/core/stats/quantile.js";
import { absorbSketch } from "../../src/core/stats/quantile-sketch.js";
import { absorbRate, openRate } from "../../src/core/stats/rate.js";
import { type Arm, type Effect, hourOf, type Scene, type SceneTick, tickMs } from "./scene.js";

export const level = 0.05;
const threshold = Math.log(1 / level);
/** What a stage is planned for where nobody says otherwise, in hours. */
export const plannedHours = 24;

/** A fold over blocks with its two log-values. */
interface Player<State> {
  readonly open: (planned: number) => State;
  readonly absorb: (state: State, block: Block) => State;
  readonly enter: (state: State, planned: number) => State;
  readonly logE: (state: State) => { readonly fail: number; readonly pass: number };
}

interface Block {
  readonly tick: number;
  readonly share: number;
  readonly canary: Arm;
  readonly stable: Arm;
}

/** When each direction was proven: tick and canary sessions by then; null: not within the ticks that were played. */
export interface Proven {
  readonly fail: { readonly tick: number; readonly canary: number } | null;
  readonly pass: { readonly tick: number; readonly canary: number } | null;
  /** Weights that were played, and those of them at which PASS was proven: the promise is one for each. */
  readonly stages: number;
  readonly stagesPassed: number;
}

export interface Play {
  readonly random: Random;
  readonly effect: Effect;
  readonly tolerance: number;
  readonly ticks: number;
  /** Stop at the first proof of this kind; null: play all ticks. */
  readonly until: "fail" | "pass" | null;
  /** Hours that the stage is planned for. */
  readonly plannedFor?: number;
}

/** Plays a scene and says when FAIL and PASS were first proven. Every tick that was drawn is handed to `watch`. */
export function playMethod(scene: Scene, play: Play, watch: (tick: SceneTick) => void = () => undefined): Proven {
  const { tolerance } = play;
  if (scene.judged === "rate") return playWith(scene, play, watch, ratePlayer(scene, tolerance));
  if (scene.judged === "mean") return playWith(scene, play, watch, meanPlayer(scene, tolerance));
  return playWith(scene, play, watch, quantilePlayer(scene, tolerance));
}

function playWith<State>(scene: Scene, play: Play, watch: (tick: SceneTick) => void, player: Player<State>): Proven {
  const { plannedFor = plannedHours } = play;
  const planned = (hour: number): number =>
    Math.max(50, Math.round(scene.sessionsPerHour * scene.share(hour) * plannedFor));
  let state = player.open(planned(0));
  let share = scene.share(0);
  let pending: Block | null = null;
  let seen = 0;
  let fail: Proven["fail"] = null;
  let pass: Proven["pass"] = null;
  let stages = 1;
  let stagesPassed = 0;
  let passedHere = false;
  let tick = 0;
  for (const drawn of scene.ticks(play.random, play.effect)) {
    watch(drawn);
    if (drawn.share !== share) {
      share = drawn.share;
      // Nothing is merged across weights; what waits is judged as it is.
      if (pending !== null) state = player.absorb(state, pending);
      pending = null;
      state = player.enter(state, planned(hourOf(tick)));
      stages += 1;
      passedHere = false;
    }
    seen += sizeOf(drawn.canary);
    const block: Block = pending === null ? { ...drawn, tick } : merged(pending, { ...drawn, tick });
    if (blockStandsAlone({ canary: sizeOf(block.canary), stable: sizeOf(block.stable), share })) {
      pending = null;
      state = player.absorb(state, block);
      const now = player.logE(state);
      if (fail === null && now.fail >= threshold) fail = { tick, canary: seen };
      if (now.pass >= threshold && !passedHere) {
        passedHere = true;
        stagesPassed += 1;
        pass ??= { tick, canary: seen };
      }
    } else pending = block;
    tick += 1;
    if (tick >= play.ticks || isOver(play.until, fail !== null, pass !== null)) break;
  }
  return { fail, pass, stages, stagesPassed };
}

function isOver(until: Play["until"], failed: boolean, passed: boolean): boolean {
  if (until === null) return false;
  return until === "fail" ? failed : passed;
}

function sizeOf(arm: Arm): number {
  return arm.kind === "counts" ? arm.sessions : arm.values.length;
}

function merged(first: Block, second: Block): Block {
  return { ...second, canary: both(first.canary, second.canary), stable: both(first.stable, second.stable) };
}

function both(first: Arm, second: Arm): Arm {
  if (first.kind === "counts" && second.kind === "counts")
    return { kind: "counts", sessions: first.sessions + second.sessions, bad: first.bad + second.bad };
  return { kind: "values", values: [...valuesOf(first), ...valuesOf(second)] };
}

function valuesOf(arm: Arm): readonly number[] {
  return arm.kind === "values" ? arm.values : [];
}

const historySessions = 500;

function ratePlayer({ before, margin }: Scene, tolerance: number): Player<ReturnType<typeof openRate>> {
  const targets = { fail: threshold, pass: threshold };
  const bad = (arm: Arm): number => (arm.kind === "counts" ? arm.bad : 0);
  return {
    open: (planned) =>
      openRate({ margin, tolerance, targets, planned, history: { sessions: historySessions, mean: before.mean } }),
    absorb: (state, { canary, stable }) =>
      absorbRate(state, {
        canary: sizeOf(canary),
        stable: sizeOf(stable),
        canaryBad: bad(canary),
        stableBad: bad(stable),
      }),
    enter: enterStage,
    logE,
  };
}

/** Margin of the rate of sessions above the cap, as a gate has it by default. */
const tailMargin = 0.02;

/** With its tail, as a gate judges a mean. */
function meanPlayer({ before, margin }: Scene, tolerance: number): Player<MetricEvidence> {
  const { mean, variance, cap } = before;
  const config: MetricConfig = {
    kind: "mean",
    scale: "relative",
    margin,
    tolerance,
    cap,
    tail: { margin: tailMargin, tolerance: (tailMargin * tolerance) / margin },
    history: { sessions: historySessions, mean, variance },
  };
  const stake = { weight: 1, alpha: level, beta: level };
  return {
    open: (planned) => openMetric(config, stake, planned),
    absorb: (state, block) => absorbMetric(state, metricBlock(block), { end: (block.tick + 1) * tickMs, late: false }),
    enter: enterMetricStage,
    logE: (state) => {
      const passed = state.kind === "mean" && state.provenAt !== null && state.tailProvenAt !== null;
      return { fail: metricLogE(state).fail, pass: passed ? threshold : 0 };
    },
  };
}

function metricBlock({ canary, stable }: Block): MetricBlock {
  const sample = (arm: Arm): { readonly kind: "values"; readonly values: readonly number[] } => ({
    kind: "values",
    values: valuesOf(arm),
  });
  return { kind: "values", canary: sample(canary), stable: sample(stable) };
}

function quantilePlayer({ before, margin }: Scene, tolerance: number): Player<ReturnType<typeof openQuantile>> {
  const targets = { fail: threshold, pass: threshold };
  return {
    open: (planned) => {
      const opened = openQuantile({ q: 0.95, margin, tolerance, targets, planned });
      // History taught the sketch where the quantile lies.
      return { ...opened, sketch: absorbSketch(opened.sketch, before.values) };
    },
    absorb: (state, { canary, stable }) =>
      absorbQuantile(state, { canary: valuesOf(canary), stable: valuesOf(stable) }),
    enter: enterStage,
    logE,
  };
}
