// What floors remember of the blocks that they have seen, and which breaches are proven (STATISTICS section 6).

import type { Floor, FloorBreach } from "../model/floor.js";
import type { Block, BlockArm, MetricName } from "../model/metric.js";
import { day, type Instant, type RevisionId } from "../model/units.js";
import { absorbFloor, type FloorState, floorBreached, floorLogE, openFloor } from "../stats/floor.js";
import { evidenceText, minuteText, rateText } from "./health-text.js";

/**
 * The accumulators of one agent: plain data, one for each revision that serves and each floor. Each block is counted once
 * (`watermark`), and it is a cache: the same blocks give the same memory, from the beginning of a UTC day on.
 */
export interface FloorMemory {
  /** The floors that the accumulators were opened for; others void them. */
  readonly configuration: string;
  /** End of the last block counted; null before the first. */
  readonly watermark: Instant | null;
  readonly watches: Readonly<Record<string, Readonly<Partial<Record<MetricName, FloorWatch>>>>>;
}

interface FloorWatch {
  readonly state: FloorState;
  /** The beginning of the UTC day that `state` counts; every day it is started anew, in both arms at once. */
  readonly since: Instant;
  /** The newest day on which a breach was proven, as it was when it was proven first; null: never. */
  readonly proven: { readonly since: Instant; readonly state: FloorState } | null;
}

/** What serves. `canary`: null where there is none to watch. `canarySince`: when it got its first weight. */
export interface FloorArms {
  readonly stable: RevisionId;
  readonly canary: RevisionId | null;
  readonly canarySince: Instant | null;
}

/** The chance that a healthy arm is called breached, for each floor and day. */
const level = 0.001;
const format = 1;

export function openFloors(floors: readonly Floor[]): FloorMemory {
  return { configuration: configurationOf(floors), watermark: null, watches: {} };
}

function configurationOf(floors: readonly Floor[]): string {
  return JSON.stringify({ format, level, floors: floors.map(({ metric, least }) => [metric, least]) });
}

/** Whether the memory was opened for these floors. */
export function fitsFloors(memory: FloorMemory, floors: readonly Floor[]): boolean {
  return memory.configuration === configurationOf(floors);
}

/** Without what is counted of revisions that no longer serve, so that a second attempt starts anew; the same memory where there is none. */
export function forgetOthers(memory: FloorMemory, { stable, canary }: FloorArms): FloorMemory {
  const kept = Object.entries(memory.watches).filter(([revision]) => revision === stable || revision === canary);
  if (kept.length === Object.keys(memory.watches).length) return memory;
  return { ...memory, watches: Object.fromEntries(kept) };
}

/** The memory after a block; the same memory where the block was counted before. */
export function absorbFloors(
  memory: FloorMemory,
  block: Block,
  on: { readonly floors: readonly Floor[]; readonly arms: FloorArms },
): FloorMemory {
  if (memory.watermark !== null && block.end <= memory.watermark) return memory;
  const { stable, canary, canarySince } = on.arms;
  const watches = { ...memory.watches };
  const count = (revision: RevisionId, arm: BlockArm): void => {
    const kept = { ...watches[revision] };
    for (const floor of on.floors) {
      const counts = countsOf(arm, floor.metric);
      if (counts !== null) kept[floor.metric] = watchAfter(kept[floor.metric] ?? null, floor, { block, counts });
    }
    watches[revision] = kept;
  };
  count(stable, block.stable);
  if (canary !== null && canarySince !== null && block.start >= canarySince) count(canary, block.canary);
  return { ...memory, watermark: block.end, watches };
}

interface Counts {
  readonly sessions: number;
  readonly bad: number;
}

/** Null where the arm says nothing. Sessions without any task are missing telemetry, and what is missing breaches no floor. */
function countsOf(arm: BlockArm, metric: MetricName): Counts | null {
  const sample = arm.samples[metric];
  if (sample?.kind !== "rate") return null;
  const silent = metric === "task_success_rate" ? arm.silent : 0;
  const sessions = sample.sessions - silent;
  const bad = Math.max(0, sample.bad - silent);
  return Number.isFinite(sessions) && sessions > 0 && bad <= sessions ? { sessions, bad } : null;
}

function watchAfter(
  kept: FloorWatch | null,
  floor: Floor,
  seen: { readonly block: Block; readonly counts: Counts },
): FloorWatch {
  const since = (Math.floor(seen.block.start / day) * day) as Instant;
  const goesOn = kept !== null && kept.since === since;
  const from = goesOn ? kept.state : openFloor({ limit: 1 - floor.least, level });
  const state = absorbFloor(from, { at: seen.block.start, ...seen.counts });
  const before = kept?.proven ?? null;
  const proven = before?.since !== since && floorBreached(state) ? { since, state } : before;
  return { state, since, proven };
}

/** Every breach that is proven, the canary's first: each arm's newest day alone. */
export function provenBreaches(
  memory: FloorMemory,
  on: { readonly floors: readonly Floor[]; readonly arms: FloorArms; readonly runbook: string | null },
): readonly FloorBreach[] {
  const { stable, canary } = on.arms;
  const provenOf = (revision: RevisionId | null, { metric }: Floor): FloorWatch["proven"] =>
    revision === null ? null : (memory.watches[revision]?.[metric]?.proven ?? null);
  return on.floors.flatMap((floor) => {
    const proven = { stable: provenOf(stable, floor), canary: provenOf(canary, floor) };
    const both = proven.stable !== null && proven.stable.since === proven.canary?.since;
    return (["canary", "stable"] as const).flatMap((arm): readonly FloorBreach[] => {
      const found = proven[arm];
      const revision = arm === "stable" ? stable : canary;
      if (found === null || revision === null) return [];
      const { metric } = floor;
      const said = sentenceOf(floor, arm, found);
      const because = both ? `both arms, not the canary: ${said}` : said;
      const figures = figuresOf(floor, found);
      return [{ arm, revision, metric, since: found.since, both, because, figures, runbook: on.runbook }];
    });
  });
}

type Proven = NonNullable<FloorWatch["proven"]>;

/** `task_success_rate 0.640 in 412 stable sessions since Mon 00:00 UTC, proven below the floor of 0.8 (evidence 9.1 of 6.9)`. */
function sentenceOf(floor: Floor, arm: FloorBreach["arm"], { state, since }: Proven): string {
  const seen = `${floor.metric} ${rateText(1 - state.bad / state.sessions)} in ${state.sessions} ${arm} sessions since ${minuteText(since)}`;
  return `${seen}, proven below the floor of ${floor.least} (${evidenceText(floorLogE(state), -Math.log(level))})`;
}

function figuresOf({ metric, least }: Floor, { state, since }: Proven): FloorBreach["figures"] {
  const { sessions, bad } = state;
  return {
    metric,
    floor: least,
    rate: 1 - bad / sessions,
    sessions,
    bad,
    log_e: floorLogE(state),
    log_threshold: -Math.log(level),
    since,
  };
}

/** Which of two memories a store keeps: newer is further on in blocks, and one for other floors replaces what was kept. */
export function keepsNewFloors(kept: FloorMemory | null, next: FloorMemory): boolean {
  if (kept === null || kept.configuration !== next.configuration) return true;
  return (next.watermark ?? -Infinity) >= (kept.watermark ?? -Infinity);
}
