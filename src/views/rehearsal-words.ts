// Words that rehearsals of a ramp share: legs, hours, shares.

import { hour, type RevisionId, shortRevision } from "../core/model/units.js";
import { numberText, weightText } from "./amount-text.js";
import { glue } from "./layout.js";
import { durationText } from "./time-text.js";
import type { BacktestView, RehearsedLeg, SimulatedScenario, TypicalHours } from "./view.js";

/** `5 % for 24 h to 48 h, then 50 % for 24 h to 48 h, then 100 %`. */
export function legsText(legs: readonly RehearsedLeg[]): string {
  const each = legs.map(({ weight, holdHours, untilHours, skipped }) => {
    const time = `${hoursText(holdHours)} to ${hoursText(untilHours)}`;
    return `${weightText(weight)} for ${skipped ? `${hoursText(holdHours)} (its gate is skipped)` : time}`;
  });
  return [...each, `100${glue}%`].join(", then ");
}

/** Ramps are declared in hours, so even days of them are said in hours. */
export function hoursText(hours: number): string {
  if (hours < 1) return durationText(hours * hour);
  return `${hours < 10 ? numberText(Math.round(hours * 10) / 10) : numberText(Math.round(hours))}${glue}h`;
}

/** `26 h (9 of 10 within 31 h)`. */
export function typicalText(typical: NonNullable<TypicalHours>): string {
  return `${hoursText(typical.median)} (9 of 10 within ${hoursText(typical.p90)})`;
}

/** A share of the runs, as people say it: `97.5 %`, `0 %`. */
export function shareText(count: number, runs: number): string {
  const percent = runs === 0 ? 0 : (100 * count) / runs;
  return `${Number(percent.toFixed(1))}${glue}%`;
}

/** How the runs of a scenario ended, in the order in which they are drawn. */
export const endings = [
  { key: "promoted", word: "promoted" },
  { key: "rolledBack", word: "rolled back" },
  { key: "waits", word: "left waiting" },
] as const satisfies readonly { readonly key: keyof SimulatedScenario; readonly word: string }[];

/** `rolled back after 3.2 h at 5 %`. */
export function endText({ end }: BacktestView): string {
  const at = weightText(end.weight);
  switch (end.kind) {
    case "promoted":
      return `promoted after ${hoursText(end.hours)}`;
    case "rolled-back":
      return `rolled back after ${hoursText(end.hours)} at ${at}`;
    case "waits":
      return `undecided after ${hoursText(end.hours)} at ${at}, and a person is asked`;
    case "open":
      return `still waiting at ${at} when the records end, after ${hoursText(end.hours)}`;
  }
}

/** `rolls back after 5 h: 5 failed checks, …`; or that it lets the canary through. */
export function rivalText({ rollback }: BacktestView["rivals"][number]): string {
  if (rollback === null) return "lets the canary through";
  return `rolls back after ${hoursText(rollback.hours)}: ${rollback.because}`;
}

/** Revisions of ours by their short form; other names as they stand in the records. */
export function recordedRevision(revision: RevisionId): string {
  return /^r-[0-9a-f]{64}$/.test(revision) ? shortRevision(revision) : revision;
}
