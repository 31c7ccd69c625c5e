// What people and strangers do in a simulated world, each at its time.

import type { EventBody } from "../../core/model/journal.js";
import { components } from "../../core/model/revision.js";
import type { Instant } from "../../core/model/units.js";
import { rolloutStart, straight } from "../../core/plan/start.js";
import { replay } from "../../core/rollout/replay.js";
import type { Drift, Happening } from "./scenario.js";
import { newSeat, type Seat } from "./seat.js";
import { type Declared, specOf } from "./strategy.js";
import { agent, content, revisionId, wishes } from "./wish.js";
import type { World } from "./world.js";

export class People {
  declared: Declared | null;
  broken = false;
  attended = true;
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
    this.declared = world.scenario.declared;
  }

  /** What an engine is told when its pass begins. */
  brief(seat: Seat): void {
    seat.attended = this.attended;
    seat.watchOnly = this.broken;
    seat.declared = this.declared;
  }

  async do(happening: Happening): Promise<void> {
    const world = this.#world;
    switch (happening.kind) {
      case "command":
        return this.write({ kind: "commanded", command: happening.command, why: "a person said so" });
      case "approve":
        return this.#approve();
      case "undo":
        return this.#undo();
      case "fallback":
        return this.#switch(happening.on);
      case "declare":
        this.declared = happening.declared;
        return;
      case "break":
        this.broken = happening.broken;
        return;
      case "drift":
        return this.#drift(happening.drift);
      case "metrics":
        if (happening.metrics === "silent" && world.metrics !== "silent") world.silentSince = world.now;
        world.metrics = happening.metrics;
        return;
      case "reach":
        world.reachable = happening.reachable;
        return;
      case "deafen":
        world.deaf = true;
        return;
      case "window":
        world.open = happening.open;
        return;
      case "ready":
        world.serving = happening.serving;
        return;
      case "clock":
        world.wait(happening.by);
        return;
      case "attend":
        this.attended = happening.attended;
        return;
    }
  }

  /** Only what is taken from the canary under way is lowered. */
  async #drift(drift: Drift): Promise<void> {
    const { street, watch } = this.#world;
    const isOurs = street.live?.canary === watch.ledger.trip?.canary;
    const lowered = await street.drift(drift);
    if (drift === "fallback" || drift === "glass fallback") return;
    this.#world.lowered = isOurs ? lowered : null;
    this.#world.brokeGlass = isOurs && drift === "glass";
  }

  /** One entry by a person's hand. Nobody speaks to an agent that is not known. */
  async write(body: EventBody): Promise<void> {
    const { store, watch, now } = this.#world;
    if (watch.ledger.stable === null) return;
    const at = Math.max(now, watch.ledger.at) as Instant;
    await store.append(agent, watch.ledger.serial, { at, by: "ada@example.com", plan: null, ...body });
    await this.#world.catchUp(null);
  }

  /** As `rollout fallback on|off` records it. */
  async #switch(on: boolean): Promise<void> {
    const { ledger } = this.#world.watch;
    if (ledger.retired || (ledger.fallbackSince !== null) === on) return;
    this.#world.street.brokenFallback = false;
    await this.write({ kind: "fallback-switched", on, because: "a person said so" });
  }

  async #approve(): Promise<void> {
    const { trip } = this.#world.watch.ledger;
    const revision = trip?.canary ?? (this.declared === null ? null : revisionId(this.declared.wish));
    if (revision !== null) await this.write({ kind: "approved", revision });
  }

  /** As `rollout undo` does it: not while a rollout is under way, and only where there is a way back. */
  async #undo(): Promise<void> {
    const { store, watch, scenario } = this.#world;
    const { previous, trip, retired } = watch.ledger;
    if (previous === null || trip !== null || retired || this.declared === null) return;
    const state = replay(agent, await store.history(agent));
    const revisions = Object.fromEntries(wishes.map((wish) => [revisionId(wish), components(content(wish))]));
    const spec = specOf(this.declared, scenario.strategy);
    const because = "a person went back";
    const to = { origin: "undo" as const, because, target: previous.revision, stages: straight, overrides: {}, spec };
    await this.write(rolloutStart({ agent, state, serial: watch.ledger.serial, revisions }, to));
  }
}

export function seats(twins: boolean): readonly Seat[] {
  return twins ? [newSeat("engine-1"), newSeat("engine-2")] : [newSeat("engine-1")];
}
