// What a reviewer should know beside the action itself.

import { instantText } from "../model/instant-text.js";
import type { PlannedKind } from "../model/plan.js";
import { canonicalJson, componentChanges, holdsChanges } from "../model/revision.js";
import type { TargetSpec } from "../model/spec.js";
import { day, type RevisionId } from "../model/units.js";
import type { Situation } from "./situation.js";

/** Full sentences, most important first. */
export function warningsOf(
  situation: Situation,
  at: { readonly to: RevisionId | null; readonly kind: PlannedKind },
): readonly string[] {
  const { spec, state } = situation;
  const warnings: string[] = [...fallbackWarnings(situation), ...floorWarnings(situation)];
  if (spec === null) return warnings;
  if (at.kind === "start" || at.kind === "supersede" || at.kind === "advance" || at.kind === "hold")
    warnings.push(...changeWarnings(situation, at.to));
  if (at.kind === "supersede" && state.rollout !== null && state.rollout.history.length > 0) {
    warnings.push(`the evidence of ${state.rollout.id} is thrown away: it was at ${state.rollout.confirmed / 100} %`);
  }
  for (const exemption of state.rollout?.exemptions ?? []) {
    warnings.push(
      `stage ${exemption.stage + 1} was left unproven (${exemption.kind} by ${exemption.by}): ${exemption.because}`,
    );
  }
  for (const pending of state.operations) {
    if (pending.failures > 0)
      warnings.push(
        `the ${pending.operation.kind} commit failed ${pending.failures} times: ${pending.because ?? "no reason was given"}`,
      );
  }
  const unfolded = Object.entries(state.unfolded).filter(([step]) => spec.overrides.includes(step));
  for (const [step, value] of unfolded) warnings.push(`override promoted, not folded yet: ${step} = ${value}`);
  if (spec.revision.origin.dirty && at.to === spec.revision.id)
    warnings.push("the working tree has uncommitted changes that are part of this revision");
  const { rollout } = state;
  if (rollout !== null && rollout.session.unit !== spec.session.unit) {
    warnings.push(
      `session.unit: ${spec.session.unit} waits for the end of ${rollout.id}, which is routed and counted by ${rollout.session.unit}`,
    );
  }
  if (rollout !== null && canonicalJson(rollout.source) !== canonicalJson(spec.source)) {
    warnings.push(
      `source: what the spec says now waits for the end of ${rollout.id}, which asks the source that it started with`,
    );
  }
  if (rollout === null && at.kind === "repair" && state.target !== null && !sameTarget(state.target, spec.target)) {
    warnings.push(
      `the target is another than before: what was written for ${targetText(state.target)} stays as it is, and whoever still reads it follows nothing any more`,
    );
  }
  return [...warnings, ...spec.notices];
}

function sameTarget(before: TargetSpec, now: TargetSpec): boolean {
  return canonicalJson(before) === canonicalJson(now);
}

function targetText({ kind, path }: TargetSpec): string {
  return `${kind} ${path}`;
}

function fallbackWarnings({ state: { fallback } }: Situation): readonly string[] {
  if (fallback === null) return [];
  const { since, by, because } = fallback;
  const at = instantText(since).replace("T", " ").slice(0, 16);
  return [`the fallback is on since ${at} UTC by ${by}, and users meet no revision: ${because}`];
}

/** Stable's breaches of yesterday and today. The canary's is the reason of its rollback. */
function floorWarnings({ state, sight }: Situation): readonly string[] {
  const fresh = sight.floors.filter(({ arm, since }) => arm === "stable" && sight.now - since < 2 * day);
  return fresh.map(({ revision, metric, since, because }) => {
    const told = state.breaches.find(
      (breach) =>
        breach.arm === "stable" && breach.revision === revision && breach.metric === metric && breach.since === since,
    );
    return `stable breached its floor: ${because}${told?.incident ? ` (incident ${told.incident})` : ""}`;
  });
}

function changeWarnings({ state, revisions }: Situation, to: RevisionId | null): readonly string[] {
  if (to === null || state.stable === null || to === state.stable) return [];
  const changes = componentChanges(revisions[state.stable] ?? {}, revisions[to] ?? {});
  const warnings: string[] = [];
  if (changes.length > 1) {
    const names = changes.map((change) => change.component).join(", ");
    warnings.push(`${changes.length} changes travel in one canary (${names}): a regression can't be told apart`);
  }
  const desired = revisions[to] ?? {};
  for (const rejection of state.rejected) {
    const part = rejection.changes.filter(
      (change) => holdsChanges(desired, [change]) && changes.some((c) => c.component === change.component),
    );
    if (part.length > 0 && part.length < rejection.changes.length) {
      warnings.push(
        `it holds part of what incident ${rejection.incident} rejected: ${part.map((change) => change.component).join(", ")}`,
      );
    }
  }
  return warnings;
}
