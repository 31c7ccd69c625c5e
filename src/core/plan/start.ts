// Whether the desired revision may start its trip, and as what.

import type { Decision } from "../model/decision.js";
import type { EvalGate, Stage, Verdict } from "../model/gate.js";
import type { EventBody, RolloutOrigin, RolloutStart } from "../model/journal.js";
import { type ComponentChange, type Components, componentChanges, holdsChanges, modelText } from "../model/revision.js";
import type { AgentSpec } from "../model/spec.js";
import type { AgentState, Rejection } from "../model/state.js";
import { fullWeight, type RevisionId, type RolloutId } from "../model/units.js";
import { evidenceFor } from "../rollout/decide.js";
import type { Situation } from "./situation.js";

/** What the spec asks for while nothing is under way: nothing, a restore, a canary, or a hold with its reason. */
export function start(situation: Situation, spec: AgentSpec): Decision {
  const { state, sight } = situation;
  const masked = maskedEdit(spec, { overrides: state.unfolded, bases: state.unfoldedBases, promoted: true });
  if (masked !== null) return masked;
  if (spec.revision.id === state.stable) return settled(state, spec);
  const removed = removedOverride(state, spec);
  if (removed !== null) return removed;
  const rejection = rejectionOf(situation, spec);
  if (rejection !== null) return rejected(situation, rejection);
  if (state.held && !situation.person) return lostRejections(situation);
  const { previous } = state;
  if (previous?.revision === spec.revision.id && sight.now - previous.leftAt <= spec.restoreWithin) {
    return begin(situation, spec, { origin: "restore", because: "the spec went back to the previous stable" });
  }
  const opinion = evalOpinion(situation, spec);
  if (opinion !== null && opinion.verdict.result !== "pass") {
    const { verdict } = opinion;
    const hint = verdict.result === "wait" ? `rollout eval record ${situation.agent} FILE` : null;
    return {
      kind: "wait",
      until: verdict.earliest,
      because: verdict.because,
      code: `gate/eval-${verdict.result === "fail" ? "fails" : "waits"}`,
      hint,
    };
  }
  return begin(situation, spec, { origin: "spec", because: "the spec asks for another revision" });
}

/** The eval gate's opinion of the desired revision; null where the gate is skipped. */
export function evalOpinion(
  situation: Situation,
  spec: AgentSpec,
): { readonly gate: EvalGate; readonly stage: number; readonly verdict: Verdict } | null {
  const stage = spec.stages.findIndex((candidate) => candidate.kind === "gate" && candidate.gate.kind === "eval");
  const found = spec.stages[stage];
  if (found?.kind !== "gate" || found.gate.kind !== "eval" || found.gate.skip !== null) return null;
  const { sight, judge } = situation;
  const canary = spec.revision.id;
  const evidence = evidenceFor(found.gate, stage, { canary, sight, approvals: [] });
  const clock = { now: sight.now, since: sight.now, pausedFor: 0 as never, canary };
  return { gate: found.gate, stage, verdict: judge(found.gate, evidence, clock) };
}

/** Nothing to do; but a promoted override that has been folded meanwhile is settled in the journal. */
function settled(state: AgentState, spec: AgentSpec): Decision {
  const unfolded = Object.keys(state.unfolded).filter((step) => spec.overrides.includes(step));
  if (Object.keys(state.unfolded).length > 0 && unfolded.length === 0) {
    return {
      kind: "note",
      event: { kind: "overrides-settled" },
      because: "the promoted override is folded into the registry",
      code: null,
      hint: null,
    };
  }
  if (unfolded.length === 0) return { kind: "rest", because: "nothing to do", code: null, hint: null };
  const because = `override promoted, not folded yet: ${unfolded.join(", ")}`;
  const code = "rollout/override-not-folded";
  const branch = state.foldBranch;
  if (branch === undefined) return { kind: "rest", because, code, hint: `rollout fold ${state.agent}` };
  return { kind: "rest", because: `${because}; the branch ${branch} waits to be merged`, code, hint: null };
}

/** The registry was edited for a step since its override began its trip, and the override hides it: nobody would ever try the edit. */
export function maskedEdit(
  spec: AgentSpec,
  from: Pick<RolloutStart, "overrides" | "bases"> & { readonly promoted: boolean },
): Decision | null {
  const [first] = Object.entries(from.bases).flatMap(([step, began]) => {
    const [base, desired] = [spec.base.steps[step], spec.revision.steps[step]];
    const override = from.overrides[step];
    if (base === undefined || desired === undefined || !spec.overrides.includes(step)) return [];
    const edit = modelText(base);
    const hidden = modelText(desired) === override && edit !== override && edit !== began;
    return hidden ? [{ step, edit, override }] : [];
  });
  if (first === undefined) return null;
  const { step, edit, override } = first;
  const attempt = `rollout bump ${step} ${edit.split(" ")[0]} --agent ${spec.agent} (try the edit)`;
  return {
    kind: "wait",
    until: null,
    because: `the registry was edited to ${edit} for ${step}, which the override ${override} hides`,
    code: "rollout/override-masks-edit",
    hint: from.promoted ? `${attempt} or rollout fold ${spec.agent} (keep ${override})` : attempt,
  };
}

/**
 * A promoted override that was taken out before it was folded: keep it or go back is a person's choice. Where the registry was edited meanwhile
 * the spec asks for neither, and what it asks for is a change like any other.
 */
function removedOverride(state: AgentState, spec: AgentSpec): Decision | null {
  const removed = Object.entries(state.unfolded).filter(([step, value]) => {
    const entry = spec.revision.steps[step];
    if (spec.overrides.includes(step) || entry === undefined) return false;
    const [now, began] = [modelText(entry), state.unfoldedBases[step]];
    return now !== value && (began === undefined || now === began);
  });
  if (removed.length === 0) return null;
  const names = removed.map(([step, value]) => `${step} (${value})`).join(", ");
  const because = `the override of ${names} was promoted and then taken out without being folded`;
  return {
    kind: "wait",
    until: null,
    because,
    code: "rollout/override-removed",
    hint: `rollout fold ${state.agent} (keep) or rollout undo ${state.agent} (go back)`,
  };
}

/** What was turned back before the state was lost is read from nowhere: nobody starts it again unattended. */
function lostRejections({ agent }: Situation): Decision {
  const because =
    "its state was lost, and whether what the spec asks for was turned back before is not known: a person starts it";
  return { kind: "wait", until: null, because, code: "state/recovered", hint: `rollout apply ${agent}` };
}

/** The rejection whose whole change is in the desired revision and not already in stable. */
function rejectionOf({ state, revisions }: Situation, spec: AgentSpec): Rejection | null {
  const desired = revisions[spec.revision.id] ?? {};
  const stable: Components = revisions[state.stable ?? ""] ?? {};
  return state.rejected.find(({ changes }) => holdsChanges(desired, changes) && !holdsChanges(stable, changes)) ?? null;
}

function rejected({ agent, state }: Situation, rejection: Rejection): Decision {
  const changes = rejection.changes.map(changeText).join(", ");
  const because = `it still holds a rejected change (${changes}), see incident ${rejection.incident}`;
  const again = state.stable === null ? "" : ` --because "…"`;
  return {
    kind: "wait",
    until: null,
    because,
    code: "rollout/rejected-change",
    hint: `rollout retry ${agent}${again}`,
  };
}

/** `planning: a@1 -> b@2`. */
function changeText({ component, from, to }: ComponentChange): string {
  return `${component.replace(/^step:/, "")}: ${from ?? "(none)"} -> ${to ?? "(none)"}`;
}

/** The one entry that starts a rollout; while another is under way the same entry supersedes it. */
function begin(
  situation: Situation,
  spec: AgentSpec,
  why: { readonly origin: RolloutOrigin; readonly because: string },
): Decision {
  const target = spec.revision.id;
  const overrides = why.origin === "spec" ? overridesOf(situation, spec) : {};
  const bases = basesOf(spec, Object.keys(overrides));
  const stages = why.origin === "spec" ? spec.stages : straight;
  const event = rolloutStart(situation, { ...why, target, stages, overrides, bases, spec });
  return { kind: "note", event, because: why.because, code: null, hint: null };
}

/** One move to everything: the course of a restore and of an undo. */
export const straight: readonly Stage[] = [{ kind: "weight", weight: fullWeight }];

/** The start of a rollout towards `target`, with everything that is frozen with it. */
export function rolloutStart(
  { agent, state, serial, revisions }: Pick<Situation, "agent" | "state" | "serial" | "revisions">,
  to: {
    readonly origin: RolloutOrigin;
    readonly because: string;
    readonly target: RevisionId;
    readonly stages: readonly Stage[];
    readonly overrides: Readonly<Record<string, string>>;
    readonly bases?: Readonly<Record<string, string>>;
    readonly spec: Pick<AgentSpec, "algo" | "session" | "runbook" | "target" | "source" | "floors">;
  },
): EventBody & RolloutStart {
  const changes = componentChanges(revisions[state.stable ?? ""] ?? {}, revisions[to.target] ?? {});
  const id = `${agent}-${serial + 1}` as RolloutId;
  return {
    kind: "rollout-started",
    id,
    origin: to.origin,
    because: to.because,
    canary: to.target,
    stages: to.stages,
    changes,
    overrides: to.overrides,
    bases: to.bases ?? {},
    attempt: attemptOf(state, changes),
    algo: to.spec.algo,
    salt: `${agent}/${id}/`,
    session: to.spec.session,
    runbook: to.spec.runbook,
    target: to.spec.target,
    source: to.spec.source,
    floors: to.spec.floors,
  };
}

function overridesOf({ revisions, state }: Situation, spec: AgentSpec): Readonly<Record<string, string>> {
  const desired = revisions[spec.revision.id] ?? {};
  const stable = revisions[state.stable ?? ""] ?? {};
  const changed = spec.overrides.filter((step) => desired[`step:${step}`] !== stable[`step:${step}`]);
  return Object.fromEntries(changed.map((step) => [step, desired[`step:${step}`] ?? ""]));
}

/** What the registry says of these steps. */
function basesOf({ base }: AgentSpec, steps: readonly string[]): Readonly<Record<string, string>> {
  const said = steps.flatMap((step) => {
    const entry = base.steps[step];
    return entry === undefined ? [] : [[step, modelText(entry)] as const];
  });
  return Object.fromEntries(said);
}

function attemptOf(state: AgentState, changes: readonly ComponentChange[]): number {
  const present: Components = Object.fromEntries(changes.map((change) => [change.component, change.to ?? ""]));
  const counts = state.attempts
    .filter((attempt) => holdsChanges(present, attempt.changes))
    .map((attempt) => attempt.count);
  return Math.max(1, ...counts);
}
