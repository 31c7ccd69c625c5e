// Counts what is new for the active health gate: each closed block once, then forgotten.

import type { HealthMemory } from "../core/gate/health-memory.js";
import type { Alarm, Evidence, HealthGate } from "../core/model/gate.js";
import type { AgentState, Rollout } from "../core/model/state.js";
import { fullWeight, hour, type Instant, type RevisionId } from "../core/model/units.js";
import { Fault } from "../ports/fault.js";
import { type BlockAnswer, type StableHistory, sessionsPerHour } from "../ports/metric-source.js";
import { patience } from "./patience.js";
import { soundRules } from "./rules.js";
import type { Run } from "./run.js";

interface Watch {
  readonly state: Pick<AgentState, "agent" | "finished" | "fallback" | "fallbackEndedAt">;
  readonly stable: RevisionId;
  readonly rollout: Rollout;
  readonly stage: number;
  readonly now: Instant;
  readonly remember: boolean;
}

/** A source that cannot be read is missing evidence: the gate waits. */
export async function gatherHealth(run: Run, watch: Watch): Promise<Evidence> {
  const stage = watch.rollout.stages[watch.stage];
  if (stage?.kind !== "gate" || stage.gate.kind !== "health")
    return { kind: "missing", because: "no health gate stands here" };
  try {
    return await count(run, watch, stage.gate);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { kind: "missing", because: `the metrics cannot be read: ${error.message}` };
  }
}

async function count(run: Run, watch: Watch, gate: HealthGate): Promise<Evidence> {
  const { store } = run.doors;
  const rules = run.rules ?? soundRules;
  const { stable, rollout, now } = watch;
  const source = run.doors.source(rollout.source);
  const { agent } = watch.state;
  let memory = await memoryOf(run, watch, gate);
  const before = memory;
  const answer = await source.blocks(
    {
      agent,
      stable,
      canary: rollout.canary,
      unit: rollout.session.unit,
      after: memory.watermark,
      cuts: rollout.history,
      sessionTimeout: rollout.session.timeout,
      now,
    },
    patience(run),
  );
  for (const block of answer.blocks) memory = rules.absorbHealth(memory, gate, block);
  if (watch.remember && memory !== before) await store.saveMemory(agent, memory);
  return {
    kind: "health",
    memory,
    alarms: alarmsOf(answer, { gate, now, since: expectedSince(watch) }),
    completedOnly: answer.completedOnly,
  };
}

/** The memory kept from the last look, opened or moved to this stage where that has not happened yet. */
async function memoryOf(run: Run, watch: Watch, gate: HealthGate): Promise<HealthMemory> {
  const { store } = run.doors;
  const rules = run.rules ?? soundRules;
  const { stable, rollout, stage } = watch;
  const { unit } = rollout.session;
  const source = run.doors.source(rollout.source);
  const { agent } = watch.state;
  const own = usable(run, await store.loadMemory(agent, rollout.id), rollout);
  if (own !== null && own.stage === stage) return own;
  const kept = own ?? (await inherited(run, watch, gate));
  const begun = rollout.weightSince ?? rollout.startedAt;
  // Blocks that will be counted must not have chosen their own bets: a memory that is opened late starts where the rollout did.
  const before = kept === null ? (rollout.history[0]?.at ?? begun) : begun;
  const history = await source.history({ agent, stable, before, unit }, patience(run));
  const horizon = horizonOf(history, rollout, gate);
  if (kept !== null && (kept !== own || kept.stage < stage))
    return rules.enterHealthStage(kept, { gate, stage, horizon });
  return rules.openHealth({ rollout: rollout.id, gate, stage, horizon, unit, history: history.samples });
}

/**
 * Evidence belongs to a revision: a rollout of the same canary against the same stable that ended without a fail hands on what it
 * saw, so that trying again until it passes buys no new budget. After a fail a retry starts afresh.
 */
async function inherited(run: Run, { state, rollout }: Watch, gate: HealthGate): Promise<HealthMemory | null> {
  const { fitsGate, handOnHealth } = run.rules ?? soundRules;
  const sinceStable = state.finished.slice(state.finished.findLastIndex(({ outcome }) => outcome === "promoted") + 1);
  const last = sinceStable.findLast(({ canary }) => canary === rollout.canary);
  if (last === undefined || last.failed) return null;
  const memory = await run.doors.store.loadMemory(state.agent, last.id);
  if (memory === null || !fitsGate(memory, gate) || (memory.unit ?? "session") !== rollout.session.unit) return null;
  return handOnHealth(memory, rollout.id);
}

/** A memory is a cache: one that another release laid out, or that was not made for this rollout's gates, is made again from all blocks. */
function usable(run: Run, kept: HealthMemory | null, rollout: Rollout): HealthMemory | null {
  const { fitsGate } = run.rules ?? soundRules;
  const stage = kept === null ? undefined : rollout.stages[kept.stage];
  return kept !== null && stage?.kind === "gate" && stage.gate.kind === "health" && fitsGate(kept, stage.gate)
    ? kept
    : null;
}

/**
 * Planned canary sessions of a stage (users, where they are the unit): sessions an hour over the last day, or since the agent's
 * first session, x weight x `until`, at least 50. Frozen when the stage is entered.
 */
function horizonOf(history: StableHistory, rollout: Rollout, gate: HealthGate): number {
  return Math.max(50, Math.round(sessionsPerHour(history) * (rollout.confirmed / fullWeight) * (gate.until / hour)));
}

/** Since when records may be expected. Under the fallback there are none, and nobody wonders. */
function expectedSince({ state: { fallback, fallbackEndedAt }, rollout, now }: Watch): Instant {
  if (fallback !== null || rollout.weightSince === null) return now;
  return Math.max(rollout.weightSince, fallbackEndedAt ?? rollout.weightSince) as Instant;
}

function alarmsOf(
  answer: BlockAnswer,
  at: { readonly gate: HealthGate; readonly now: Instant; readonly since: Instant },
): readonly Alarm[] {
  const alarms: Alarm[] = [];
  for (const { revision, tasks } of answer.unrouted) {
    alarms.push({
      kind: "unrouted-revision",
      because: `${tasks} ${tasks === 1 ? "task reports" : "tasks report"} the revision ${revision}, which gets no traffic`,
    });
  }
  if (answer.mismatched > 0) {
    alarms.push({
      kind: "revision-mismatch",
      because: `${answer.mismatched} ${answer.mismatched === 1 ? "task reports" : "tasks report"} another revision than the one their session was routed to`,
    });
  }
  const newest = Math.max(answer.newest ?? at.since, at.since);
  if (at.now - newest > at.gate.staleAfter) {
    const hours = Math.round((at.now - newest) / hour);
    alarms.push({ kind: "stale", because: `no record has arrived for ${hours} h` });
  }
  return alarms;
}
