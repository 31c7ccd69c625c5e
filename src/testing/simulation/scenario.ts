// One simulated story: who wishes what, what people and strangers do, and what the weather is.

import type { Command } from "../../core/model/journal.js";
import type { RevisionId } from "../../core/model/units.js";
import type { Declared, Strategy } from "./strategy.js";
import type { Weather } from "./weather.js";
import type { Truth } from "./wish.js";

/**
 * What others do to the target behind our back. `stranger`: a canary that nobody declared; `glass`: a person takes the canary away at the target
 * alone; `fallback` and `glass fallback` switch the fallback on there.
 */
export type Drift =
  | "less"
  | "gone"
  | "more"
  | "stranger"
  | "deleted"
  | "foreign"
  | "glass"
  | "fallback"
  | "glass fallback";

export type Happening =
  | { readonly kind: "command"; readonly command: Command }
  /** A person approves the revision under way, or the declared one. */
  | { readonly kind: "approve" }
  | { readonly kind: "undo" }
  /** A person sends everybody to the fallback, or back. */
  | { readonly kind: "fallback"; readonly on: boolean }
  /** The spec changes; null: the agent leaves it. */
  | { readonly kind: "declare"; readonly declared: Declared | null }
  /** The spec has errors, or has them no more. */
  | { readonly kind: "break"; readonly broken: boolean }
  | { readonly kind: "drift"; readonly drift: Drift }
  /** `late`: two hours behind; `silent`: nothing arrives; `unreadable`: the source answers with an error. */
  | { readonly kind: "metrics"; readonly metrics: "fine" | "late" | "silent" | "unreadable" }
  | { readonly kind: "reach"; readonly reachable: boolean }
  /** The next shift is acknowledged and not put in force. */
  | { readonly kind: "deafen" }
  | { readonly kind: "window"; readonly open: boolean }
  | { readonly kind: "ready"; readonly serving: boolean }
  /** Milliseconds; negative: a clock is set back. */
  | { readonly kind: "clock"; readonly by: number }
  /** A person runs the next passes, or the schedule does. */
  | { readonly kind: "attend"; readonly attended: boolean };

export interface Scenario {
  /** Printed with a failure: how to have it again. */
  readonly title: string;
  readonly seed: number;
  readonly weather: Weather;
  readonly strategy: Strategy;
  readonly declared: Declared;
  readonly truth: ReadonlyMap<RevisionId, Truth>;
  readonly passes: number;
  /** Milliseconds between two passes. */
  readonly every: number;
  /** By the number of the pass that follows, from 0. */
  readonly between: ReadonlyMap<number, readonly Happening[]>;
  /** By the number of the touch that follows, from 1. */
  readonly during: ReadonlyMap<number, readonly Happening[]>;
  /** Before a touch of a certain door: `target.act 2` is the second shift that is asked for. */
  readonly upon: ReadonlyMap<string, readonly Happening[]>;
  /** Two engines on one journal, interleaved touch by touch by a die. */
  readonly twins: boolean;
  /** Where twins fall asleep; null: wherever the die says. */
  readonly naps: readonly Nap[] | null;
}

/** Whoever comes to a door as the nth sleeps before it touches it, until its twin has touched as many doors as this. */
export interface Nap {
  readonly door: string;
  readonly nth: number;
  readonly touches: number;
}
