// What a gate is expected to need, in one sentence: said before anything is live.

import type { GateForecast } from "../core/model/plan.js";
import { hour } from "../core/model/units.js";
import { countText, numberText, weightText } from "./amount-text.js";
import { glue } from "./layout.js";
import { durationText } from "./time-text.js";

/** `canary gate at 5 %: a pass takes about 31 h (9 of 10 within 44 h), the stage lasts 24 h to 48 h; at 40 sessions an hour; …` */
export function forecastText(forecast: GateForecast): string {
  const { gate, weight, holdHours, untilHours, sessionsPerHour, smallestDrop, exposedSessions } = forecast;
  const { unit = "session" } = forecast;
  const facts = [
    `${gate} gate at ${weightText(weight)}: ${passText(forecast)}, the stage lasts ${hoursText(holdHours)} to ${hoursText(untilHours)}`,
    `${numberText(Math.round(sessionsPerHour * 10) / 10)} ${unit}s an hour${unit === "user" ? ", each counted once at a weight" : ""}`,
  ];
  if (smallestDrop !== null) facts.push(`it would see a drop of ${(smallestDrop * 100).toFixed(1)} pp of task success`);
  if (exposedSessions !== null)
    facts.push(`a canary at the margin would reach about ${countText(Math.round(exposedSessions), unit)}`);
  return facts.join("; ");
}

function passText({ hoursToPass: { median, p90 } }: GateForecast): string {
  if (median === null) return "a pass is not in sight at this traffic";
  const within = p90 === null ? "" : ` (9 of 10 within ${hoursText(p90)})`;
  return `a pass takes about ${hoursText(median)}${within}`;
}

/** Stages are declared in hours, so even days of them are said in hours. */
function hoursText(hours: number): string {
  return hours < 1 ? durationText(hours * hour) : `${numberText(Math.round(hours))}${glue}h`;
}
