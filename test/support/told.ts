/** Journals for tests, told in a few words: what happened, one minute after the other. */
import type { FloorBreach } from "../../src/core/model/floor.js";
import type { Stage, Verdict } from "../../src/core/model/gate.js";
import type {
  Command,
  Entry,
  Event,
  EventBody,
  Outcome,
  RolloutOrigin,
  TurnCause,
} from "../../src/core/model/journal.js";
import { componentChanges, components } from "../../src/core/model/revision.js";
import type { Route } from "../../src/core/model/route.js";
import type { AgentState } from "../../src/core/model/state.js";
import { day, type Instant, type RevisionId, type RolloutId, type Weight } from "../../src/core/model/units.js";
import { replay } from "../../src/core/rollout/replay.js";
import { type Strategy, specOf } from "../../src/testing/simulation/strategy.js";
import { agent, content, revisionId, step, type Wish } from "../../src/testing/simulation/wish.js";

/** The time of the first entry. */
export const start = 1_767_603_600_000 as Instant;
const minute = 60_000;

export const steps: Strategy = { ramp: "steps", undecided: "hold", onDrift: "correct", onNewRevision: "queue" };

export function breachOf(
  arm: FloorBreach["arm"],
  at: { readonly revision: RevisionId; readonly since: number; readonly both?: boolean },
): FloorBreach {
  const { revision, since, both = false } = at;
  const said = {
    metric: "task_success_rate",
    because: `${arm} is below`,
    figures: { rate: 0.6 },
    runbook: null,
  } as const;
  return { arm, revision, since: since as Instant, both, ...said };
}

/** Tells a journal: every call adds entries and answers the teller. */
export class Teller {
  readonly entries: Entry[] = [];
  now: number = start;
  #stable: Wish = "a1";
  #trip: { readonly id: RolloutId; readonly canary: Wish; readonly origin: RolloutOrigin } | null = null;
  #weights: { at: Instant; weight: Weight }[] = [];

  /** Lets minutes pass before what comes next. */
  after(minutes: number): this {
    this.now += minutes * minute;
    return this;
  }

  event(body: EventBody, by = "ci:1"): this {
    this.now += minute;
    const event = { at: this.now as Instant, by, plan: null, ...body } as Event;
    this.entries.push({ serial: this.entries.length + 1, event });
    return this;
  }

  /** Adopted, and put in force. */
  adopted(wish: Wish): this {
    this.#stable = wish;
    const { target } = specOf({ wish, registry: "a" }, steps);
    return this.event({ kind: "agent-adopted", stable: revisionId(wish), from: "registry", why: "", target }).shifted(
      0,
    );
  }

  started(
    wish: Wish,
    options: {
      readonly strategy?: Partial<Strategy>;
      readonly origin?: RolloutOrigin;
      readonly override?: boolean;
    } = {},
  ): this {
    const origin = options.origin ?? "spec";
    const spec = specOf({ wish, registry: "a" }, { ...steps, ...options.strategy });
    const id = `support-${this.entries.length + 1}` as RolloutId;
    const straight: readonly Stage[] = [{ kind: "weight", weight: 10_000 as Weight }];
    this.#trip = { id, canary: wish, origin };
    this.#weights = [];
    return this.event({
      kind: "rollout-started",
      because: "",
      id,
      origin,
      canary: revisionId(wish),
      stages: origin === "spec" ? spec.stages : straight,
      changes: componentChanges(components(content(this.#stable)), components(content(wish))),
      bases: options.override ? { [step]: `planner@${this.#stable.charAt(0)}` } : {},
      overrides: options.override ? { [step]: `planner@${wish.charAt(0)}` } : {},
      attempt: 1,
      algo: "murmur3-32",
      salt: `support/${id}/`,
      session: spec.session,
      runbook: null,
      target: spec.target,
      source: { kind: "embedded" },
      floors: [],
    });
  }

  /** The route with this weight for the canary. */
  route(weight: number): Route {
    const at = (this.now + minute) as Instant;
    const canary = weight === 0 || this.#trip === null ? null : revisionId(this.#trip.canary);
    const history = [...this.#weights, { at, weight: weight as Weight }];
    return {
      rollout: canary === null ? null : (this.#trip?.id ?? null),
      algo: "murmur3-32",
      salt: canary === null ? "" : `support/${this.#trip?.id}/`,
      stable: revisionId(this.#stable),
      canary,
      weight: weight as Weight,
      history: canary === null ? [] : history,
      previous: null,
      fallback: false,
    };
  }

  begun(weight: number): this {
    return this.event({ kind: "shift-begun", route: this.route(weight) });
  }

  shifted(weight: number): this {
    this.begun(weight).event({ kind: "shift-done" });
    if (weight > 0) this.#weights.push({ at: this.now as Instant, weight: weight as Weight });
    return this;
  }

  judged(stage: number, result: Verdict["result"]): this {
    const verdict: Verdict = { result, because: `it ${result}es`, figures: {}, earliest: null };
    const evidence = { kind: "missing", because: "told" } as const;
    return this.event({ kind: "gate-judged", rollout: this.#id, stage, verdict, evidence });
  }

  exempted(stage: number): this {
    return this.event({ kind: "gate-exempted", rollout: this.#id, stage, exemption: "skip", because: "reviewed" });
  }

  said(command: Command): this {
    return this.event({ kind: "commanded", command, why: "a reason" }, "ada@example.com");
  }

  turned(cause: TurnCause): this {
    return this.event({ kind: "rollout-turned", rollout: this.#id, cause, because: "a reason" });
  }

  /** The floor is breached on the day of the entry; the canary's rollout is the one under way. */
  breached(arm: FloorBreach["arm"], both = false): this {
    const revision = revisionId(arm === "canary" ? (this.#trip?.canary ?? "b1") : this.#stable);
    const breach = breachOf(arm, { revision, since: Math.floor(this.now / day) * day, both });
    return this.event({ kind: "floor-breached", rollout: this.#trip?.id ?? null, ...breach });
  }

  /** Somebody left the canary with this weight. */
  drifted(weight: number): this {
    return this.event({ kind: "drift-found", live: this.route(weight) });
  }

  finished(outcome: Outcome): this {
    const { id, canary } = this.#trip ?? { id: this.#id, canary: this.#stable };
    if (outcome === "promoted") this.#stable = canary;
    this.#trip = null;
    return this.event({ kind: "rollout-finished", rollout: id, outcome });
  }

  /** Through all stages of the steps strategy. */
  promoted(wish: Wish, options: { readonly override?: boolean } = {}): this {
    this.started(wish, options).judged(0, "pass").shifted(500).judged(2, "pass").shifted(5_000).judged(4, "pass");
    return this.shifted(10_000).finished("promoted").shifted(0);
  }

  /** At the first weight, whose gate failed, and back. */
  rolledBack(wish: Wish): this {
    this.started(wish).judged(0, "pass").shifted(500).judged(2, "fail");
    return this.shifted(0).finished("rolled-back");
  }

  get state(): AgentState {
    return replay(agent, this.entries);
  }

  get #id(): RolloutId {
    return this.#trip?.id ?? ("support-0" as RolloutId);
  }
}

export function tell(): Teller {
  return new Teller();
}

/** A short name back from a revision: `b1`. */
export function wishOf(revision: RevisionId | null): string | null {
  return revision === null ? null : revision.slice(2, 4);
}
