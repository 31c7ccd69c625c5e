// The request path of every router: from the arguments to the answer, in memory, without throwing.

import type { ModelEntry } from "../core/model/revision.js";
import { Changes } from "./changes.js";
import { InForce } from "./in-force.js";
import { LastGood } from "./last-good.js";
import type { Log } from "./log.js";
import { RouteEvents } from "./route-events.js";
import { routeReason } from "./route-reason.js";
import {
  bootstrapRevision,
  type RouteEvent,
  type RoutingOptions,
  type RoutingStatus,
  type SessionFacts,
  type SessionRoute,
  type SessionRouter,
} from "./router.js";

/** What the platform gives. */
export interface Platform {
  readonly log: Log;
  /** Runs it once, after the request that is being served. */
  readonly later: (task: () => void) => void;
}

export class SessionRoutes implements SessionRouter {
  readonly inForce: InForce;
  readonly lastGood: LastGood;
  readonly #events: RouteEvents | null;
  readonly #changes: Changes;
  readonly #now: () => number;
  readonly #log: Log;
  #unknownRevisions = 0;

  constructor(options: RoutingOptions, { log, later }: Platform) {
    const { agent = null, bootstrap, onRoute, now = Date.now } = options;
    const content = bootstrap && { revision: bootstrap.revision ?? null, content: bootstrapRevision(bootstrap) };
    this.#changes = new Changes(log, later);
    const changed = (): void => this.#changes.tell();
    this.inForce = new InForce(content ?? null, now, changed);
    this.lastGood = new LastGood(this.inForce, agent, { log, changed });
    this.#events = onRoute === undefined ? null : new RouteEvents(onRoute, log, later);
    this.#now = now;
    this.#log = log;
  }

  route(session: string | null | undefined, facts?: SessionFacts): SessionRoute {
    // Callers without types pass what they have; a session that is no text is a session without an id.
    const key = typeof session === "string" ? session : "";
    const user = typeof facts?.user === "string" ? facts.user : "";
    const named = facts?.revision ?? null;
    const route =
      (named === null ? null : this.#decided(named)) ?? this.inForce.choose(key, milliseconds(facts?.startedAt), user);
    if (this.#events !== null) this.#events.add(this.#event(route, { session: key, user, named }));
    return route;
  }

  #event(
    route: SessionRoute,
    { session, user, named }: Pick<RouteEvent, "session" | "user"> & { readonly named: SessionFacts["revision"] },
  ): RouteEvent {
    const { origin, killed, route: obeyed } = this.inForce;
    const key = this.inForce.unit === "user" ? user : session;
    const asked = {
      origin,
      killed,
      canary: obeyed?.canary ?? null,
      fallback: obeyed?.fallback ?? false,
      key,
      named: named == null ? null : onlyText(named),
    };
    return {
      agent: this.lastGood.agent,
      session,
      user,
      at: this.#now(),
      ...route,
      rollout: obeyed?.rollout ?? null,
      version: this.#version(),
      reason: routeReason(route, asked),
    };
  }

  #version(): string | null {
    const fence = this.inForce.snapshot?.fence;
    return fence === undefined ? null : `${fence.epoch}.${fence.serial}`;
  }

  /** Null: the rule decides. */
  #decided(named: NonNullable<SessionFacts["revision"]>): SessionRoute | null {
    const revision = onlyText(named);
    const decided = this.inForce.decided(revision);
    if (decided !== "unknown") return decided;
    if (this.#unknownRevisions === 0)
      this.#log(`${excerpt(revision)} is given as the revision and is not in force: the rule decides`);
    this.#unknownRevisions += 1;
    return null;
  }

  getModel(step: string, route: SessionRoute): ModelEntry | null {
    return this.inForce.model(step, route?.revision ?? null);
  }

  getPrompt(name: string, route: SessionRoute): string | null {
    return this.inForce.prompt(name, route?.revision ?? null);
  }

  status(): RoutingStatus {
    const { snapshot, route, origin, killed, unit, steps } = this.inForce;
    return {
      agent: this.lastGood.agent,
      origin,
      revision: route?.stable ?? null,
      canary: route?.canary ?? null,
      weight: (route?.weight ?? 0) / 100,
      rollout: route?.rollout ?? null,
      fallback: route?.fallback ?? false,
      unit,
      steps,
      version: this.#version(),
      ageMs: snapshot === null ? null : this.#now() - snapshot.writtenAt,
      killed,
      refused: this.lastGood.refused,
      unknownRevisions: this.#unknownRevisions,
      events: { waiting: this.#events?.waiting ?? 0, dropped: this.#events?.dropped ?? 0 },
    };
  }

  subscribe(listener: (status: RoutingStatus) => void): () => void {
    return this.#changes.subscribe(() => listener(this.status()));
  }
}

/** Node gives some headers as lists. What is no text is no revision. */
function onlyText(named: unknown): string {
  const only: unknown = Array.isArray(named) && named.length === 1 ? named[0] : named;
  return typeof only === "string" ? only : `(${typeof only})`;
}

/** It comes from outside: its beginning, on one line. */
function excerpt(revision: string): string {
  return JSON.stringify(revision.slice(0, 80));
}

/** NaN for what is no time. */
function milliseconds(time: unknown): number {
  if (typeof time === "number") return time;
  return time instanceof Date ? time.getTime() : Number.NaN;
}
