// The second act's questions: is everything where the journal and the spec want it, and was a failing canary left alone?

import { isDeepStrictEqual } from "node:util";
import { type Components, components } from "../../core/model/revision.js";
import { replay } from "../../core/rollout/replay.js";
import { clockAt, holds } from "./course-checkers.js";
import { confirmedWeight, type Ledger, reachedWeight, type Trip, watchingGate } from "./ledger.js";
import type { Seat } from "./seat.js";
import type { Declared } from "./strategy.js";
import { Breach } from "./watch.js";
import { agent, content, revisionId, step, truthOf } from "./wish.js";
import type { World } from "./world.js";

/** A pass that could see everything does not leave a canary that its health gate proves worse. */
export async function checkFailing(world: World, seat: Seat): Promise<void> {
  const { trip } = world.watch.ledger;
  const { pass } = seat;
  if (trip === null || trip.turned !== null || pass.troubles > 0 || !pass.readable || pass.moves.length > 0) return;
  const index = watchingGate(trip);
  const stage = index === null ? undefined : trip.stages[index];
  if (stage?.kind !== "gate" || stage.gate.skip !== null || world.scenario.twins) return;
  const memory = await world.store.loadMemory(agent, trip.id);
  if (memory === null) return;
  const evidence = { kind: "health" as const, memory, alarms: [], completedOnly: false };
  const verdict = world.gates.judge(stage.gate, evidence, clockAt(trip, world.now));
  if (verdict.result === "fail") throw new Breach("a failing canary is turned at the next look", verdict.because);
}

/** Throws a `Breach` unless everything rests where it should. */
export async function checkRest(world: World, declared: Declared | null): Promise<void> {
  const { ledger } = world.watch;
  await checkReading(world);
  if (ledger.stable === null || ledger.retired) return;
  if (ledger.open !== null) throw new Breach(rest, `shift ${ledger.open.serial} is in doubt`);
  const shown = await world.street.observe(new AbortController().signal);
  const wanted = wantedWeight(ledger, declared);
  if (shown.kind !== "serving") throw new Breach(shows, `it shows ${shown.kind}`);
  const { route } = shown;
  if (route.stable !== ledger.stable || route.weight !== wanted)
    throw new Breach(shows, `${route.stable.slice(0, 4)} and ${route.weight} for the canary, not ${wanted}`);
  if (wanted > 0 && route.canary !== ledger.trip?.canary) throw new Breach(shows, `${route.canary} is the canary`);
  if (route.fallback !== (ledger.fallbackSince !== null))
    throw new Breach(shows, `the fallback is ${route.fallback ? "on" : "off"}`);
  const owed = [...ledger.operations].find(([, at]) => at !== "done");
  if (ledger.trip === null && declared !== null && owed !== undefined)
    throw new Breach(rest, `operation ${owed[0]} is ${owed[1]}`);
  const because = ledger.trip === null ? settledProblem(ledger, declared) : tripProblem(world, ledger.trip, declared);
  if (because !== null) throw new Breach(rest, because);
}

const rest = "every rollout comes to rest";
const shows = "the target shows what is wanted";

/** The engine's fold and the checkers' ledger read the same journal. */
async function checkReading(world: World): Promise<void> {
  const { ledger } = world.watch;
  const state = replay(agent, await world.store.history(agent));
  const cached = await world.store.load(agent);
  const folded = replay(agent, cached.entries, cached.snapshot?.state ?? replay(agent, []));
  if (!isDeepStrictEqual(folded, state)) throw new Breach("a snapshot is the fold of its entries", "it differs");
  const read = [
    state.stable,
    state.rollout?.id,
    state.rollout?.stage,
    state.rejected.length,
    state.inDoubt && state.pending !== null,
    state.fallback?.since ?? null,
  ];
  const { trip, fallbackSince } = ledger;
  const told = [ledger.stable, trip?.id, trip?.at, ledger.rejected.length, ledger.open !== null, fallbackSince];
  if (JSON.stringify(read) !== JSON.stringify(told))
    throw new Breach("everybody reads the journal alike", `${JSON.stringify(read)} and ${JSON.stringify(told)}`);
}

/** Nothing is raised for an agent that left the spec. */
function wantedWeight(ledger: Ledger, declared: Declared | null): number {
  const { trip } = ledger;
  if (trip === null) return 0;
  const reached = reachedWeight(trip);
  const mayRaise = trip.pausedSince === null && ledger.fallbackSince === null && declared !== null;
  return mayRaise ? reached : Math.min(reached, confirmedWeight(ledger));
}

/** Why a rollout may rest under way: a person paused it, or its gate waits for what will not come by itself. */
function tripProblem(world: World, trip: Trip, declared: Declared | null): string | null {
  const { ledger } = world.watch;
  const truth = world.truth(trip.canary);
  const stable = world.truth(ledger.stable ?? trip.canary);
  if (truth === undefined || stable === undefined) return `${trip.id} is of unknown revisions`;
  const weight = confirmedWeight(ledger);
  const watching = trip.stages[watchingGate(trip) ?? -1];
  const isWatched = watching?.kind === "gate" && watching.gate.skip === null;
  // Under the fallback nobody is served by it, and nothing more is seen.
  const isTold = truth.tells && stable.tells && ledger.fallbackSince === null;
  if (trip.turned !== null) return `${trip.id} turned and did not finish`;
  const drop = stable.success - truth.success;
  if (isTold && isWatched && drop > 0.05 && weight >= 100) return `${trip.id} is worse and has ${weight}`;
  if (
    trip.pausedSince !== null ||
    ledger.fallbackSince !== null ||
    declared === null ||
    isMasked(declared, trip.overrides, trip.bases)
  )
    return null;
  const stage = trip.stages[trip.at];
  if (stage?.kind !== "gate") return `${trip.id} rests at stage ${trip.at}`;
  const { gate } = stage;
  if (gate.kind === "approval") return null;
  if (gate.kind === "eval" && truth.score === null) return null;
  // What nobody can see decides nothing, whatever the policy.
  const isUndecided = drop > 0.025 && drop <= 0.05 && gate.kind === "health" && gate.undecided !== "rollback";
  if (gate.kind === "health" && (!isTold || isUndecided)) return null;
  return `${trip.id} rests at the ${gate.name} gate`;
}

/** Why what the spec asks for is not what serves. */
function settledProblem(ledger: Ledger, declared: Declared | null): string | null {
  if (declared === null || ledger.fallbackSince !== null || ledger.stable === revisionId(declared.wish)) return null;
  const wished = components(content(declared.wish));
  const serving: Components = ledger.stable === null ? {} : flat(ledger.stable);
  if (ledger.rejected.some((changes) => holds(wished, changes) && !holds(serving, changes))) return null;
  const { unfolded, unfoldedBases } = ledger;
  if (isMasked(declared, unfolded, unfoldedBases)) return null;
  const promoted = unfolded[step];
  const [now, began] = [wished[`step:${step}`], unfoldedBases[step]];
  const overridden = declared.wish.charAt(0) !== declared.registry;
  if (promoted !== undefined && !overridden && now !== promoted && (began === undefined || began === now)) return null;
  const { score } = truthOf(declared.wish);
  if (score === null || Number(score) < 0.85) return null;
  return `${declared.wish} is declared, and ${ledger.stable} serves`;
}

/** An override that is still there hides an edit that the registry got since its trip began: that holds everything. */
function isMasked(declared: Declared, overrides: Ledger["unfolded"], bases: Ledger["unfoldedBases"]): boolean {
  const [wished, registry] = [declared.wish.charAt(0), declared.registry].map((model) => `planner@${model}`);
  return wished !== registry && wished === overrides[step] && bases[step] !== undefined && registry !== bases[step];
}

function flat(revision: string): Components {
  return components(content(revision.slice(2, 4) as Declared["wish"]));
}
