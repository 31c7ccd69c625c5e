// One short sentence for each entry of a journal: the words of the history, of an apply's progress and of an incident's time line.

import { unreachable } from "../core/diagnostic/invariant.js";
import type { Evidence, Stage } from "../core/model/gate.js";
import type { Command, Entry, Event, StateEdit } from "../core/model/journal.js";
import type { Route } from "../core/model/route.js";
import { type RevisionId, shortRevision } from "../core/model/units.js";
import { weightText } from "./amount-text.js";
import { changeText } from "./change-text.js";
import { glue } from "./layout.js";

/** The sentence has no full stop and no time. `stages`, where known, are those of the event's rollout: they name its gates. */
export function describeEvent(event: Event, stages: readonly Stage[] = []): string {
  return sentence(event, stages).replaceAll(glue, " ");
}

/** Every entry with its sentence, oldest first; gates are named by the rollout that was under way. */
export function describeEntries(
  entries: readonly Entry[],
): readonly { readonly entry: Entry; readonly what: string }[] {
  let stages: readonly Stage[] = [];
  return entries.map((entry) => {
    if (entry.event.kind === "rollout-started") stages = entry.event.stages;
    return { entry, what: describeEvent(entry.event, stages) };
  });
}

function sentence(event: Event, stages: readonly Stage[]): string {
  switch (event.kind) {
    case "agent-adopted":
      return `adopted ${short(event.stable)} as stable${event.fallback ? ", fallback on" : ""}: ${event.why}`;
    case "rollout-started":
      return started(event);
    case "gate-judged":
      return `${gateName(stages, event.stage, event.evidence)} gate ${judged[event.verdict.result]}: ${event.verdict.because}`;
    case "gate-exempted":
      return `${gateName(stages, event.stage, null)} gate left without a pass (${exempted[event.exemption]}): ${event.because}`;
    case "shift-begun":
      return `began to set ${routeText(event.route)}`;
    case "shift-done":
      return "the target shows what was set";
    case "drift-found":
      if (event.fallback)
        return `found the fallback switched on outside of rollout, and kept it; live is ${routeText(event.live)}`;
      return `found traffic taken from the canary outside of rollout, and paused; live is ${routeText(event.live)}`;
    case "floor-breached":
      return `${event.arm === "stable" || event.both ? `${event.arm} breached its floor` : "turned back (floor)"}: ${event.because}`;
    case "rollout-turned":
      return `turned back (${event.cause}): ${event.because}`;
    case "rollout-finished":
      return `rollout ${event.rollout} ${finishedAs[event.outcome]}`;
    case "commanded":
      return `${commanded[event.command]} by ${event.by}${event.why === "" ? "" : `: ${event.why}`}`;
    case "approved":
      return `${short(event.revision)} approved by ${event.by}`;
    case "fallback-switched":
      return `fallback switched ${event.on ? "on" : "off"} by ${event.by}: ${event.because}`;
    case "overrides-settled":
      return "the promoted overrides are folded into the registry";
    case "operation-begun":
      return `began to write the ${event.operation.kind} of ${short(event.operation.revision)}`;
    case "operation-done":
      return `baseline written${event.result === "" ? "" : `: ${event.result}`}`;
    case "operation-failed":
      return `baseline not written: ${event.because}`;
    case "recovered":
      return `recovered with ${short(event.stable)} as stable${event.fallback ? ", fallback on" : ""}: ${event.why}`;
    case "state-edited":
      return `${stateEdits[event.edit]}${event.from === null ? "" : ` from ${event.from}`}: ${event.because}`;
    case "agent-retired":
      return "retired: the agent left the spec, stable goes on serving";
    case "interrupted":
      return `interrupted (${event.signal}, twice): what was under way was left as it was`;
    default:
      return unreachable(event);
  }
}

const judged = { pass: "passed", fail: "failed", wait: "waits" } as const;
const stateEdits: Readonly<Record<StateEdit, string>> = {
  renamed: "renamed",
  unlocked: "the lease was freed",
  imported: "read from a file",
};
const exempted = { skip: "skipped in the spec", policy: "undecided: proceed" } as const;
const finishedAs = {
  promoted: "promoted: the canary is stable now",
  "rolled-back": "rolled back",
  withdrawn: "withdrawn",
} as const;
const commanded: Readonly<Record<Command, string>> = {
  pause: "paused",
  resume: "resumed",
  proceed: "gate left without a pass",
  promote: "promoted past its gates",
  abort: "aborted",
  correct: "target set again",
  retry: "rejection lifted",
};

/** What the spec asks for is told by its changes, a way back by its reason. */
function started(event: Extract<Event, { kind: "rollout-started" }>): string {
  const { id, origin, canary, changes, attempt, because } = event;
  const again = attempt > 1 ? `, attempt ${attempt}` : "";
  const head = `started ${id}${origin === "spec" ? "" : ` (${origin})`} towards ${short(canary)}${again}`;
  if (origin !== "spec" || changes.length === 0) return `${head}: ${because}`;
  const shown = changes.slice(0, 3).map(changeText);
  const more = changes.length > shown.length ? [`${changes.length - shown.length} more`] : [];
  return `${head}: ${[...shown, ...more].join("; ")}`;
}

/** `5 % on r-77d01e2, the rest on r-3f2a91c`. */
export function routeText(route: Route): string {
  if (route.fallback) return `every session on the fallback (behind it: ${routeText({ ...route, fallback: false })})`;
  if (route.canary === null || route.weight === 0) return `every session on ${short(route.stable)}`;
  if (route.weight === 10_000) return `every session on ${short(route.canary)}`;
  return `${weightText(route.weight)} on ${short(route.canary)}, the rest on ${short(route.stable)}`;
}

function gateName(stages: readonly Stage[], stage: number, evidence: Evidence | null): string {
  const found = stages[stage];
  if (found?.kind === "gate") return found.gate.name;
  if (evidence === null || evidence.kind === "missing") return `stage ${stage + 1}`;
  return evidence.kind;
}

function short(revision: RevisionId): string {
  return shortRevision(revision);
}
