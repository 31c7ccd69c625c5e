// One reader for each unit that the schema names in `x-unit`.

import { parseDuration } from "./duration.js";
import { parseCeiling, parsePoints, parseRate, parseRelative } from "./margin.js";
import { parseModelReference } from "./model-reference.js";
import type { Parsed } from "./parsed.js";
import { parseGlob, parsePath } from "./repository-path.js";
import { parseScore } from "./score.js";
import { parseStateAddress } from "./state-address.js";
import { parseWeight } from "./weight.js";
import { parseDays, parseHours, parseInstant } from "./window-times.js";
import { parseZone } from "./zone.js";

const readers = {
  duration: parseDuration,
  weight: parseWeight,
  points: parsePoints,
  relative: parseRelative,
  rate: parseRate,
  ceiling: parseCeiling,
  score: parseScore,
  model: parseModelReference,
  path: parsePath,
  glob: parseGlob,
  state: parseStateAddress,
  days: parseDays,
  hours: parseHours,
  instant: (input: unknown) => parseInstant(input, "UTC", "start"),
  zone: parseZone,
} satisfies Record<string, (input: unknown) => Parsed<unknown>>;

export type Unit = keyof typeof readers;

export function parseUnit(unit: Unit, input: unknown): Parsed<unknown> {
  return readers[unit](input);
}
