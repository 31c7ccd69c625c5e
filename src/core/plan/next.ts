// The next step for one agent: what the spec asks for and what the journal calls for, in one place, so that a plan and an apply cannot differ.

import type { Decision } from "../model/decision.js";
import type { EventBody } from "../model/journal.js";
import { holdsChanges } from "../model/revision.js";
import type { AgentSpec } from "../model/spec.js";
import type { PendingOperation, Rollout } from "../model/state.js";
import { fullWeight, type Instant } from "../model/units.js";
import { decide, underFallback } from "../rollout/decide.js";
import { raises } from "../rollout/want.js";
import { type Situation, wasSetBack } from "./situation.js";
import { maskedEdit, start } from "./start.js";

/** At most one thing to do. */
export function next(situation: Situation): Decision {
  const { state, spec, sight, judge, agent, serial } = situation;
  if (wasSetBack(situation)) {
    const because = `the target shows a later entry than the journal's last (${serial}): the state was set back, as by an older copy`;
    return waiting(because, "state/lost", `rollout recover ${agent}`);
  }
  if (state.stable === null || state.retired)
    return spec === null ? rest("the agent is not in the spec") : adopt(situation, spec);
  const decided = decide(state, spec === null ? { ...sight, watchOnly: true } : sight, judge);
  if (state.rollout !== null) return underWay(situation, state.rollout, decided);
  if (decided.kind !== "rest") return decided;
  const pending =
    spec === null || sight.watchOnly ? undefined : state.operations.find((owed) => isDue(owed, sight.now));
  if (pending !== undefined)
    return {
      kind: "operate",
      operation: pending.operation,
      because: "the promotion writes its baseline",
      code: null,
      hint: null,
    };
  if (state.fallback !== null) return underFallback(state);
  if (sight.watchOnly)
    return waiting("nothing is started while the spec has errors", "rollout/watch-only", "rollout validate");
  if (spec === null) return retire(situation);
  return start(situation, spec);
}

/** An agent that the journal does not know: a person takes what is live, or the registry without overrides, as stable. */
function adopt(situation: Situation, spec: AgentSpec): Decision {
  const { live, lineage, watchOnly } = situation.sight;
  const { agent, person } = situation;
  if (watchOnly)
    return waiting("nothing is adopted while the spec has errors", "rollout/watch-only", "rollout validate");
  const recover = `rollout recover ${agent}`;
  if (live.kind === "foreign")
    return waiting(`the target holds something that rollout did not write: ${live.because}`, "state/lost", recover);
  if (live.kind === "unreachable")
    return waiting(`the target cannot be read: ${live.because}`, "target/unreachable", null);
  if (live.kind === "serving" && live.lineage !== lineage) {
    return waiting("the target carries a route of a journal that this state does not know", "state/lost", recover);
  }
  if (!person)
    return waiting("the agent is new, and only a person adopts", "state/unknown-agent", `rollout adopt ${agent}`);
  const { target } = spec;
  const shown = live.kind === "serving" && live.route.canary === null ? live.route.stable : null;
  const known =
    shown !== null &&
    (shown === spec.base.id || shown === spec.revision.id || situation.revisions[shown] !== undefined);
  const fallback = live.kind === "serving" && live.route.fallback ? { fallback: true as const } : {};
  const event: EventBody =
    known && shown !== null
      ? {
          kind: "agent-adopted",
          stable: shown,
          from: "live",
          why: "the target serves it; nothing was compared",
          target,
          ...fallback,
        }
      : {
          kind: "agent-adopted",
          stable: spec.base.id,
          from: "registry",
          why: "the registry without overrides; nothing was compared",
          target,
          ...fallback,
        };
  return { kind: "note", event, because: event.why, code: null, hint: null };
}

function underWay(situation: Situation, rollout: Rollout, decided: Decision): Decision {
  const { spec, state, sight } = situation;
  const urgent =
    decided.kind === "act" ||
    (decided.kind === "note" && decided.event.kind !== "gate-exempted" && !passes(decided.event));
  const isDone = rollout.stage >= rollout.stages.length && rollout.confirmed === fullWeight;
  const turned = rollout.course !== "forward" || isDone;
  const heldByTarget =
    decided.kind === "wait" && (decided.code === "state/lost" || decided.code === "target/unreachable");
  const raising = decided.kind === "act" && raises(state, decided.route);
  if (turned || heldByTarget || sight.watchOnly || rollout.origin !== "spec") return decided;
  if ((urgent || state.inDoubt) && !raising) return decided;
  if (spec === null) return leftSpec(situation, rollout);
  const followed = followSpec(situation, { spec, rollout, decided });
  const masked = followed === decided ? maskedEdit(spec, { ...rollout, promoted: false }) : null;
  if (masked === null) return followed;
  // It holds, and neither doubt nor the fallback waits for it: the target is set to what is known.
  const switches = decided.kind === "act" && decided.route.fallback !== state.inForce?.fallback;
  return state.inDoubt || switches ? decide(state, { ...sight, watchOnly: true }, situation.judge) : masked;
}

function followSpec(
  situation: Situation,
  at: { readonly spec: AgentSpec; readonly rollout: Rollout; readonly decided: Decision },
): Decision {
  const { spec, rollout, decided } = at;
  const desired = situation.revisions[spec.revision.id];
  if (spec.revision.id === rollout.canary || desired === undefined) return decided;
  const wanted = holdsChanges(desired, rollout.changes);
  const untouched = rollout.history.length === 0;
  const mayStart = situation.state.fallback === null && spec.revision.id !== situation.state.stable;
  if (mayStart && (spec.onNewRevision === "supersede" || untouched)) {
    const fresh = start(situation, spec);
    if (fresh.kind === "note" && fresh.event.kind === "rollout-started") return fresh;
  }
  if (wanted) return decided;
  const because = "the spec no longer asks for what this canary changes";
  return {
    kind: "note",
    event: { kind: "rollout-turned", rollout: rollout.id, cause: "withdrawn", because },
    because,
    code: null,
    hint: null,
  };
}

function passes(event: EventBody): boolean {
  return event.kind === "gate-judged" && event.verdict.result === "pass";
}

/** An agent left the spec: its canary is withdrawn first, stable goes on serving, history is kept. Unattended, it holds. */
function leftSpec({ agent, person }: Situation, rollout: Rollout): Decision {
  const because = "the agent left the spec";
  if (!person) return waiting(`${because}; only a person retires it`, "state/left-spec", `rollout apply ${agent}`);
  return {
    kind: "note",
    event: { kind: "rollout-turned", rollout: rollout.id, cause: "withdrawn", because },
    because,
    code: null,
    hint: null,
  };
}

function retire({ agent, person }: Situation): Decision {
  if (!person)
    return waiting("the agent left the spec; only a person retires it", "state/left-spec", `rollout apply ${agent}`);
  return {
    kind: "note",
    event: { kind: "agent-retired" },
    because: "the agent left the spec; stable goes on serving",
    code: null,
    hint: null,
  };
}

/** What is owed is tried again for as long as it is owed, ever more seldom. */
function isDue({ failures, failedAt }: PendingOperation, now: Instant): boolean {
  if (failedAt === null) return true;
  return now - failedAt >= Math.min(firstDelayMs * 2 ** (failures - 1), longestDelayMs);
}
const firstDelayMs = 60_000;
const longestDelayMs = 6 * 3_600_000;

function rest(because: string): Decision {
  return { kind: "rest", because, code: null, hint: null };
}

function waiting(because: string, code: string, hint: string | null): Decision {
  return { kind: "wait", until: null, because, code, hint };
}
