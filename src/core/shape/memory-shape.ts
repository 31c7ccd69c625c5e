// What the kept memories of gates and floors must look like on the outside: one of another shape is counted again.

import { instant } from "./rollout-shapes.js";
import {
  anything,
  both,
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

export const floorMemoryShape: Shape = object({
  configuration: text,
  watermark: orNull(instant),
  watches: mapOf(mapOf(anything)),
});
