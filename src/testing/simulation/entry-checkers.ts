// What must hold of every entry, asked before the ledger takes it in. Each checker answers what is wrong, or null.

import type { Stage } from "../../core/model/gate.js";
import type { Entry, Event } from "../../core/model/journal.js";
import type { Components } from "../../core/model/revision.js";
import type { Instant, RevisionId } from "../../core/model/units.js";
import type { Gates } from "./gates.js";
import { confirmedWeight, type Ledger, reachedWeight } from "./ledger.js";
import type { Author } from "./seat.js";
import type { Strategy } from "./strategy.js";
import type { Truth } from "./wish.js";

/** What the simulated world knows and no engine does. */
export interface Facts {
  readonly truth: ReadonlyMap<RevisionId, Truth>;
  readonly gates: Gates;
  readonly strategy: Strategy;
  /** What the strategy unfolds to. */
  readonly stages: readonly Stage[];
  readonly components: (revision: RevisionId) => Components;
  /** Whether the shift with this serial was put in force, ever. */
  readonly landed: (serial: number) => boolean;
  /** Sessions of a revision that started since then. */
  readonly served: (revision: RevisionId, from: Instant) => number;
  /** How often an operation was performed, in truth. */
  readonly performed: (operation: string) => number;
  /** The canary's share that strangers left, and nobody has noticed or undone yet. */
  readonly lowered: () => number | null;
  /** It was lowered under a higher epoch: nothing of ours can have done it. */
  readonly brokeGlass: () => boolean;
  /** Somebody switched the fallback on at the target, and no engine has set it since. */
  readonly switched: () => boolean;
  /** By breaking the glass, and neither the journal nor a person has said anything of it since. */
  readonly brokenFallback: () => boolean;
}

export interface Reading {
  readonly ledger: Ledger;
  readonly entry: Entry;
  readonly event: Event;
  /** Null: a person, by hand. */
  readonly author: Author | null;
  /** Whose intent is open. */
  readonly opener: Author | null;
  readonly facts: Facts;
}

export interface EntryChecker {
  readonly name: string;
  check(reading: Reading): string | null;
}

export const shiftCheckers: readonly EntryChecker[] = [
  {
    name: "serials follow one another and time never goes back",
    check: ({ ledger, entry, event }) =>
      entry.serial === ledger.serial + 1 && event.at >= ledger.at
        ? null
        : `entry ${entry.serial} at ${event.at} follows ${ledger.serial} at ${ledger.at}`,
  },
  {
    name: "an intent gives no stranger any traffic",
    check({ ledger: { stable, trip }, event }) {
      if (event.kind !== "shift-begun") return null;
      const { route } = event;
      if (route.stable !== stable) return `${route.stable} is not what traffic rests on`;
      if (route.canary === null) return route.weight === 0 ? null : "a weight without a canary";
      return route.canary === trip?.canary && route.rollout === trip.id ? null : `${route.canary} is not under way`;
    },
  },
  {
    name: "nothing gives traffic to a canary that turned",
    check({ ledger: { trip }, event }) {
      if (event.kind !== "shift-begun" || event.route.weight === 0 || trip === null) return null;
      return trip.turned === null ? null : `${event.route.weight} after it turned (${trip.turned})`;
    },
  },
  {
    name: "the canary gets no more than the stages reached allow",
    check({ ledger: { trip }, event }) {
      if (event.kind !== "shift-begun" || trip === null || trip.turned !== null) return null;
      const reached = reachedWeight(trip);
      return event.route.weight <= reached ? null : `${event.route.weight} where ${reached} is reached`;
    },
  },
  {
    name: "nothing is raised while paused",
    check({ ledger, event }) {
      const { trip } = ledger;
      if (trip === null || trip.pausedSince === null) return null;
      if (event.kind === "shift-begun")
        return event.route.weight <= confirmedWeight(ledger) ? null : `${event.route.weight} while paused`;
      const leaves =
        event.kind === "gate-exempted" || (event.kind === "gate-judged" && event.verdict.result === "pass");
      return leaves ? "a gate was left while paused" : null;
    },
  },
  {
    name: "nothing is raised, started or left while the fallback is on",
    check({ ledger, event, author }) {
      if (ledger.fallbackSince === null) return null;
      if (event.kind === "shift-begun")
        return event.route.weight <= confirmedWeight(ledger) ? null : `${event.route.weight} under the fallback`;
      if (event.kind === "rollout-started") return author === null ? null : `${event.id} starts under the fallback`;
      if (event.kind === "rollout-finished" && event.outcome === "promoted") return `${event.rollout} is promoted`;
      const leaves =
        event.kind === "gate-exempted" || (event.kind === "gate-judged" && event.verdict.result === "pass");
      return leaves ? "a gate was left under the fallback" : null;
    },
  },
  {
    name: "the fallback is switched by people alone",
    check({ ledger, event, author, facts }) {
      if (event.kind === "fallback-switched") return author === null ? null : "an engine switched it";
      const isOn = ledger.fallbackSince !== null;
      if (event.kind === "drift-found")
        return !event.fallback || facts.switched() ? null : "nobody switched it on at the target";
      if (event.kind !== "shift-begun") return null;
      return event.route.fallback === isOn ? null : `it is set ${event.route.fallback ? "on" : "off"}`;
    },
  },
  {
    name: "what others lowered is not raised without a person",
    check({ ledger, event, author, facts }) {
      const lowered = facts.lowered();
      const saw = author?.seat.sawLowered ?? null;
      if (event.kind !== "shift-begun" || lowered === null || saw === null) return null;
      const ours = [confirmedWeight(ledger), ledger.open?.route.weight ?? confirmedWeight(ledger)];
      const known = facts.brokeGlass() ? Math.max(...ours) : Math.min(...ours);
      return lowered < known && event.route.weight > lowered ? `from ${lowered} to ${event.route.weight}` : null;
    },
  },
  {
    name: "a shift ends when its own engine has read it back",
    check({ ledger: { open }, entry, event, author, opener, facts }) {
      if (event.kind !== "shift-done") return null;
      if (open === null) return "no shift is open";
      if (entry.serial !== open.serial + 1) return `entries came between ${open.serial} and its end`;
      if (author === null || author.seat !== opener?.seat || author.life !== opener.life)
        return "another engine began it";
      if (!author.seat.readBack) return "the target was not read after the shift";
      return facts.landed(open.serial) ? null : "the shift was never put in force";
    },
  },
  {
    name: "doubt is overtaken before anything else is settled",
    check({ ledger: { open }, event }) {
      const settles =
        event.kind === "rollout-finished" || (event.kind === "gate-judged" && event.verdict.result === "pass");
      return open !== null && settles ? `the end of shift ${open.serial} is not known` : null;
    },
  },
  {
    name: "a rollout finishes once, when its traffic says so",
    check({ ledger, event }) {
      if (event.kind !== "rollout-finished") return null;
      const { trip, inForce } = ledger;
      if (trip === null || trip.id !== event.rollout) return `${event.rollout} is not under way`;
      if (event.outcome === "promoted") {
        if (trip.turned !== null) return "it had turned";
        return confirmedWeight(ledger) === 10_000 ? null : `the canary has ${confirmedWeight(ledger)}`;
      }
      if (trip.turned === null) return "it had not turned";
      if ((trip.turned === "withdrawn") !== (event.outcome === "withdrawn")) return `it had turned by ${trip.turned}`;
      return inForce === null || inForce.weight === 0 ? null : `a canary still has ${inForce.weight}`;
    },
  },
];
