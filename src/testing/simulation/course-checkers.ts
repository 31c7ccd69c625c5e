// What must hold when a gate is left, a rollout starts or turns, and when something is done in a person's place.

import { isDeepStrictEqual } from "node:util";
import type { Gate, GateClock, Stage } from "../../core/model/gate.js";
import type { Event, Judgement } from "../../core/model/journal.js";
import type { ComponentChange, Components } from "../../core/model/revision.js";
import { day, type Instant } from "../../core/model/units.js";
import type { EntryChecker, Facts, Reading } from "./entry-checkers.js";
import { confirmedWeight, type Ledger, type Trip, watchingGate } from "./ledger.js";

export const courseCheckers: readonly EntryChecker[] = [
  {
    name: "stages are left one by one, by evidence or a recorded exemption",
    check({ ledger: { trip }, event }) {
      if (event.kind !== "gate-judged" && event.kind !== "gate-exempted") return null;
      if (trip === null || trip.id !== event.rollout) return `${event.rollout} is not under way`;
      if (trip.turned !== null) return "it had turned";
      if (event.kind === "gate-judged" && event.verdict.result === "fail") return null;
      if (event.stage !== trip.at) return `stage ${event.stage} is left at stage ${trip.at}`;
      const gate = gateAt(trip, event.stage);
      if (gate === null) return "no gate stands there";
      if (event.kind === "gate-exempted") return exemptionProblem(gate, event, trip);
      if (event.verdict.result !== "pass") return "it waits";
      return event.evidence.kind === gate.kind ? null : `its evidence is ${event.evidence.kind}`;
    },
  },
  {
    name: "verdicts follow again from the recorded evidence",
    check({ ledger: { trip }, event, facts }) {
      if (event.kind === "floor-breached") return event.evidence === undefined ? nothingToJudge : null;
      const judged = judgedIn(event);
      if (judged === null || trip === null) return null;
      if (judged === undefined) return nothingToJudge;
      const gate = gateAt(trip, event.kind === "gate-judged" ? event.stage : trip.at);
      if (gate === null) return "no gate stands there";
      const { result } = judged.verdict;
      const again = facts.gates.judge(gate, judged.evidence, clockAt(trip, event.at));
      return again.result === result ? null : `${result} was ${again.result}: ${again.because}`;
    },
  },
  {
    name: "an approval is of this revision, and given for this rise",
    check({ ledger: { trip }, event }) {
      if (event.kind !== "gate-judged" || event.verdict.result !== "pass" || trip === null) return null;
      if (event.evidence.kind !== "approval") return null;
      const since = trip.weightSince ?? 0;
      const given = event.evidence.approvals.some(({ revision, at }) => revision === trip.canary && at >= since);
      return given ? null : `nobody approved ${trip.canary} since ${since}`;
    },
  },
  {
    name: "a bad or silent canary never passes a gate",
    check({ ledger: { trip, stable }, event, facts }) {
      if (event.kind !== "gate-judged" || event.verdict.result !== "pass" || trip === null) return null;
      const truth = facts.truth.get(trip.canary);
      const least = (facts.truth.get(stable ?? trip.canary)?.success ?? 1) - 0.05;
      const gate = gateAt(trip, event.stage);
      if (truth === undefined) return "nobody knows this revision";
      if (gate?.kind === "eval") return Number(truth.score ?? 0) >= 0.85 ? null : `its score is ${truth.score}`;
      if (gate?.kind !== "health") return null;
      return truth.tells && truth.success >= least ? null : `its success is ${truth.tells ? truth.success : "unknown"}`;
    },
  },
  {
    name: "evidence holds no more sessions than its stage served",
    check({ ledger: { trip }, event, facts }) {
      if (event.kind !== "gate-judged" || event.evidence.kind !== "health" || trip?.weightSince == null) return null;
      const counted = facts.gates.sessions(event.evidence.memory, trip.weightSince) ?? 0;
      const served = facts.served(trip.canary, trip.weightSince);
      return counted <= served + 1 ? null : `${counted} sessions counted, ${served} served`;
    },
  },
  {
    name: "a rejected change never starts by itself",
    check({ ledger, event, author, facts }) {
      if (event.kind !== "rollout-started" || author === null || ledger.stable === null) return null;
      const canary = facts.components(event.canary);
      const stable = facts.components(ledger.stable);
      const again = ledger.rejected.find((changes) => holds(canary, changes) && !holds(stable, changes));
      return again === undefined
        ? null
        : `it holds ${again.map(({ component, to }) => `${component}=${to}`).join(", ")}`;
    },
  },
  {
    name: "one canary at a time, and each for a reason",
    check: ({ ledger, event, author, facts }) =>
      event.kind === "rollout-started" ? startProblem(ledger, event, author === null ? null : facts.stages) : null,
  },
  {
    name: "a rollout turns for the reason that is written",
    check: (reading) => turnProblem(reading),
  },
  {
    name: "with an invalid spec nothing is raised, started or left",
    check({ ledger, event, author }) {
      if (author === null || !author.seat.watchOnly) return null;
      if (event.kind === "shift-begun" && ledger.trip?.origin !== "undo")
        return event.route.weight <= confirmedWeight(ledger) || event.route.canary === null
          ? null
          : `${event.route.weight} while only watching`;
      const leaves =
        event.kind === "gate-exempted" || (event.kind === "gate-judged" && event.verdict.result === "pass");
      const begins =
        event.kind === "rollout-started" || event.kind === "agent-adopted" || event.kind === "agent-retired";
      return leaves || begins ? `${event.kind} while only watching` : null;
    },
  },
  {
    name: "a canary that the spec no longer asks for is not raised",
    check({ ledger, event, author, facts }) {
      const { trip } = ledger;
      if (event.kind !== "shift-begun" || author === null || trip === null || trip.origin !== "spec") return null;
      if (trip.promoting || event.route.weight <= confirmedWeight(ledger)) return null;
      return withdrawnProblem(trip, author, facts) === null ? `${event.route.weight} for ${trip.id}` : null;
    },
  },
  {
    name: "only a person adopts, retires, approves and commands",
    check({ ledger, event, author }) {
      if (author === null) return null;
      if (event.kind === "agent-adopted" && ledger.stable !== null && !ledger.retired) return "it is adopted";
      if (event.kind === "agent-retired" && ledger.trip !== null) return `${ledger.trip.id} is under way`;
      if (event.kind === "agent-adopted" || event.kind === "agent-retired")
        return author.seat.attended ? null : `${event.kind} with nobody watching`;
      return event.kind === "commanded" || event.kind === "approved" || event.kind === "recovered"
        ? `${event.kind} by an engine`
        : null;
    },
  },
  {
    name: "an operation is begun when it is owed and done once",
    check({ ledger, event, facts }) {
      if (event.kind === "operation-begun") {
        const known = ledger.operations.get(event.operation.id);
        if (known === undefined) return `nothing owes ${event.operation.id}`;
        if (known === "done") return `${event.operation.id} is done`;
        return event.operation.revision === ledger.stable ? null : "another revision was promoted since";
      }
      if (event.kind !== "operation-done") return null;
      if (ledger.operations.get(event.id) !== "begun") return `${event.id} was not begun`;
      return facts.performed(event.id) === 1 ? null : `it was performed ${facts.performed(event.id)} times`;
    },
  },
];

const nothingToJudge = "it carries nothing that it could be judged from again";

/** What an entry says that it was judged from; null for what is not judged. */
function judgedIn(event: Event): Judgement | null | undefined {
  if (event.kind === "gate-judged") return event;
  const byPolicy =
    (event.kind === "gate-exempted" && event.exemption === "policy") ||
    (event.kind === "rollout-turned" && event.cause === "undecided");
  return byPolicy ? event.judged : null;
}

function gateAt(trip: Trip, index: number): Gate | null {
  const stage = trip.stages[index];
  return stage?.kind === "gate" ? stage.gate : null;
}

/** The clock of the trip's active gate. */
export function clockAt(trip: Trip, now: Instant): GateClock {
  const { stoppedSince, unservedSince, weightSince, startedAt, canary } = trip;
  const pausedFor = trip.pausedFor + Math.max(0, now - (stoppedSince ?? now));
  const unservedFor = trip.unservedFor + Math.max(0, now - (unservedSince ?? now));
  return {
    now,
    since: weightSince ?? startedAt,
    pausedFor: pausedFor as never,
    unservedFor: unservedFor as never,
    canary,
  };
}

function exemptionProblem(gate: Gate, event: Extract<Event, { kind: "gate-exempted" }>, trip: Trip): string | null {
  const clock = clockAt(trip, event.at);
  if (event.exemption === "skip") {
    if (gate.skip === null) return "no reviewed reason to skip it";
    return gate.kind !== "health" || clock.now >= clock.since + gate.hold ? null : "its hold is not over";
  }
  if (gate.kind !== "health" || typeof gate.undecided === "string") return "no reviewed policy";
  return clock.now >= clock.since + gate.until + clock.pausedFor ? null : "its time is not over";
}

function startProblem(
  ledger: Ledger,
  event: Extract<Event, { kind: "rollout-started" }>,
  stages: readonly Stage[] | null,
): string | null {
  const { trip, stable, previous } = ledger;
  if (event.canary === stable) return "it is what serves already";
  if (trip !== null) {
    if (trip.turned !== null) return `${trip.id} is on its way back`;
    if (trip.at >= trip.stages.length && confirmedWeight(ledger) === 10_000) return `${trip.id} is at its end`;
  }
  if (event.origin === "undo") return stages === null ? null : "an engine does not undo";
  if (event.origin === "spec")
    return sameStages(event.stages, stages) ? null : "these are not the stages of its strategy";
  const recent = previous !== null && event.at - previous.leftAt <= 7 * day;
  return previous?.revision === event.canary && recent ? null : "it is not what was left a short time ago";
}

function sameStages(stages: readonly Stage[], expected: readonly Stage[] | null): boolean {
  return expected !== null && isDeepStrictEqual(stages, expected);
}

function turnProblem({ ledger, event, author, facts }: Reading): string | null {
  const { trip } = ledger;
  if (event.kind === "gate-judged" && event.verdict.result === "fail" && trip !== null) {
    const expected = [trip.at, watchingGate(trip)].includes(event.stage);
    return expected && event.evidence.kind !== "missing" ? null : `stage ${event.stage} does not speak now`;
  }
  if (event.kind === "floor-breached") return floorProblem(ledger, event);
  if (event.kind !== "rollout-turned") return null;
  if (trip === null || trip.id !== event.rollout) return `${event.rollout} is not under way`;
  if (trip.turned !== null) return "it had turned";
  if (event.cause === "withdrawn") return author === null ? null : withdrawnProblem(trip, author, facts);
  const gate = gateAt(trip, trip.at);
  if (gate?.kind !== "health" || gate.undecided !== "rollback") return "no policy rolls back here";
  const clock = clockAt(trip, event.at);
  return clock.now >= clock.since + gate.until + clock.pausedFor ? null : "its time is not over";
}

function floorProblem({ trip, stable }: Ledger, event: Extract<Event, { kind: "floor-breached" }>): string | null {
  if (event.rollout !== (trip?.id ?? null)) return `${event.rollout} is not under way`;
  if (event.arm === "stable") return event.revision === stable ? null : "this is not what is stable";
  if (trip === null || trip.turned !== null) return "no canary is on its way forward";
  return event.revision === trip.canary ? null : "this is not the canary";
}

function withdrawnProblem(trip: Trip, { seat }: NonNullable<Reading["author"]>, facts: Facts): string | null {
  if (seat.declared === null) return seat.attended ? null : "nobody watches, and the agent left the spec";
  const wished = facts.components(`r-${seat.declared.wish.repeat(32)}` as Trip["canary"]);
  return holds(wished, trip.changes) ? "the spec still asks for it" : null;
}

export function holds(present: Components, changes: readonly ComponentChange[]): boolean {
  return changes.every(({ component, to }) => (present[component] ?? null) === to);
}
