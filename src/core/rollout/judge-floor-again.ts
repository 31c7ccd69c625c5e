// A breach of a floor judged again, from the count that its entry carries.

import { differencesIn } from "../diagnostic/differences.js";
import { breachTold, openCount, provesBreach } from "../gate/floor-count.js";
import type { FloorCount, FloorEvidence } from "../model/floor.js";
import type { Event } from "../model/journal.js";
import { canonicalJson } from "../model/revision.js";
import type { AgentState } from "../model/state.js";
import { day } from "../model/units.js";

type Breached = Extract<Event, { kind: "floor-breached" }>;

interface FloorAgain {
  /** Sentences. */
  readonly differences: readonly string[];
  readonly notJudged: string | null;
  readonly otherWords: string | null;
}

/** `state`: the fold of what stands before the entry. */
export function judgeFloorAgain(state: AgentState, event: Breached): FloorAgain {
  const { evidence } = event;
  if (evidence === undefined) return { differences: [], notJudged: beforeEvidence, otherWords: null };
  try {
    return judged(state, event, evidence);
  } catch {
    // What counts and floors cannot be, their own functions refuse.
    const because = "the count that it carries cannot be judged: it is not what a floor counts";
    return { differences: [because], notJudged: null, otherWords: null };
  }
}

const beforeEvidence = "recorded before breaches carried the counts that prove them";

function judged(state: AgentState, event: Breached, evidence: FloorEvidence): FloorAgain {
  const told = breachTold({ arm: event.arm, since: event.since, evidence });
  const differences = [
    ...placeDifferences(state, event, evidence),
    ...countDifferences(event, evidence),
    ...differencesIn({ figures: event.figures }, told, "").map(
      ({ place, recorded, found }) => `its ${place} is ${recorded}, and its count gives ${found}`,
    ),
  ];
  const otherWords = differences.length === 0 && told.because !== event.because ? told.because : null;
  return { differences, notJudged: null, otherWords };
}

/** Whose breach it is, and that the floor is one of those frozen with the rollout. */
function placeDifferences({ stable, rollout }: AgentState, event: Breached, { floor }: FloorEvidence) {
  const differences: string[] = [];
  if (event.rollout !== (rollout?.id ?? null))
    differences.push(`it names ${event.rollout ?? "no rollout"}, and ${rollout?.id ?? "none"} is under way`);
  const served = event.arm === "stable" ? stable : (rollout?.canary ?? null);
  if (event.revision !== served)
    differences.push(`it is of ${event.revision}, and ${served ?? "nothing"} was the ${event.arm}`);
  if (event.metric !== floor.metric) differences.push(`it is of ${event.metric}, and its floor is of ${floor.metric}`);
  const frozen = rollout === null || rollout.floors.some((other) => canonicalJson(other) === canonicalJson(floor));
  if (!frozen) differences.push("its floor is none of those that were frozen with the rollout");
  return differences;
}

/** That the counts belong to the floor and to the day, and prove what is said. */
function countDifferences(event: Breached, { floor, count, other }: FloorEvidence): readonly string[] {
  const differences: string[] = [];
  const counts = other === null ? [count] : [count, other];
  if (counts.some((one) => !fits(one, openCount(floor))))
    differences.push("its count was made for another floor than the one that it carries");
  if (counts.some((one) => !isOfDay(one, event.since))) differences.push("its count is of another day");
  if (!provesBreach(count)) differences.push("it says breach, and its count proves none");
  if (event.both !== (other !== null && provesBreach(other)))
    differences.push(`it says that ${event.both ? "both arms" : "one arm"} breached, and its counts do not`);
  return differences;
}

/** The same kind of count, with the same bets against the same limit, at the same level. */
function fits(count: FloorCount, opened: FloorCount): boolean {
  const { limit, level, bets } = opened.state;
  const { state } = count;
  return (
    count.kind === opened.kind && state.limit === limit && state.level === level && state.bets.length === bets.length
  );
}

function isOfDay(count: FloorCount, since: number): boolean {
  if (count.kind !== "share") return true;
  const from = count.state.since;
  return from !== null && from >= since && from < since + day;
}
