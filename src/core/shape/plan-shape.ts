// What a saved plan must look like, format 1.

import { plannedKinds } from "../model/plan.js";
import { changes, instant, stages, verdict, weight } from "./rollout-shapes.js";
import {
  both,
  listOf,
  number,
  object,
  oneOf,
  optional,
  orNull,
  type Shape,
  shallow,
  text,
  truth,
  whole,
} from "./shape.js";

const hours = object({ median: orNull(number), p90: orNull(number) });

const forecast: Shape = object({
  gate: text,
  weight,
  sessionsPerHour: number,
  unit: optional(text),
  holdHours: number,
  untilHours: number,
  hoursToPass: hours,
  hoursToFail: hours,
  smallestDrop: orNull(number),
  exposedSessions: orNull(number),
  warning: orNull(text),
});

const action: Shape = object({
  agent: text,
  kind: oneOf(...plannedKinds),
  from: orNull(text),
  to: orNull(text),
  weightFrom: weight,
  weightTo: weight,
  because: text,
  code: orNull(text),
  hint: orNull(text),
  earliest: orNull(instant),
  opinions: listOf(object({ gate: text, stage: whole(0), verdict })),
  changes,
  warnings: listOf(text),
  progress: orNull(object({ rollout: text, stage: whole(0), stages, attempt: whole(1), paused: truth })),
  queued: orNull(text),
  forecast: listOf(forecast),
  basis: object({ lineage: text, epoch: whole(0), serial: whole(0), live: text }),
});

const plan: Shape = object({
  format: whole(1, 1),
  spec: text,
  madeAt: instant,
  validUntil: instant,
  actions: listOf(action),
});

export const planShape: Shape = both(shallow, plan);
