/** One engine in a calm simulated world, pass by pass, with the checkers watching. */
import type { Entry } from "../../src/core/model/journal.js";

import { type Passed, pass } from "../../src/engine/pass.js";
import type { Charge, Doors, Run } from "../../src/engine/run.js";
import { countingGates } from "../../src/testing/simulation/gates.js";
import { People } from "../../src/testing/simulation/people.js";
import type { Happening, Scenario } from "../../src/testing/simulation/scenario.js";
import { type SceneName, sceneIn } from "../../src/testing/simulation/scenes.js";
import { newPass, newSeat } from "../../src/testing/simulation/seat.js";
import { specOf } from "../../src/testing/simulation/strategy.js";
import { calm, type Weather } from "../../src/testing/simulation/weather.js";
import { agent } from "../../src/testing/simulation/wish.js";
import { World } from "../../src/testing/simulation/world.js";

export interface Workshop {
  readonly world: World;
  readonly scenario: Scenario;
  readonly entries: readonly Entry[];
  /** Who runs, with doors that may be replaced. */
  run(doors?: Partial<Doors>, fields?: Partial<Run>): Run;
  charge(): Charge;
  /** What happens before the next pass. */
  arrive(): Promise<void>;
  /** A pass, and the time until the next one. */
  pass(run?: Run): Promise<Passed>;
  /** So many of both. */
  passes(count: number): Promise<void>;
  do(happening: Happening): Promise<void>;
  /** Lets minutes pass. */
  wait(minutes: number): void;
}

export function openWorkshop(scene: SceneName, weather: Weather = calm): Workshop {
  const scenario = sceneIn(scene, weather);
  const world = new World(scenario, { gates: countingGates, target: undefined });
  const people = new People(world);
  const seat = newSeat("engine-1");
  let number = 0;
  const workshop: Workshop = {
    world,
    scenario,
    entries: world.watch.entries,
    run(doors = {}, fields = {}) {
      people.brief(seat);
      seat.pass = newPass();
      return {
        doors: { ...world.doors(seat), ...doors },
        holder: "engine-1",
        by: "ci:engine-1",
        plan: null,
        person: seat.attended,
        watchOnly: seat.watchOnly,
        stop: new AbortController().signal,
        patience: 1_000 as Run["patience"],
        onEvent: () => undefined,
        rules: countingGates.rules,
        ...fields,
      };
    },
    charge() {
      const { declared } = people;
      return { agent, spec: declared === null || people.broken ? null : specOf(declared, scenario.strategy) };
    },
    async arrive() {
      for (const happening of scenario.between.get(number) ?? []) await people.do(happening);
      number += 1;
    },
    async pass(run) {
      const passed = await pass(run ?? workshop.run(), workshop.charge());
      world.wait(scenario.every);
      return passed;
    },
    async passes(count) {
      for (let done = 0; done < count; done++) {
        await workshop.arrive();
        await workshop.pass();
      }
    },
    do: (happening) => people.do(happening),
    wait: (minutes) => world.wait(minutes * 60_000),
  };
  return workshop;
}

/** Entries as short words, from an index on. */
export function kindsOf(entries: readonly Entry[], from = 0): readonly string[] {
  return entries.slice(from).map(({ event }) => event.kind);
}
