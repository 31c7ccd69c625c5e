// What an entry of a journal must look like, whoever wrote it: format 1, with what its older entries lack left optional.

import type { EventBody } from "../model/journal.js";
import { floorCount } from "./memory-shape.js";
import { breach, floor, instant, operation, rolloutStart, route, target, verdict } from "./rollout-shapes.js";
import {
  anything,
  both,
  byKind,
  mapOf,
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

const evidence = object({ kind: text });
const fallback = optional(truth);
const judged = optional(object({ verdict, evidence }));

const bodies: Readonly<Record<EventBody["kind"], Readonly<Record<string, Shape>>>> = {
  "agent-adopted": { stable: text, from: oneOf("live", "registry"), why: text, target, fallback },
  "rollout-started": rolloutStart,
  "gate-judged": { rollout: text, stage: whole(0), verdict, evidence },
  "gate-exempted": { rollout: text, stage: whole(0), exemption: oneOf("skip", "policy"), because: text, judged },
  "shift-begun": { route },
  "shift-done": {},
  "drift-found": { live: route, fallback },
  "floor-breached": {
    ...breach,
    rollout: orNull(text),
    both: truth,
    because: text,
    figures: mapOf(anything),
    runbook: orNull(text),
    evidence: optional(object({ floor, count: floorCount, other: orNull(floorCount) })),
  },
  "rollout-turned": { rollout: text, cause: oneOf("undecided", "withdrawn"), because: text, judged },
  "rollout-finished": { rollout: text, outcome: oneOf("promoted", "rolled-back", "withdrawn") },
  commanded: {
    command: oneOf("pause", "resume", "proceed", "promote", "abort", "correct", "retry"),
    why: text,
    incident: optional(text),
  },
  approved: { revision: text },
  "fallback-switched": { on: truth, because: text },
  "overrides-settled": {},
  "operation-begun": { operation },
  "operation-done": { id: text, result: text },
  "operation-failed": { id: text, because: text },
  recovered: { stable: text, why: text, target, fallback, held: optional(truth) },
  "agent-retired": {},
  "state-edited": { edit: oneOf("renamed", "unlocked", "imported"), from: orNull(text), because: text },
  interrupted: { signal: oneOf("SIGINT", "SIGTERM") },
};

const head = object({ at: instant, by: text, plan: orNull(text) });

export const eventShape: Shape = both(shallow, both(head, byKind(bodies)));

/** Whether this version knows the kind of entry: what it does not know, a newer one wrote. */
export function isKnownEvent(kind: unknown): boolean {
  return typeof kind === "string" && Object.hasOwn(bodies, kind);
}
