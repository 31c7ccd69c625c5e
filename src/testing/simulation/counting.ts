// An honest health gate of the simplest kind: it counts. It stands where the statistics stand, so that the engine is tried apart from them.

import type { HealthMemory } from "../../core/gate/health-memory.js";
import { judgeApproval } from "../../core/gate/kinds/approval.js";
import { judgeEval } from "../../core/gate/kinds/eval.js";
import { judgeReady } from "../../core/gate/kinds/ready.js";
import { judgeWindow } from "../../core/gate/kinds/window.js";
import type { Evidence, Gate, GateClock, HealthGate, Verdict } from "../../core/model/gate.js";
import type { Block } from "../../core/model/metric.js";
import { type Instant, later, type RolloutId } from "../../core/model/units.js";

/** One block in five numbers: its start, and the sessions and bad sessions of stable and canary. */
type Counted = readonly [start: number, stable: number, stableBad: number, canary: number, canaryBad: number];

export function openCounts(from: {
  readonly rollout: RolloutId;
  readonly gate: HealthGate;
  readonly stage: number;
  readonly horizon: number;
}): HealthMemory {
  const { rollout, gate, stage, horizon } = from;
  return { rollout, configuration: gate.name, stage, watermark: null, horizon, metrics: {}, shared: [] };
}

export function enterCounts(
  memory: HealthMemory,
  to: { readonly gate: HealthGate; readonly stage: number; readonly horizon: number },
): HealthMemory {
  return { ...memory, configuration: to.gate.name, stage: to.stage, horizon: to.horizon };
}

export function countBlock(memory: HealthMemory, _gate: HealthGate, block: Block): HealthMemory {
  const stable = block.stable.samples.task_success_rate;
  const canary = block.canary.samples.task_success_rate;
  const counted: Counted = [
    block.start,
    stable.kind === "rate" ? stable.sessions : 0,
    stable.kind === "rate" ? stable.bad : 0,
    canary.kind === "rate" ? canary.sessions : 0,
    canary.kind === "rate" ? canary.bad : 0,
  ];
  return { ...memory, watermark: block.end, shared: [...(memory.shared as unknown as Counted[]), counted] as never };
}

/** Sessions of the blocks that began after the weight took force: a session counts in the stage in which it started. */
export function countsSince(
  memory: HealthMemory,
  since: Instant,
): { readonly stable: number; readonly stableBad: number; readonly canary: number; readonly canaryBad: number } {
  const sum = { stable: 0, stableBad: 0, canary: 0, canaryBad: 0 };
  for (const [start, stable, stableBad, canary, canaryBad] of memory.shared as unknown as readonly Counted[]) {
    if (start < since) continue;
    sum.stable += stable;
    sum.stableBad += stableBad;
    sum.canary += canary;
    sum.canaryBad += canaryBad;
  }
  return sum;
}

/** Judges health by counts, and every other gate as the engine does. Missing waits; a fail counts at once, a pass after `hold`. */
export function judgeByCounts(gate: Gate, evidence: Evidence, clock: GateClock): Verdict {
  if (evidence.kind === "missing") return waiting(evidence.because, { missing: true });
  switch (gate.kind) {
    case "eval":
      return judgeEval(gate, evidence, clock);
    case "approval":
      return judgeApproval(gate, evidence, clock);
    case "window":
      return judgeWindow(evidence);
    case "ready":
      return judgeReady(evidence);
    case "health":
      return evidence.kind === "health" ? judgeHealthByCounts(gate, evidence, clock) : waiting("other evidence", {});
  }
}

function judgeHealthByCounts(
  gate: HealthGate,
  evidence: Extract<Evidence, { kind: "health" }>,
  clock: GateClock,
): Verdict {
  const counts = countsSince(evidence.memory, clock.since);
  const figures = { canary_sessions: counts.canary, alarms: evidence.alarms.length };
  if (counts.canary < gate.minSessions || counts.stable < gate.minSessions)
    return waiting(`${counts.canary} canary sessions are too few`, figures);
  const drop = counts.canaryBad / counts.canary - counts.stableBad / counts.stable;
  const because = `${counts.canary} sessions, drop ${drop.toFixed(3)}`;
  const rule = gate.metrics[0];
  if (rule === undefined) return waiting("no metric is guarded", figures);
  if (drop > rule.margin.value) return { result: "fail", because, figures: { ...figures, drop }, earliest: null };
  const [alarm] = evidence.alarms;
  if (alarm !== undefined) return waiting(alarm.because, figures);
  if (drop > rule.tolerance.value) return waiting(`${because}; neither proven worse nor as good`, figures);
  const earliest = later(clock.since, gate.hold + (clock.unservedFor ?? 0));
  if (clock.now < earliest) return { ...waiting(`${because}; proven, on hold`, figures), earliest };
  return { result: "pass", because, figures: { ...figures, drop }, earliest: null };
}

function waiting(because: string, figures: Verdict["figures"]): Verdict {
  return { result: "wait", because, figures, earliest: null };
}
