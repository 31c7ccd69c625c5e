// Stories that nobody wrote: a seed draws the strategy, what people and strangers do, the clock and the weather.

import type { Command } from "../../core/model/journal.js";
import { day, hour, minute } from "../../core/model/units.js";
import { createDie, type Die } from "./die.js";
import type { Drift, Happening, Scenario } from "./scenario.js";
import type { Declared, Strategy } from "./strategy.js";
import { storm } from "./weather.js";
import { truths, type Wish, wishes } from "./wish.js";

/** The same seed draws the same story. */
export function drawStorm(
  seed: number,
  options: { readonly twins?: boolean; readonly switches?: boolean } = {},
): Scenario {
  const die = createDie(seed);
  const passes = 8 + die.below(8);
  const severity = die.pick([0, 0.3, 1, 1, 2]);
  const rates = { reads: 0.01 * severity, effects: 0.06 * severity };
  const drawn: Scenario = {
    title: `${options.twins ? "twins" : "storm"} ${seed}${options.switches ? ", switching" : ""}`,
    seed,
    weather: storm(seed, rates),
    strategy: drawStrategy(die),
    declared: { wish: "a1", registry: "a" },
    truth: truths,
    passes,
    every: die.pick([10 * minute, 35 * minute, 65 * minute, 65 * minute, 3 * hour]),
    between: drawBetween(die, passes),
    during: drawDuring(die, options.twins ? 10 : 4),
    upon: new Map(),
    twins: options.twins ?? false,
    naps: null,
  };
  return options.switches ? { ...drawn, ...withSwitches(drawn) } : drawn;
}

/** The same story, in which the fallback is switched on and off too: by a die of its own, so that stories without it stay what they are. */
function withSwitches({ seed, passes, between, during }: Scenario): Pick<Scenario, "between" | "during"> {
  const die = createDie(seed + 4_711);
  const passing = new Map(between);
  for (let pass = 2; pass < passes; pass++) {
    if (die.chance(0.5)) passing.set(pass, [...(between.get(pass) ?? []), drawSwitch(die)]);
  }
  const touching = new Map(during);
  for (let count = die.below(6); count > 0; count--) {
    const touch = 40 + die.below(300);
    touching.set(touch, [...(touching.get(touch) ?? []), drawSwitch(die)]);
  }
  return { between: passing, during: touching };
}

function drawSwitch(die: Die): Happening {
  if (die.chance(0.25)) return { kind: "drift", drift: die.pick(["fallback", "glass fallback"]) };
  return { kind: "fallback", on: die.chance(0.4) };
}

function drawStrategy(die: Die): Strategy {
  return {
    ramp: die.pick(["short", "steps", "steps", "careful", "skipping"]),
    undecided: die.pick(["hold", "rollback", "proceed"]),
    onDrift: die.pick(["correct", "correct", "report"]),
    onNewRevision: die.pick(["queue", "supersede"]),
  };
}

/** People come and adopt, then the schedule takes over; the first change comes soon. */
function drawBetween(die: Die, passes: number): Scenario["between"] {
  const declare = declaring(die);
  const between = new Map<number, Happening[]>();
  for (let pass = 1; pass < passes; pass++) {
    const happenings: Happening[] = pass === 2 ? [{ kind: "attend", attended: false }] : [];
    if (pass === 2) happenings.push(declare());
    if (pass > 2 && die.chance(0.2)) happenings.push(declare());
    while (pass > 1 && die.chance(0.4)) happenings.push(drawHappening(die));
    between.set(pass, happenings);
  }
  return between;
}

function drawDuring(die: Die, most: number): Scenario["during"] {
  const during = new Map<number, Happening[]>();
  const count = die.below(most);
  for (let index = 0; index < count; index++) during.set(40 + die.below(300), [drawHappening(die)]);
  return during;
}

/** What a team declares next: the same folded, what it had before, or something new. */
function declaring(die: Die): () => Happening {
  let now: Declared = { wish: "a1", registry: "a" };
  let before = now;
  return () => {
    if (die.chance(0.05)) return { kind: "declare", declared: null };
    const wish = die.chance(0.7) ? die.pick(likely) : die.pick(wishes);
    const fresh: Declared = { wish, registry: die.pick([now.registry, now.registry, wish.charAt(0)]) };
    const folded: Declared = { wish: now.wish, registry: now.wish.charAt(0) };
    const next = now === before ? fresh : die.pick([fresh, fresh, fresh, folded, before]);
    [before, now] = [now, next];
    return { kind: "declare", declared: next };
  };
}

const likely: readonly Wish[] = ["a1", "b1", "b1", "c1", "b2", "a2", "c2", "d1", "a4"];

const commands: readonly Command[] = ["pause", "resume", "resume", "proceed", "promote", "abort", "correct", "retry"];
const drifts: readonly Drift[] = ["less", "gone", "more", "stranger", "deleted", "foreign", "glass"];

function drawHappening(die: Die): Happening {
  switch (die.below(13)) {
    case 0:
    case 1:
    case 2:
      return { kind: "command", command: die.pick(commands) };
    case 3:
      return { kind: "approve" };
    case 4:
      return { kind: "undo" };
    case 5:
      return { kind: "break", broken: die.chance(0.4) };
    case 6:
      return { kind: "drift", drift: die.pick(drifts) };
    case 7:
      return { kind: "metrics", metrics: die.pick(["fine", "fine", "late", "silent", "unreadable"]) };
    case 8:
      return { kind: "reach", reachable: die.chance(0.7) };
    case 9:
      return die.chance(0.5) ? { kind: "deafen" } : { kind: "ready", serving: die.chance(0.6) };
    case 10:
      return { kind: "window", open: die.chance(0.6) };
    case 11:
      return { kind: "clock", by: die.pick([-10 * minute, -hour, 20 * minute, hour, 6 * hour, day]) };
    default:
      return { kind: "attend", attended: die.chance(0.3) };
  }
}
