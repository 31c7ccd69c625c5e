// Where the simulated sessions go: the live split over time, what strangers do to it, and what the metric source can tell of it.

import type { Block, BlockArm, MetricName, Sample } from "../../core/model/metric.js";
import type { Fence, LiveState, Route } from "../../core/model/route.js";
import {
  type Duration,
  day,
  type Instant,
  minute,
  noWeight,
  type RevisionId,
  type Weight,
} from "../../core/model/units.js";
import type { BlockAnswer, BlockQuery, StableHistory } from "../../ports/metric-source.js";
import type { TrafficTarget } from "../../ports/traffic-target.js";
import { MemoryTarget } from "../memory-target.js";
import type { Drift } from "./scenario.js";
import { sessionTimeout } from "./strategy.js";
import { agent, content, revisionId, type Truth, wishes } from "./wish.js";

/** Sessions that start in a block's five minutes, over both arms. */
const sessionsInBlock = 100;
const blockLength = 5 * minute;

interface Span {
  readonly from: Instant;
  readonly stable: RevisionId;
  readonly canary: RevisionId | null;
  readonly weight: number;
  readonly fallback: boolean;
}

export class Street {
  readonly target: MemoryTarget;
  /** What engines reach: the target, or one that somebody broke on purpose. */
  readonly door: TrafficTarget;
  #deleted = false;
  #foreign = false;
  /** A person has set the target, and no engine since. */
  #brokeGlass = false;
  /** Somebody switched the fallback on at the target, and no engine has set it since. */
  #switched = false;
  /** By breaking the glass, and nobody has said otherwise since. */
  brokenFallback = false;
  readonly #spans: Span[] = [];
  readonly #truth: ReadonlyMap<RevisionId, Truth>;
  readonly #now: () => Instant;

  constructor(
    now: () => Instant,
    truth: ReadonlyMap<RevisionId, Truth>,
    broken: (target: MemoryTarget) => TrafficTarget = (target) => target,
  ) {
    this.#now = now;
    this.#truth = truth;
    this.target = new MemoryTarget(now);
    this.door = broken(this.target);
  }

  async observe(signal: AbortSignal): Promise<LiveState> {
    return this.#deleted ? { kind: "empty", observedAt: this.#now() } : this.door.observe(agent, signal);
  }

  /** A shift was put in force. */
  landed(route: Route): void {
    this.#deleted = false;
    this.#foreign = false;
    this.#brokeGlass = false;
    this.#switched = false;
    this.#mark(route);
  }

  /** The fallback is on by somebody's hand, or was left on by who broke the glass. */
  get switched(): boolean {
    return this.#switched;
  }

  get live(): Route | null {
    return this.#deleted ? null : this.target.route(agent);
  }

  /** Does what strangers do. Answers the canary's share that they left where they lowered it; null: they did not. */
  async drift(kind: Drift): Promise<number | null> {
    const live = this.live;
    if (live === null) return null;
    const before = live.weight;
    if (kind === "glass") return this.#foreign ? null : this.#breakGlass(live);
    if (kind === "glass fallback") return this.#foreign ? null : this.#switchByGlass(live);
    // A target that loses its route as well no longer shows under which epoch it was set: that is a person's to recover.
    if (this.#brokeGlass && (kind === "foreign" || kind === "deleted")) return null;
    if (kind === "foreign") {
      this.#foreign = true;
      this.target.harm(agent, { kind: "foreign", because: "not a routing file" });
      return null;
    }
    this.target.heal(agent);
    this.#foreign = false;
    this.#deleted = kind === "deleted";
    const route = drifted(live, kind);
    this.#switched ||= route.fallback && !live.fallback;
    this.target.drift(agent, route);
    this.#mark(route);
    return route.weight < before && kind !== "stranger" ? route.weight : null;
  }

  /** As `rollout abort --break-glass` does it: under a higher epoch, and the journal does not know. */
  async #breakGlass(live: Route): Promise<number | null> {
    const fence = this.target.highestFence(agent);
    if (live.canary === null || fence === null) return null;
    await this.#setByGlass({ ...drifted(live, "gone"), previous: null }, fence);
    return noWeight;
  }

  /** As `rollout fallback on --break-glass` does it. */
  async #switchByGlass(live: Route): Promise<null> {
    const fence = this.target.highestFence(agent);
    if (live.fallback || fence === null) return null;
    await this.#setByGlass({ ...live, fallback: true }, fence);
    this.brokenFallback = true;
    return null;
  }

  async #setByGlass(route: Route, fence: Fence): Promise<void> {
    this.#brokeGlass = true;
    this.#switched = route.fallback;
    const { signal } = new AbortController();
    const named = [route.stable, route.canary, route.previous];
    const contents = wishes.map(content).filter(({ id }) => named.includes(id));
    const session = { sessionTimeout: sessionTimeout, sessionHeader: "x-session-id" };
    const shift = { kind: "shift", agent, route, contents, lineage: "street", ...session } as const;
    await this.target.act(shift, { epoch: fence.epoch + 1, serial: fence.serial }, signal);
    this.#mark(route);
  }

  #mark({ stable, canary, weight, fallback }: Route): void {
    this.#spans.push({ from: this.#now(), stable, canary, weight, fallback });
  }

  /** Sessions of a revision that started in [from, to). */
  served(revision: RevisionId, from: number, to: number): number {
    let share = 0;
    this.#spans.forEach((span, index) => {
      const until = this.#spans[index + 1]?.from ?? Number.POSITIVE_INFINITY;
      const length = Math.min(until, to) - Math.max(span.from, from);
      if (length <= 0 || span.fallback) return;
      if (span.canary === revision) share += length * span.weight;
      if (span.stable === revision) share += length * (10_000 - span.weight);
    });
    return (share / 10_000 / blockLength) * sessionsInBlock;
  }

  /** The closed blocks since the first cut, as a source that reads until `until` has them. */
  blocks(query: BlockQuery, until: Instant): BlockAnswer {
    const { stable, canary, cuts, after, sessionTimeout } = query;
    const first = cuts[0]?.at;
    const blocks: Block[] = [];
    if (first !== undefined) {
      const edges = cuts.map(({ at }) => at as number);
      let start = Math.max(first, after ?? first);
      while (true) {
        const grid = (Math.floor(start / blockLength) + 1) * blockLength;
        const end = Math.min(grid, ...edges.filter((edge) => edge > start));
        if (end + sessionTimeout > until) break;
        const weight = cuts.findLast(({ at }) => at <= start)?.weight ?? noWeight;
        const span = { start: start as Instant, end: end as Instant };
        blocks.push({ ...span, weight, stable: this.#arm(stable, span), canary: this.#arm(canary, span) });
        start = end;
      }
    }
    return { blocks, unrouted: [], mismatched: 0, newest: until, completedOnly: false };
  }

  #arm(revision: RevisionId, { start, end }: Pick<Block, "start" | "end">): BlockArm {
    const truth = this.#truth.get(revision);
    if (truth === undefined || !truth.tells) return { sessions: 0, silent: 0, samples: nothing };
    const sessions = Math.floor(this.served(revision, start, end) + 1e-6);
    return { sessions, silent: 0, samples: samplesOf(sessions, 1 - truth.success) };
  }

  history(): StableHistory {
    return { sessionsLastDay: sessionsInBlock * 288, observed: day as Duration, samples: steady };
  }
}

function drifted(live: Route, kind: Exclude<Drift, "foreign" | "glass" | "glass fallback">): Route {
  switch (kind) {
    case "fallback":
      return { ...live, fallback: true };
    case "less":
      return weighed(live, Math.floor(live.weight / 2));
    case "more":
      return weighed(live, Math.min(10_000, live.weight * 2));
    case "stranger":
      return { ...live, canary: revisionId("e3"), rollout: null, weight: 1_000 as Weight };
    case "gone":
    case "deleted":
      return { ...live, rollout: null, canary: null, weight: noWeight, history: [] };
  }
}

function weighed(live: Route, weight: number): Route {
  if (live.canary === null || weight === live.weight) return live;
  return { ...live, weight: weight as Weight };
}

const absent: Sample = { kind: "missing", because: "no telemetry" };
const nothing = everyMetric(() => absent);
const steady = everyMetric((metric) => Array.from({ length: 50 }, (_, index) => usual(metric, index)));

function usual(metric: MetricName, index: number): number {
  if (metric === "task_success_rate") return index % 10 === 0 ? 1 : 0;
  return metric === "checkpoint_trigger_rate" || metric === "rollback_rate" ? 0 : 1 + (index % 5) / 10;
}

function samplesOf(sessions: number, badness: number): BlockArm["samples"] {
  return everyMetric((metric): Sample => {
    if (metric === "task_success_rate") return { kind: "rate", sessions, bad: sessions * badness };
    return absent;
  });
}

function everyMetric<T>(of: (metric: MetricName) => T): Readonly<Record<MetricName, T>> {
  return {
    task_success_rate: of("task_success_rate"),
    mean_llm_calls: of("mean_llm_calls"),
    mean_cost_usd: of("mean_cost_usd"),
    checkpoint_trigger_rate: of("checkpoint_trigger_rate"),
    rollback_rate: of("rollback_rate"),
    p95_latency_sec: of("p95_latency_sec"),
  };
}
