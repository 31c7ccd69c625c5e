// One run in two acts. Safety: the production pass in bad weather, with the checkers after every touch. Liveness: the weather turns calm.

import type { Entry } from "../../core/model/journal.js";
import { hour, minute } from "../../core/model/units.js";
import { type Passed, pass } from "../../engine/pass.js";
import type { Rules } from "../../engine/rules.js";
import type { Charge, Run } from "../../engine/run.js";
import { Fault } from "../../ports/fault.js";
import { countingGates, type Gates } from "./gates.js";
import { People, seats } from "./people.js";
import { checkFailing, checkRest } from "./rest.js";
import type { Scenario } from "./scenario.js";
import { newPass, type Seat } from "./seat.js";
import { specOf } from "./strategy.js";
import type { Sabotage } from "./tampering.js";
import { Turnstile } from "./turnstile.js";
import { Breach, type Watch } from "./watch.js";
import { Crash } from "./weather.js";
import { agent } from "./wish.js";
import { World } from "./world.js";

export interface Report {
  readonly title: string;
  readonly entries: Watch["entries"];
  /** The doors in the order of their touches. */
  readonly touched: readonly string[];
  /** Of the last act: how many touches came before it. */
  readonly stormTouches: number;
  /** What did not hold; null: everything did. */
  readonly breach: Breach | null;
}

const soundness: Sabotage = { name: "none" };

/** Never rejects for what the engine does wrong: that is the report's `breach`. */
export async function simulate(
  scenario: Scenario,
  sabotage: Sabotage = soundness,
  gates: Gates = countingGates,
): Promise<Report> {
  const world = new World(scenario, { gates, target: sabotage.target });
  const stage = new Stage(world, sabotage);
  let stormTouches = 0;
  let breach: Breach | null = null;
  try {
    await stage.storm();
    stormTouches = world.touched.length;
    await stage.calm();
  } catch (error) {
    breach =
      error instanceof Breach ? error : new Breach("the engine has no bug", String((error as Error).stack ?? error));
  }
  breach = world.watch.breach ?? breach;
  return { title: scenario.title, entries: world.watch.entries, touched: world.touched, stormTouches, breach };
}

/** More passes than any rollout needs from start to end. */
const calmPasses = 80;
/** The lease of a dead engine has run out by then. */
const restartAfter = 40_000;

class Stage {
  readonly #world: World;
  readonly #sabotage: Sabotage;
  readonly #people: People;
  readonly #rules: Rules;

  constructor(world: World, sabotage: Sabotage) {
    this.#world = world;
    this.#sabotage = sabotage;
    this.#people = new People(world);
    const { rules } = world.gates;
    this.#rules = sabotage.rules?.(rules) ?? rules;
    world.happen = (touch, door) => this.#happen(touch, door);
  }

  async #happen(touch: number, door: string): Promise<void> {
    const { calm, scenario, touched } = this.#world;
    if (calm) return;
    const happenings = [...(scenario.during.get(touch) ?? [])];
    if (scenario.upon.size > 0) {
      const nth = touched.filter((other) => other === door).length;
      happenings.push(...(scenario.upon.get(`${door} ${nth}`) ?? []));
    }
    for (const happening of happenings) await this.#people.do(happening);
  }

  async storm(): Promise<void> {
    const { scenario } = this.#world;
    const engines = seats(scenario.twins);
    if (!scenario.twins) {
      for (const seat of engines) await this.#shift(seat);
      return;
    }
    const turnstile = new Turnstile(scenario, engines.length);
    this.#world.turn = (seat, door) => turnstile.enter(seat, door);
    await Promise.all(engines.map((seat) => this.#shift(seat).finally(() => turnstile.leave())));
    this.#world.turn = null;
  }

  /** The passes of one engine, with what happens between them. */
  async #shift(seat: Seat): Promise<void> {
    const { scenario } = this.#world;
    for (let number = 0; number < scenario.passes; number++) {
      if (seat.name === "engine-1")
        for (const happening of scenario.between.get(number) ?? []) await this.#people.do(happening);
      const passed = await this.#pass(seat);
      if (passed === "crashed") this.#world.wait(restartAfter);
      this.#world.wait(scenario.every);
    }
  }

  /** Everything gets well, and the engine runs until nothing happens any more. */
  async calm(): Promise<void> {
    const world = this.#world;
    const [seat] = seats(false);
    if (seat === undefined) return;
    await this.#heal();
    const idles = [65 * minute, world.gates.decidesWithin];
    let idle = 0;
    for (let count = 0; idle <= idles.length; count++) {
      const before = world.watch.entries.filter(moves).length;
      const passed = await this.#pass(seat);
      const isLeased = passed !== "crashed" && passed.fault?.message.includes("is working on") === true;
      if (!isLeased && (passed === "crashed" || passed.fault !== null || passed.last === null))
        throw new Breach(
          "in calm weather every pass comes to its end",
          passed === "crashed" ? passed : String(passed.fault),
        );
      idle = world.watch.entries.filter(moves).length === before && !isLeased ? idle + 1 : 0;
      if (count > calmPasses) throw new Breach("every rollout comes to rest", "entries are still written");
      world.wait(idles[Math.min(idle, idles.length - 1)] ?? hour);
    }
    await checkRest(world, this.#people.declared);
  }

  async #heal(): Promise<void> {
    const world = this.#world;
    world.calm = true;
    world.turn = null;
    world.wait(restartAfter);
    for (const happening of [
      { kind: "metrics", metrics: "fine" },
      { kind: "reach", reachable: true },
      { kind: "window", open: true },
      { kind: "ready", serving: true },
      { kind: "break", broken: false },
      { kind: "attend", attended: false },
    ] as const)
      await this.#people.do(happening);
    if (world.scenario.strategy.onDrift === "report" || this.#people.declared === null)
      await this.#people.do({ kind: "command", command: "correct" });
    world.deaf = false;
  }

  async #pass(seat: Seat): Promise<Passed | "crashed"> {
    this.#people.brief(seat);
    seat.pass = newPass();
    if (seat.dead) {
      seat.dead = false;
      seat.life += 1;
    }
    const charge: Charge = {
      agent,
      spec: seat.declared === null || seat.watchOnly ? null : specOf(seat.declared, this.#world.scenario.strategy),
    };
    try {
      const passed = await pass(this.#runOf(seat), charge);
      if (passed.fault === null) await checkFailing(this.#world, seat);
      return passed;
    } catch (error) {
      if (error instanceof Crash) return "crashed";
      if (error instanceof Fault) return { agent, decisions: [], last: null, fault: error };
      throw error;
    }
  }

  #runOf(seat: Seat): Run {
    const doors = this.#world.doors(seat);
    return {
      doors: this.#sabotage.doors?.(doors) ?? doors,
      holder: `${seat.name} life ${seat.life}`,
      by: `ci:${seat.name}`,
      plan: null,
      person: seat.attended,
      watchOnly: seat.watchOnly,
      stop: neverStopped,
      patience: minute,
      onEvent: () => undefined,
      rules: this.#rules,
    };
  }
}

const neverStopped = new AbortController().signal;

/** What is told every day for as long as it lasts is no unrest. */
function moves({ event }: Entry): boolean {
  return event.kind !== "floor-breached" || event.arm === "canary";
}
