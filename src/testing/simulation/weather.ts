// What can go wrong at a door, touch by touch.

import { createDie } from "./die.js";

/** `lost-request`: nothing happened, and the caller hears an error. `lost-reply`: it happened, and the caller hears an error. A crash ends the process. */
export type Trouble = "none" | "lost-request" | "lost-reply" | "crash-before" | "crash-after";
const troubles = ["lost-request", "lost-reply", "crash-before", "crash-after"] as const satisfies readonly Trouble[];

/** Asked once for each touch, in order: a weather may count. Touches are numbered from 1; doors are named `store.append`. */
export type Weather = (touch: number, door: string) => Trouble;

/** The process is gone: nothing of it runs on, and a new one starts from the journal. */
export class Crash extends Error {
  override readonly name = "Crash";
}

export const calm: Weather = () => "none";

/** Doors that change something: there a lost request and a lost reply, and a crash before and after, are two different things. */
const writing: ReadonlySet<string> = new Set([
  "store.append",
  "store.lease",
  "store.renew",
  "store.release",
  "store.putRevision",
  "store.saveMemory",
  "store.saveFloors",
  "store.saveSnapshot",
  "store.raiseEpoch",
  "target.act",
  "publisher.perform",
]);

/** The troubles that differ at a door. */
export function troublesAt(door: string): readonly Exclude<Trouble, "none">[] {
  return writing.has(door) ? troubles : ["lost-request", "crash-before"];
}

/** Doors where a fault leaves the journal and the world apart. */
export function isEffect(door: string): boolean {
  return door === "store.append" || door === "target.act" || door === "publisher.perform";
}

/** One trouble at one touch. */
export function single(at: number, trouble: Trouble): Weather {
  return (touch) => (touch === at ? trouble : "none");
}

/** Troubles at effects, counted from 1 as they come: one, or a pair. */
export function atEffects(...at: readonly EffectTrouble[]): Weather {
  let effects = 0;
  return (_, door) => {
    if (!isEffect(door)) return "none";
    effects += 1;
    return at.find(({ effect }) => effect === effects)?.trouble ?? "none";
  };
}
export interface EffectTrouble {
  readonly effect: number;
  readonly trouble: Trouble;
}

/** Troubles at a rate for all doors, and another for those that change something. */
export function storm(seed: number, rates: { readonly reads: number; readonly effects: number }): Weather {
  const die = createDie(seed);
  return (_, door) => {
    const rate = isEffect(door) ? rates.effects : rates.reads;
    return die.chance(rate) ? die.pick(troublesAt(door)) : "none";
  };
}
