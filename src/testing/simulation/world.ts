// The simulated world: one journal, one street, a clock, and doors through which everything passes the weather.

import type { EvalBaseline, EvalResult } from "../../core/model/gate.js";
import type { Operation } from "../../core/model/journal.js";
import { components } from "../../core/model/revision.js";
import { hour, type Instant, type RevisionId } from "../../core/model/units.js";
import type { Doors } from "../../engine/run.js";
import { Fault } from "../../ports/fault.js";
import type { StateStore } from "../../ports/state-store.js";
import { createMemoryStore } from "../memory-store.js";
import type { Gates } from "./gates.js";
import type { Scenario } from "./scenario.js";
import type { Author, Seat } from "./seat.js";
import { specOf } from "./strategy.js";
import { Street } from "./street.js";
import type { Sabotage } from "./tampering.js";
import { Watch } from "./watch.js";
import { Crash } from "./weather.js";
import { agent, content, type Truth, wishes } from "./wish.js";

/** A Monday, nine o'clock. */
const morning = 1_767_603_600_000 as Instant;
/** What a touch of a door lasts, in milliseconds. */
const touchLasts = 40;

const flatRevisions = new Map(wishes.map((wish) => [content(wish).id, components(content(wish))]));

export class World {
  #now: Instant = morning;
  /** The latest time that the clock ever showed: it may be set back. */
  #latest: Instant = morning;
  readonly store: StateStore;
  readonly street: Street;
  readonly watch: Watch;
  readonly scenario: Scenario;
  readonly gates: Gates;
  /** The doors that were touched, in order. */
  readonly touched: string[] = [];
  /** The weather is over, and only good things happen. */
  calm = false;
  metrics: "fine" | "late" | "silent" | "unreadable" = "fine";
  silentSince: Instant = morning;
  reachable = true;
  serving = true;
  open = true;
  deaf = false;
  lowered: number | null = null;
  /** A person lowered it under a higher epoch, which shows. */
  brokeGlass = false;
  readonly #landed = new Set<number>();
  readonly #performed = new Map<string, number>();
  /** Lets twins take turns; null: one engine alone. */
  turn: ((seat: Seat, door: string) => Promise<void>) | null = null;
  /** What happens before a touch. */
  happen: (touch: number, door: string) => Promise<void> = async () => undefined;

  constructor(scenario: Scenario, parts: { readonly gates: Gates; readonly target: Sabotage["target"] | undefined }) {
    const now = (): Instant => this.now;
    this.scenario = scenario;
    this.gates = parts.gates;
    this.store = createMemoryStore({ now, lineage: "street" });
    this.street = new Street(now, scenario.truth, parts.target);
    this.watch = new Watch({
      truth: scenario.truth,
      gates: this.gates,
      strategy: scenario.strategy,
      stages: specOf(scenario.declared, scenario.strategy).stages,
      components: (revision) => flatRevisions.get(revision) ?? {},
      landed: (serial) => this.#landed.has(serial),
      served: (revision, from) => this.street.served(revision, from, this.#latest),
      performed: (operation) => this.#performed.get(operation) ?? 0,
      lowered: () => this.lowered,
      brokeGlass: () => this.brokeGlass,
      switched: () => this.street.switched,
      brokenFallback: () => this.street.brokenFallback,
    });
  }

  get now(): Instant {
    return this.#now;
  }

  /** Lets time pass, in milliseconds; less than none sets the clock back. */
  wait(milliseconds: number): void {
    this.#now = (this.#now + milliseconds) as Instant;
    this.#latest = Math.max(this.#latest, this.#now) as Instant;
  }

  /** Every touch of a door: the clock goes on, others act, and the weather decides. The checkers look before the reply is on its way. */
  async #touch<T>(author: Author, door: string, effect: () => Promise<T>): Promise<T> {
    const { seat, life } = author;
    await this.turn?.(seat, door);
    if (seat.dead || seat.life !== life) throw new Crash("the process is gone");
    this.touched.push(door);
    const touch = this.touched.length;
    this.wait(touchLasts);
    await this.happen(touch, door);
    const trouble = this.calm ? "none" : this.scenario.weather(touch, door);
    if (trouble !== "none") seat.pass.troubles += 1;
    if (trouble === "crash-before") this.#crash(seat, door);
    if (trouble === "lost-request") throw new Fault("unreachable", `${door}: the request was lost`);
    const value = await effect();
    if (door === "store.append") await this.catchUp(author);
    if (trouble === "crash-after") this.#crash(seat, door);
    if (trouble === "lost-reply") throw new Fault("timeout", `${door}: the reply was lost`);
    return value;
  }

  #crash(seat: Seat, door: string): never {
    seat.dead = true;
    throw new Crash(`at ${door}`);
  }

  /** Shows the checkers what is new in the journal. */
  async catchUp(author: Author | null): Promise<void> {
    const journal = await this.store.history(agent);
    for (const entry of journal.slice(this.watch.ledger.serial)) {
      if (entry.event.kind === "drift-found") this.lowered = null;
      this.watch.entry(entry, author);
      if (this.watch.ledger.fallbackSince !== null) this.street.brokenFallback = false;
    }
  }

  /** The doors of one life of an engine. */
  doors(seat: Seat): Doors {
    const author = { seat, life: seat.life };
    const touch = <T>(door: string, effect: () => Promise<T>): Promise<T> => this.#touch(author, door, effect);
    return {
      store: this.#storeDoor(touch),
      target: () => this.#targetDoor(author, touch),
      source: () => ({
        blocks: (query) =>
          touch("source.blocks", async () => {
            this.#demandMetrics(seat);
            return this.metrics === "silent"
              ? { ...this.street.blocks(query, this.silentSince), newest: this.silentSince }
              : this.street.blocks(query, (this.now - (this.metrics === "late" ? 2 * hour : 0)) as Instant);
          }),
        history: () =>
          touch("source.history", async () => {
            this.#demandMetrics(seat);
            return this.street.history();
          }),
        figures: () => Promise.reject(new Fault("unsupported", "no engine asks for figures")),
      }),
      evals: {
        result: (_agent, _suite, revision) => touch("evals.result", async () => this.#evalResult(revision)),
        baseline: () => touch("evals.baseline", async () => baseline),
      },
      readiness: {
        ask: () =>
          touch("readiness.ask", async () => ({ serving: this.serving, because: "asked" })).catch((error: unknown) => {
            if (!(error instanceof Fault)) throw error;
            return { serving: false, because: error.message };
          }),
      },
      calendar: { look: async () => ({ open: this.open, because: "by the clock", changesAt: null }) },
      publisher: {
        find: (operation) => touch("publisher.find", async () => this.#find(seat, operation)),
        perform: (operation) => touch("publisher.perform", async () => this.#perform(seat, operation)),
      },
      now: () => this.now,
      judge: this.gates.judge,
    };
  }

  #demandMetrics(seat: Seat): void {
    if (this.metrics !== "fine") seat.pass.readable = false;
    if (this.metrics === "unreadable") throw new Fault("unreachable", "the metrics are down");
  }

  #storeDoor(touch: <T>(door: string, effect: () => Promise<T>) => Promise<T>): StateStore {
    const { store } = this;
    return {
      lineage: store.lineage,
      agents: () => touch("store.agents", () => store.agents()),
      load: (of) => touch("store.load", () => store.load(of)),
      history: (of) => touch("store.history", () => store.history(of)),
      trailed: () => touch("store.trailed", () => store.trailed()),
      trail: (of) => touch("store.trail", () => store.trail(of)),
      append: (of, after, event) => touch("store.append", () => store.append(of, after, event)),
      saveSnapshot: (of, serial, state) => touch("store.saveSnapshot", () => store.saveSnapshot(of, serial, state)),
      lease: async (of, request) => {
        const lease = await touch("store.lease", () => store.lease(of, request));
        return {
          renew: () => touch("store.renew", () => lease.renew()),
          release: () => touch("store.release", () => lease.release()),
        };
      },
      raiseEpoch: (atLeast) => touch("store.raiseEpoch", () => store.raiseEpoch(atLeast)),
      putRevision: (revision) => touch("store.putRevision", () => store.putRevision(revision)),
      getRevision: (revision) => touch("store.getRevision", () => store.getRevision(revision)),
      findRevisions: (of, prefix) => touch("store.findRevisions", () => store.findRevisions(of, prefix)),
      loadMemory: (of, rollout) => touch("store.loadMemory", () => store.loadMemory(of, rollout)),
      saveMemory: (of, memory) => touch("store.saveMemory", () => store.saveMemory(of, memory)),
      loadFloors: (of) => touch("store.loadFloors", () => store.loadFloors(of)),
      saveFloors: (of, memory) => touch("store.saveFloors", () => store.saveFloors(of, memory)),
      leaseOf: (of) => store.leaseOf(of),
      unlock: (of) => store.unlock(of),
      dump: () => store.dump(),
      replace: (before, after) => store.replace(before, after),
      close: () => store.close(),
    };
  }

  #targetDoor(
    { seat }: Author,
    touch: <T>(door: string, effect: () => Promise<T>) => Promise<T>,
  ): ReturnType<Doors["target"]> {
    const { street } = this;
    return {
      describe: () => "street",
      observe: (_, signal) =>
        touch("target.observe", async () => {
          if (!this.reachable) throw new Fault("unreachable", "the target is down");
          seat.sawLowered = this.lowered;
          seat.readBack = true;
          return street.observe(signal);
        }),
      act: (action, fence, signal) =>
        touch("target.act", async () => {
          if (!this.reachable) throw new Fault("unreachable", "the target is down");
          seat.readBack = false;
          if (this.deaf) {
            this.deaf = false;
            return;
          }
          await street.door.act(action, fence, signal);
          this.lowered = null;
          this.brokeGlass = false;
          street.landed(action.route);
          this.#landed.add(fence.serial);
          this.watch.landing(action.route, fence);
        }),
    };
  }

  #evalResult(revision: RevisionId): EvalResult | { readonly missing: string } {
    const score = this.scenario.truth.get(revision)?.score ?? null;
    if (score === null) return { missing: "it was never evaluated" };
    const passed = Math.round(Number(score) * 100);
    const counts = { passed, failed: 100 - passed, errored: 0 };
    const source = { byItem: null, unscored: [], digest: "0".repeat(64) };
    return { suite: "default", revision, recordedAt: morning, scoreName: "pass rate", score, ...counts, ...source };
  }

  #find(seat: Seat, { id }: Operation): string | null {
    seat.foundTip = this.#performed.size;
    return this.#performed.has(id) ? "found" : null;
  }

  /** Pushed with compare to the tip that was looked at, where one was. */
  #perform(seat: Seat, operation: Operation): string {
    if (seat.foundTip !== null && seat.foundTip !== this.#performed.size)
      throw new Fault("conflict", "somebody else pushed");
    this.#performed.set(operation.id, (this.#performed.get(operation.id) ?? 0) + 1);
    return "committed";
  }

  truth(revision: RevisionId): Truth | undefined {
    return this.scenario.truth.get(revision);
  }
}

const baseline: EvalBaseline = {
  suite: "default",
  revision: null,
  recordedAt: morning,
  scoreName: "pass rate",
  score: "0.90",
  best: "0.90",
  byItem: null,
};
