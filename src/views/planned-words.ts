// The words, symbols and numbers of a plan that its text, its JSON and its Markdown share.

import type { Verdict } from "../core/model/gate.js";
import type { Plan, PlannedAction, PlannedKind } from "../core/model/plan.js";
import { plannedKinds } from "../core/model/plan.js";
import type { RevisionId } from "../core/model/units.js";
import type { Tone } from "./style.js";

interface KindWords {
  readonly symbol: string;
  readonly tone: Tone;
  /** `1 to roll back`. */
  readonly tally: string;
}

export const kindWords: Readonly<Record<PlannedKind, KindWords>> = {
  rollback: { symbol: "!", tone: "bad", tally: "to roll back" },
  withdraw: { symbol: "!", tone: "bad", tally: "to withdraw" },
  restore: { symbol: "!", tone: "bad", tally: "to restore" },
  repair: { symbol: "!", tone: "bad", tally: "to repair" },
  promote: { symbol: "~", tone: "accent", tally: "to promote" },
  advance: { symbol: "~", tone: "accent", tally: "to advance" },
  start: { symbol: "+", tone: "good", tally: "to start" },
  adopt: { symbol: "+", tone: "good", tally: "to adopt" },
  retire: { symbol: "-", tone: "warn", tally: "to retire" },
  supersede: { symbol: "~", tone: "warn", tally: "to supersede" },
  hold: { symbol: "=", tone: "warn", tally: "to hold" },
  none: { symbol: " ", tone: "quiet", tally: "unchanged" },
};

export const verdictVerb: Readonly<Record<Verdict["result"], string>> = {
  pass: "passes",
  fail: "fails",
  wait: "waits",
};
export const verdictTone: Readonly<Record<Verdict["result"], Tone>> = { pass: "good", fail: "bad", wait: "warn" };

/** Which revision the action leads away from, and to which: a rollback leads from the canary to stable. */
export function movement(action: PlannedAction): { readonly from: RevisionId | null; readonly to: RevisionId | null } {
  const back = action.kind === "rollback" || action.kind === "withdraw";
  return back && action.to !== null ? { from: action.to, to: action.from } : { from: action.from, to: action.to };
}

/** `[["rollback", 1], ["hold", 2]]`, riskiest first. */
export function tally(plan: Plan): readonly (readonly [PlannedKind, number])[] {
  return plannedKinds
    .map((kind) => [kind, plan.actions.filter((action) => action.kind === kind).length] as const)
    .filter(([, count]) => count > 0);
}

/** The canary's share of sessions before and after, averaged over the agents (each counts the same), as fractions. */
export function exposure(plan: Plan): { readonly before: number; readonly after: number } {
  const agents = Math.max(1, plan.actions.length);
  const sum = (weights: readonly number[]): number =>
    weights.reduce((total, weight) => total + weight, 0) / agents / 10_000;
  return {
    before: sum(plan.actions.map((action) => action.weightFrom)),
    after: sum(plan.actions.map((action) => action.weightTo)),
  };
}

/** Whether applying the plan would do anything. */
export function changesAnything(plan: Plan): boolean {
  return plan.actions.some((action) => action.kind !== "none" && action.kind !== "hold");
}

/** `sha256:ab12…` */
export function shortDigest(digest: string): string {
  return digest.replace(/^(sha256:.{7}).+$/, "$1…");
}

/** The reason, opened by the gate whose verdict it is. */
export function reasonText(action: PlannedAction): string {
  const opinion = decisiveOpinion(action);
  return opinion === null
    ? action.because
    : `${opinion.gate} gate ${verdictVerb[opinion.verdict.result]}: ${action.because}`;
}

/** The opinion that the reason repeats; null when the reason is another. */
export function decisiveOpinion(action: PlannedAction): PlannedAction["opinions"][number] | null {
  return (
    action.opinions.find(({ verdict }) => verdict.because !== "" && action.because.startsWith(verdict.because)) ?? null
  );
}
