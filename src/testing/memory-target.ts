// A traffic target in memory: keeps the same laws as the real ones, and lets a scene change traffic behind the engine's back.

import { type ServedRevision, servedRevision } from "../core/model/revision.js";
import type { Fence, LiveState, Route } from "../core/model/route.js";
import type { AgentId, Instant } from "../core/model/units.js";
import { keepHistory } from "../core/routing/keep-history.js";
import { checkShift } from "../ports/check-shift.js";
import { Fault } from "../ports/fault.js";
import type { ShiftAction, TrafficTarget } from "../ports/traffic-target.js";

interface Held {
  readonly route: Route;
  readonly lineage: string;
  readonly fence: Fence;
  readonly revisions: ReadonlyMap<string, ServedRevision>;
}

export class MemoryTarget implements TrafficTarget {
  readonly #now: () => Instant;
  readonly #held = new Map<AgentId, Held>();
  readonly #trouble = new Map<AgentId, { readonly kind: "foreign" | "unreachable"; readonly because: string }>();

  constructor(now: () => Instant) {
    this.#now = now;
  }

  async observe(agent: AgentId, signal: AbortSignal): Promise<LiveState> {
    const observedAt = this.#now();
    if (signal.aborted) return { kind: "unreachable", because: "the look was abandoned", observedAt };
    const trouble = this.#trouble.get(agent);
    if (trouble !== undefined) return { ...trouble, observedAt };
    const held = this.#held.get(agent);
    if (held === undefined) return { kind: "empty", observedAt };
    return {
      kind: "serving",
      route: held.route,
      lineage: held.lineage,
      fence: held.fence,
      served: Object.fromEntries(held.revisions),
      observedAt,
    };
  }

  async act(action: ShiftAction, fence: Fence, signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw new Fault("timeout", "the shift was abandoned before it was written");
    const trouble = this.#trouble.get(action.agent);
    if (trouble?.kind === "unreachable") throw new Fault("unreachable", trouble.because);
    const held = this.#held.get(action.agent);
    checkShift(action, fence, held ?? null);
    const history = keepHistory(action.route.history, this.#now(), action.sessionTimeout);
    this.#held.set(action.agent, {
      route: { ...action.route, history },
      lineage: action.lineage,
      fence,
      revisions: new Map(action.contents.map((content) => [content.id, servedRevision(content)])),
    });
    this.#trouble.delete(action.agent);
  }

  describe(): string {
    return "memory";
  }

  /** Somebody else changes traffic: no fence rises, and nobody is told. Throws for an agent that was never set. */
  drift(agent: AgentId, route: Route): void {
    const held = this.#held.get(agent);
    if (held === undefined) throw new Error(`nothing serves ${agent} yet, so it cannot drift`);
    this.#held.set(agent, { ...held, route });
  }

  /** Somebody else puts a route of another family in force. */
  usurp(agent: AgentId, held: { readonly route: Route; readonly lineage: string; readonly fence: Fence }): void {
    this.#held.set(agent, { ...held, revisions: this.#held.get(agent)?.revisions ?? new Map() });
  }

  /** From now on `observe` answers this. `foreign` ends with the next shift, `unreachable` with `heal`. */
  harm(agent: AgentId, trouble: { readonly kind: "foreign" | "unreachable"; readonly because: string }): void {
    this.#trouble.set(agent, trouble);
  }

  heal(agent: AgentId): void {
    this.#trouble.delete(agent);
  }

  /** The route in force, without a look; null before the first shift. */
  route(agent: AgentId): Route | null {
    return this.#held.get(agent)?.route ?? null;
  }

  /** The highest fence that was let in; null before the first shift. */
  highestFence(agent: AgentId): Fence | null {
    return this.#held.get(agent)?.fence ?? null;
  }

  /** What is served of a revision; null for one without content here. */
  served(agent: AgentId, revision: string): ServedRevision | null {
    return this.#held.get(agent)?.revisions.get(revision) ?? null;
  }
}
