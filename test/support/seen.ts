/** Looks at the world for tests: calm unless a test says otherwise. */
import type { Sight } from "../../src/core/model/decision.js";
import type { Evidence } from "../../src/core/model/gate.js";
import type { LiveState, Route } from "../../src/core/model/route.js";
import type { AgentState } from "../../src/core/model/state.js";
import type { Instant } from "../../src/core/model/units.js";
import { activeHealthGate } from "../../src/core/rollout/want.js";
import { revisionId, truths, type Wish, wishes } from "../../src/testing/simulation/wish.js";

const minute = 60_000;

/** How the canary does at the active health gate. */
export type Health = "as good" | "worse" | "a little worse" | "silent" | "unreadable";

export interface Seen extends Partial<Omit<Sight, "now" | "live" | "health" | "epoch">> {
  /** Minutes since the newest entry; 90 unless said, so that a hold is over and `until` is not. */
  readonly after?: number;
  /** What the target shows; what was last put in force unless said. */
  readonly live?: LiveState["kind"] | Route | null;
  readonly lineage?: string;
  /** The epoch that the target shows; ours is 1. */
  readonly shownEpoch?: number;
  readonly health?: Health;
  readonly open?: boolean;
}

export function see(state: AgentState, seen: Seen): Sight {
  const { after = 90, live, health = "as good", open = true, shownEpoch = 1, ...rest } = seen;
  const now = (state.asOf + after * minute) as Instant;
  const stage = state.rollout === null ? null : activeHealthGate(state.rollout);
  const stages = state.rollout?.stages ?? [];
  return {
    now,
    lineage: "street",
    epoch: 1,
    live: liveOf(state, live ?? state.inForce ?? "empty", { epoch: shownEpoch, now }),
    onDrift: "correct",
    watchOnly: false,
    evals: Object.fromEntries(wishes.map((wish) => [revisionId(wish), evalOf(wish, now)])),
    health: stage === null ? null : { stage, evidence: healthOf(health, state, stage) },
    ready: Object.fromEntries(
      wishes.map((wish) => [revisionId(wish), { kind: "ready", serving: true, because: "asked" }]),
    ),
    windows: Object.fromEntries(
      stages.map((_, index) => [index, { kind: "window", open, because: "by the clock", changesAt: null }]),
    ),
    floors: [],
    ...rest,
  };
}

function liveOf(
  state: AgentState,
  live: LiveState["kind"] | Route,
  at: { readonly epoch: number; readonly now: Instant },
): LiveState {
  const observedAt = at.now;
  if (live === "empty") return { kind: live, observedAt };
  if (live === "foreign" || live === "unreachable") return { kind: live, because: "it says so", observedAt };
  const route = live === "serving" ? state.inForce : live;
  if (route === null) return { kind: "empty", observedAt };
  return { kind: "serving", route, lineage: "street", fence: { epoch: at.epoch, serial: 1 }, served: {}, observedAt };
}

function evalOf(wish: Wish, recordedAt: Instant): Evidence {
  const revision = revisionId(wish);
  const score = truths.get(revision)?.score ?? null;
  const baseline = {
    suite: "default",
    revision: null,
    recordedAt,
    scoreName: "pass rate",
    score: "0.90",
    best: "0.90",
    byItem: null,
  };
  if (score === null)
    return { kind: "eval", suites: { default: { result: { missing: "it was never evaluated" }, baseline } } };
  const passed = Math.round(Number(score) * 100);
  const counts = { passed, failed: 100 - passed, errored: 0, byItem: null, unscored: [], digest: "0".repeat(64) };
  const result = { suite: "default", revision, recordedAt, scoreName: "pass rate", score, ...counts };
  return { kind: "eval", suites: { default: { result, baseline } } };
}

const badness: Readonly<Record<Exclude<Health, "unreadable">, readonly [canary: number, bad: number]>> = {
  "as good": [100, 10],
  worse: [100, 40],
  "a little worse": [100, 14],
  silent: [0, 0],
};

function healthOf(health: Health, { rollout }: AgentState, stage: number): Evidence {
  if (health === "unreadable" || rollout === null) return { kind: "missing", because: "the metrics cannot be read" };
  const start = rollout.weightSince ?? rollout.startedAt;
  const shared = [[start, 1000, 100, ...badness[health]]];
  const memory = {
    rollout: rollout.id,
    configuration: "canary",
    stage,
    watermark: start,
    horizon: 50,
    metrics: {},
    shared,
  };
  return { kind: "health", memory, alarms: [], completedOnly: false };
}
