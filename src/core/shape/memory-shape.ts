// What the kept memories of gates and floors must look like on the outside: one of another shape is counted again.

import { instant } from "./rollout-shapes.js";
import {
  both,
  byKind,
  listOf,
  mapOf,
  number,
  object,
  oneOf,
  optional,
  orNull,
  type Shape,
  shallow,
  text,
  whole,
} from "./shape.js";

const memory: Shape = object({
  rollout: text,
  unit: optional(oneOf("session", "user")),
  configuration: text,
  stage: whole(0),
  watermark: orNull(instant),
  horizon: number,
  metrics: mapOf(object({})),
  shared: object({}),
});

export const memoryShape: Shape = both(shallow, memory);

const counted = { limit: number, level: number, bets: listOf(number), sessions: number };
export const floorCount: Shape = byKind({
  share: { state: object({ ...counted, since: orNull(number), bad: number }) },
  mean: { state: object({ ...counted, sum: number, capped: number }) },
});
const floorWatch: Shape = object({
  count: floorCount,
  since: instant,
  proven: orNull(object({ since: instant, count: floorCount })),
});

export const floorMemoryShape: Shape = object({
  configuration: text,
  watermark: orNull(instant),
  watches: mapOf(mapOf(floorWatch)),
});
