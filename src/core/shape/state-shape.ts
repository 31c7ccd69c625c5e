// What the cached fold of a journal must look like: one of another shape is folded again.

import type { AgentState, Rollout } from "../model/state.js";
import {
  breach,
  changes,
  instant,
  operation,
  rolloutStart,
  route,
  target,
  texts,
  verdict,
  weight,
} from "./rollout-shapes.js";
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

const rollout: Readonly<Record<Exclude<keyof Rollout, keyof typeof rolloutStart>, Shape>> = {
  startedAt: instant,
  course: oneOf("forward", "promoting", "aborting"),
  paused: orNull(object({ since: instant, because: text })),
  stage: whole(0),
  since: instant,
  weightSince: orNull(instant),
  confirmed: weight,
  history: listOf(object({ at: instant, weight })),
  pausedFor: number,
  unservedFor: number,
  turned: orNull(object({ cause: text, because: text, verdict: orNull(verdict), stage: whole(0), at: instant })),
  exemptions: listOf(object({ stage: whole(0), kind: text, because: text, by: text })),
  passed: listOf(object({ stage: whole(0), verdict, at: instant })),
};

const fields: Readonly<Record<keyof AgentState, Shape>> = {
  agent: text,
  asOf: instant,
  target: orNull(target),
  stable: orNull(text),
  previous: orNull(object({ revision: text, leftAt: instant, changes })),
  rollout: orNull(object({ ...rolloutStart, ...rollout })),
  inForce: orNull(route),
  pending: orNull(route),
  inDoubt: truth,
  rejected: listOf(object({ changes, rollout: text, revision: text, incident: text, at: instant, because: text })),
  unfolded: texts,
  unfoldedBases: texts,
  approvals: listOf(object({ revision: text, by: text, at: instant })),
  operations: listOf(
    object({ operation, begun: truth, failures: whole(0), because: orNull(text), failedAt: orNull(instant) }),
  ),
  finished: listOf(object({ id: text, canary: text, outcome: text, at: instant, failed: truth })),
  attempts: listOf(object({ changes, count: whole(1) })),
  breaches: listOf(object({ ...breach, incident: orNull(text) })),
  incidents: whole(0),
  retired: truth,
  fallback: orNull(object({ since: instant, by: text, because: text })),
  fallbackEndedAt: orNull(instant),
  held: optional(truth),
  foldBranch: optional(text),
};

export const stateShape: Shape = both(shallow, object(fields));
