// The request path of every router: from the arguments to the answer, in memory, without throwing.

import type { ModelEntry } from "../core/model/revision.js";
import { InForce } from "./in-force.js";
import { LastGood } from "./last-good.js";
import type { Log } from "./log.js";
import { RouteEvents } from "./route-events.js";
import {
  bootstrapRevision,
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
  readonly #now: () => number;
  readonly #log: Log;
  #unknownRevisions = 0;

  constructor(options: RoutingOptions, { log, later }: Platform) {
    const { agent = null, bootstrap, onRoute, now = Date.now } = options;
    const content = bootstrap && { revision: bootstrap.revision ?? null, content: bootstrapRevision(bootstrap) };
    this.inForce = new InForce(content ?? null, now);
    this.lastGood = new LastGood(this.inForce, agent, log);
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
    this.#events?.add({ session: key, at: this.#now(), ...route });
    return route;
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
    const { snapshot, route, origin, killed } = this.inForce;
    return {
      agent: this.lastGood.agent,
      origin,
      revision: route?.stable ?? null,
      canary: route?.canary ?? null,
      weight: (route?.weight ?? 0) / 100,
      ageMs: snapshot === null ? null : this.#now() - snapshot.writtenAt,
      killed,
      refused: this.lastGood.refused,
      unknownRevisions: this.#unknownRevisions,
    };
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
