// What a router answers from: the snapshot in force, made ready so that an answer costs no memory.

import type { ModelEntry, ServedRevision } from "../core/model/revision.js";
import type { Route, RoutingUnit } from "../core/model/route.js";
import type { Snapshot } from "../core/model/snapshot.js";
import { type Instant, noWeight, type Weight } from "../core/model/units.js";
import {
  armNow,
  chooseVariant,
  type PreparedRoute,
  prepareRoute,
  type Variant,
  weightAt,
} from "../core/routing/choose.js";
import { mayCarryTime, timeInId } from "../core/routing/session-start.js";
import type { Origin, SessionRoute } from "./router.js";

/** Contents of this many revisions are remembered, for tasks that were routed under an earlier snapshot. */
const remembered = 16;

interface Answers {
  /** Stable and canary. */
  readonly arms: readonly SessionRoute[];
  readonly stable: SessionRoute;
  readonly canary: SessionRoute;
}

/** What a proxy calls the fallback, which is no revision. */
const fallbackName = "fallback";

export class InForce {
  #origin: Origin = "none";
  #snapshot: Snapshot | null = null;
  #killed = false;
  /** The snapshot knows earlier weights, so that the start of a session counts. */
  #remembers = false;
  /** Users are drawn, and not sessions. */
  #byUser = false;
  #prepared: PreparedRoute | null = null;
  #steps: readonly string[] = [];
  /** The answers at each weight: made once, handed out again and again. */
  #answers = new Map<Weight, Answers>();
  /** Those at the weight in force. */
  #now: Answers;
  #fallback: SessionRoute = answer(null, "fallback", noWeight);
  /** The answers to those who have decided already, by what they name. Null while they are not asked. */
  #decided: ReadonlyMap<string, SessionRoute> | null = null;
  readonly #contents = new Map<string, ServedRevision>();
  readonly #bootstrap: { readonly revision: string | null; readonly content: ServedRevision } | null;

  readonly #clock: () => number;
  readonly #changed: () => void;
  /** The clock when it was last asked. */
  #latest = Number.NEGATIVE_INFINITY;

  constructor(
    bootstrap: { readonly revision: string | null; readonly content: ServedRevision } | null,
    clock: () => number,
    changed: () => void = () => {},
  ) {
    this.#clock = clock;
    this.#changed = changed;
    this.#bootstrap = bootstrap === null ? null : { ...bootstrap, content: frozen(bootstrap.content) };
    if (bootstrap !== null) this.#origin = "bootstrap";
    this.#now = this.#prepare();
  }

  /** The copy of the predecessor serves its stable revision alone: the canary it speaks of may have been rolled back since. */
  take(snapshot: Snapshot, origin: "current" | "previous"): void {
    this.#snapshot = snapshot;
    this.#origin = origin;
    for (const [id, content] of Object.entries(snapshot.revisions)) {
      this.#contents.delete(id);
      this.#contents.set(id, frozen(content));
    }
    for (const id of this.#contents.keys()) {
      if (this.#contents.size <= remembered) break;
      this.#contents.delete(id);
    }
    this.#now = this.#prepare();
    this.#changed();
  }

  /** While killed, everybody goes to stable, out of the fallback too. */
  kill(killed: boolean): void {
    if (killed === this.#killed) return;
    this.#killed = killed;
    this.#now = this.#prepare();
    this.#changed();
  }

  get origin(): Origin {
    return this.#origin;
  }

  get killed(): boolean {
    return this.#killed;
  }

  get snapshot(): Snapshot | null {
    return this.#snapshot;
  }

  get unit(): RoutingUnit {
    return this.#byUser ? "user" : "session";
  }

  /** The steps that what is obeyed has models for. */
  get steps(): readonly string[] {
    return this.#steps;
  }

  /** What is obeyed now; null without a snapshot. */
  get route(): Route | null {
    return this.#prepared?.route ?? null;
  }

  /** The answer for a revision that somebody else decided for. Unknown: it is not in force. Null: the router alone decides. */
  decided(revision: string): SessionRoute | "unknown" | null {
    return this.#decided === null ? null : (this.#decided.get(revision) ?? "unknown");
  }

  /** `startedAt` is NaN when nobody knows it: then the session's id may tell, whoever is drawn. */
  choose(session: string, startedAt: number, user = ""): SessionRoute {
    const prepared = this.#prepared;
    if (prepared === null) return this.#now.stable;
    const key = this.#byUser ? user : session;
    if (this.#remembers && (!Number.isNaN(startedAt) || mayCarryTime(session))) {
      return this.#chooseDated(prepared, key, Number.isNaN(startedAt) ? timeInId(session) : startedAt);
    }
    if (prepared.draws) return this.#now.arms[armNow(prepared, key)] ?? this.#now.stable;
    return this.#answer(chooseVariant(prepared, key, prepared.route.weight), this.#now);
  }

  #chooseDated(prepared: PreparedRoute, key: string, start: number): SessionRoute {
    // The clock costs more than the rest. What lies before an earlier reading of it is past.
    if (start > this.#latest) this.#latest = this.#clock();
    const weight = weightAt(prepared.route, start as Instant, this.#latest as Instant);
    return this.#answer(chooseVariant(prepared, key, weight), this.#at(weight));
  }

  #answer(variant: Variant, { stable, canary }: Answers): SessionRoute {
    if (variant === "canary") return canary;
    return variant === "stable" ? stable : this.#fallback;
  }

  model(step: string, revision: string | null): ModelEntry | null {
    const steps = this.#content(revision)?.steps;
    return steps !== undefined && Object.hasOwn(steps, step) ? (steps[step] ?? null) : null;
  }

  prompt(name: string, revision: string | null): string | null {
    const prompts = this.#content(revision)?.prompts;
    return prompts !== undefined && Object.hasOwn(prompts, name) ? (prompts[name] ?? null) : null;
  }

  #content(revision: string | null): ServedRevision | undefined {
    const wanted = revision ?? this.#snapshot?.route.stable ?? null;
    const seen = wanted === null ? undefined : this.#contents.get(wanted);
    if (seen !== undefined) return seen;
    const bootstrap = this.#bootstrap;
    return bootstrap !== null && (wanted === null || wanted === bootstrap.revision) ? bootstrap.content : undefined;
  }

  /** The answers at the weight in force. */
  #prepare(): Answers {
    const route = this.#snapshot?.route;
    const restricted = this.#killed || this.#origin === "previous";
    this.#answers = new Map();
    this.#byUser = this.#snapshot?.unit === "user";
    this.#prepared = route === undefined ? null : prepareRoute(restricted ? stableOnly(route, this.#killed) : route);
    this.#remembers = this.#prepared !== null && this.#prepared.route.history.length > 0;
    this.#steps = this.#stepsOf(this.#prepared?.route ?? null);
    const now = this.#at(this.#prepared?.route.weight ?? noWeight);
    this.#decided = route === undefined || restricted || route.fallback ? null : this.#nameable(route, now);
    return now;
  }

  #stepsOf(route: Route | null): readonly string[] {
    const { stable = null, canary = null } = route ?? {};
    const arms = canary === null ? [stable] : [stable, canary];
    return Object.freeze([...new Set(arms.flatMap((revision) => Object.keys(this.#content(revision)?.steps ?? {})))]);
  }

  /** A canary without weight is not served, whoever names it. */
  #nameable({ stable, canary, previous, weight }: Route, now: Answers): ReadonlyMap<string, SessionRoute> {
    const answers = new Map<string, SessionRoute>([[fallbackName, this.#fallback]]);
    if (previous !== null) answers.set(previous, answer(previous, "stable", weight));
    if (canary !== null) answers.set(canary, weight > 0 ? now.canary : now.stable);
    return answers.set(stable, now.stable);
  }

  #at(weight: Weight): Answers {
    const known = this.#answers.get(weight);
    if (known !== undefined) return known;
    const route = this.#prepared?.route;
    const revision = route === undefined ? (this.#bootstrap?.revision ?? null) : route.stable;
    const stable = answer(revision, "stable", weight);
    const canary = answer(route?.canary ?? null, "canary", weight);
    const made = { arms: [stable, canary], stable, canary };
    this.#answers.set(weight, made);
    return made;
  }
}

function stableOnly(route: Route, killed: boolean): Route {
  return { ...route, canary: null, weight: noWeight, history: [], fallback: route.fallback && !killed };
}

function answer(revision: string | null, variant: SessionRoute["variant"], weight: Weight): SessionRoute {
  return Object.freeze({ revision, variant, weight: weight / 100 });
}

/** One request must not change what the next one is served. */
function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  for (const field of Object.values(value)) frozen(field);
  return Object.freeze(value);
}
