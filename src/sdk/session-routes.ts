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

  constructor(options: RoutingOptions, { log, later }: Platform) {
    const { agent = null, bootstrap, onRoute, now = Date.now } = options;
    const content = bootstrap && { revision: bootstrap.revision ?? null, content: bootstrapRevision(bootstrap) };
    this.inForce = new InForce(content ?? null, now);
    this.lastGood = new LastGood(this.inForce, agent, log);
    this.#events = onRoute === undefined ? null : new RouteEvents(onRoute, log, later);
    this.#now = now;
  }

  route(
    session: string | null | undefined,
    options?: { readonly startedAt?: Date | number | undefined; readonly user?: string | null | undefined },
  ): SessionRoute {
    // Callers without types pass what they have; a session that is no text is a session without an id.
    const key = typeof session === "string" ? session : "";
    const user = typeof options?.user === "string" ? options.user : "";
    const route = this.inForce.choose(key, milliseconds(options?.startedAt), user);
    this.#events?.add({ session: key, at: this.#now(), ...route });
    return route;
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
    };
  }
}

/** NaN for what is no time. */
function milliseconds(time: unknown): number {
  if (typeof time === "number") return time;
  return time instanceof Date ? time.getTime() : Number.NaN;
}
