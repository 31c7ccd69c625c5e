// One look at everything that a step is decided by. The only place where doors are asked; it changes nothing but the accumulators' cache.

import type { Sight } from "../core/model/decision.js";
import type { EvalGate, Evidence, Stage } from "../core/model/gate.js";
import { type Components, components } from "../core/model/revision.js";
import type { LiveState } from "../core/model/route.js";
import type { AgentSpec, TargetSpec } from "../core/model/spec.js";
import type { AgentState } from "../core/model/state.js";
import type { AgentId, Instant, RevisionId } from "../core/model/units.js";
import { type Situation, wasSetBack } from "../core/plan/situation.js";
import { unknownAgent } from "../core/rollout/replay.js";
import { activeHealthGate } from "../core/rollout/want.js";
import { Fault } from "../ports/fault.js";
import { gatherFloors } from "./floors.js";
import { gatherHealth } from "./health.js";
import { patience } from "./patience.js";
import { soundRules } from "./rules.js";
import type { Charge, Run } from "./run.js";

export interface Looked {
  readonly situation: Situation;
  readonly epoch: number;
}

/** `remember`: keep what was counted, so that the next look counts only what is new. A plan does not write and says false. */
export async function look(run: Run, charge: Charge, options: { readonly remember: boolean }): Promise<Looked> {
  const looked = await lookOnce(run, charge, options);
  // Another run may have written and acted between our reading of the journal and of the target.
  return wasSetBack(looked.situation) ? lookOnce(run, charge, options) : looked;
}

async function lookOnce(run: Run, charge: Charge, options: { readonly remember: boolean }): Promise<Looked> {
  const { store, now } = run.doors;
  const { agent, spec } = charge;
  const journal = await store.load(agent);
  const state = (run.rules ?? soundRules).replay(
    agent,
    journal.entries,
    journal.snapshot?.state ?? unknownAgent(agent),
  );
  const at = Math.max(now(), state.asOf) as Instant;
  const revisions = await gatherRevisions(run, charge, state);
  const sight: Sight = {
    now: at,
    lineage: journal.lineage,
    epoch: journal.epoch,
    live: await observe(run, charge, state),
    onDrift: spec?.onDrift ?? "report",
    watchOnly: run.watchOnly,
    evals: await gatherEvals(run, charge, state),
    health: await gatherHealthOf(run, state, { now: at, remember: options.remember }),
    ready: await gatherReady(run, charge, state),
    windows: await gatherWindows(run, state.rollout?.stages ?? spec?.stages ?? [], at),
    floors: await gatherFloors(run, { charge, state, now: at, remember: options.remember }),
  };
  const situation: Situation = {
    agent,
    spec,
    state,
    serial: journal.serial,
    revisions,
    sight,
    judge: run.doors.judge,
    person: run.person,
  };
  return { situation, epoch: journal.epoch };
}

/** The target that is read and written: a rollout keeps the one that it started with; null where none is known. */
export function targetInUse(spec: AgentSpec | null, { rollout, target }: AgentState): TargetSpec | null {
  return rollout === null ? (spec?.target ?? target) : (target ?? spec?.target ?? null);
}

/** A target that cannot be read is a fact to decide by, not an error. */
async function observe(run: Run, { agent, spec }: Charge, state: AgentState): Promise<LiveState> {
  const observedAt = run.doors.now();
  const target = targetInUse(spec, state);
  if (target === null) return { kind: "unreachable", because: "no target is known for this agent", observedAt };
  try {
    return await run.doors.target(target).observe(agent, patience(run));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { kind: "unreachable", because: error.message, observedAt };
  }
}

async function gatherRevisions(
  run: Run,
  { agent, spec }: Charge,
  state: AgentState,
): Promise<Readonly<Record<string, Components>>> {
  const found: Record<string, Components> = {};
  for (const content of spec === null ? [] : [spec.revision, spec.base]) found[content.id] = components(content);
  const wanted = [state.stable, state.previous?.revision, state.rollout?.canary];
  if (state.stable === null) wanted.push(...(await run.doors.store.findRevisions(agent, "r-")).slice(-1));
  for (const revision of wanted) {
    if (!revision || found[revision] !== undefined) continue;
    const content = await run.doors.store.getRevision(revision);
    if (content !== null) found[revision] = components(content);
  }
  return found;
}

async function gatherEvals(
  run: Run,
  { agent, spec }: Charge,
  state: AgentState,
): Promise<Readonly<Record<string, Evidence>>> {
  const asked = new Map<RevisionId, readonly Stage[]>();
  if (spec !== null && spec.revision.id !== state.stable) asked.set(spec.revision.id, spec.stages);
  const rollout = state.rollout;
  if (rollout !== null && rollout.stage === 0) asked.set(rollout.canary, rollout.stages);
  const evidence: Record<string, Evidence> = {};
  for (const [revision, stages] of asked) {
    const gate = stages.flatMap((stage) =>
      stage.kind === "gate" && stage.gate.kind === "eval" ? [stage.gate] : [],
    )[0];
    if (gate !== undefined && gate.skip === null)
      evidence[revision] = await evalEvidence(run, { agent, revision, gate });
  }
  return evidence;
}

async function evalEvidence(
  run: Run,
  at: { readonly agent: AgentId; readonly revision: RevisionId; readonly gate: EvalGate },
): Promise<Evidence> {
  const suites: Record<string, Extract<Evidence, { kind: "eval" }>["suites"][string]> = {};
  try {
    for (const { suite } of at.gate.suites) {
      suites[suite] = {
        result: await run.doors.evals.result(at.agent, suite, at.revision),
        baseline: await run.doors.evals.baseline(at.agent, suite),
      };
    }
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { kind: "missing", because: `the eval results cannot be read: ${error.message}` };
  }
  return { kind: "eval", suites };
}

async function gatherHealthOf(
  run: Run,
  state: AgentState,
  at: { readonly now: Instant; readonly remember: boolean },
): Promise<Sight["health"]> {
  const rollout = state.rollout;
  const stage = rollout === null ? null : activeHealthGate(rollout);
  if (rollout === null || stage === null || state.stable === null) return null;
  return {
    stage,
    evidence: await gatherHealth(run, { state, stable: state.stable, rollout, stage, ...at }),
  };
}

async function gatherReady(
  run: Run,
  { agent, spec }: Charge,
  state: AgentState,
): Promise<Readonly<Record<string, Evidence>>> {
  const rollout = state.rollout;
  const revision = rollout?.canary ?? spec?.revision.id;
  if (revision === undefined || revision === state.stable || (rollout !== null && rollout.weightSince !== null))
    return {};
  const stages = rollout?.stages ?? spec?.stages ?? [];
  const gate = stages.flatMap((stage) => (stage.kind === "gate" && stage.gate.kind === "ready" ? [stage.gate] : []))[0];
  if (gate === undefined || gate.skip !== null) return {};
  const answer = await run.doors.readiness.ask({ agent, gate, revision }, patience(run));
  return { [revision]: { kind: "ready", ...answer } };
}

async function gatherWindows(
  run: Run,
  stages: readonly Stage[],
  now: Instant,
): Promise<Readonly<Record<number, Evidence>>> {
  const evidence: Record<number, Evidence> = {};
  for (const [index, stage] of stages.entries()) {
    if (stage.kind !== "gate" || stage.gate.kind !== "window" || stage.gate.skip !== null) continue;
    evidence[index] = { kind: "window", ...(await run.doors.calendar.look(stage.gate, now)) };
  }
  return evidence;
}
