// Shapes that entries, states and plans share. They go as deep as code reads without asking again.

import { fullWeight } from "../model/units.js";
import {
  anything,
  byKind,
  listOf,
  mapOf,
  number,
  object,
  oneOf,
  optional,
  orNull,
  type Shape,
  text,
  truth,
  whole,
} from "./shape.js";

/** Milliseconds; the greatest is the last that a date can hold. */
export const instant: Shape = whole(-8.64e15, 8.64e15);
const duration: Shape = number;
export const weight: Shape = whole(0, fullWeight);

export const verdict: Shape = object({
  result: oneOf("pass", "fail", "wait"),
  because: text,
  figures: mapOf(anything),
  earliest: orNull(instant),
});

const gateBase = { name: text, skip: orNull(text) };
const undecided: Shape = (value, place) =>
  typeof value === "string"
    ? oneOf("hold", "rollback")(value, place)
    : object({ proceed: object({ because: text, minSessions: number }) })(value, place);
const margin = object({ kind: text, value: number });
const metricRule = object({ metric: text, margin, tolerance: margin });

const gate: Shape = byKind({
  eval: {
    ...gateBase,
    suites: listOf(
      object({ suite: text, minScore: text, maxRegression: text, maxAge: duration, maxErrors: text, decision: text }),
    ),
  },
  health: {
    ...gateBase,
    hold: duration,
    until: duration,
    undecided,
    prove: listOf(text),
    metrics: listOf(metricRule),
    alpha: number,
    beta: number,
    staleAfter: duration,
    minSessions: number,
  },
  approval: { ...gateBase, life: duration },
  window: {
    ...gateBase,
    windows: listOf(object({ days: listOf(number), from: number, to: number, zone: text })),
    freezes: listOf(object({ from: instant, to: instant, because: text })),
  },
  ready: { ...gateBase, http: text },
});

export const stages: Shape = listOf(byKind({ weight: { weight }, gate: { gate } }));
export const changes: Shape = listOf(object({ component: text, from: orNull(text), to: orNull(text) }));
export const texts: Shape = mapOf(text);

export const route: Shape = object({
  rollout: orNull(text),
  algo: oneOf("murmur3-32", "md5-100"),
  salt: text,
  stable: text,
  canary: orNull(text),
  weight,
  history: listOf(object({ at: instant, weight })),
  previous: orNull(text),
  fallback: truth,
});

/** Which targets there are is the providers' to say. */
export const target: Shape = object({ kind: text });

/** The least of what is bad when it falls, the most of what is bad when it rises. */
export const floor: Shape = (value, place) => {
  const hasLeast = typeof value === "object" && value !== null && "least" in value;
  return object({ metric: text, ...(hasLeast ? { least: number } : { most: number }) })(value, place);
};

/** What is frozen with a rollout when it starts. */
export const rolloutStart = {
  id: text,
  origin: oneOf("spec", "restore", "undo"),
  because: text,
  canary: text,
  stages,
  changes,
  overrides: texts,
  bases: optional(texts),
  attempt: whole(1),
  algo: oneOf("murmur3-32", "md5-100"),
  salt: text,
  session: object({ header: text, timeout: duration, unit: oneOf("session", "user"), userHeader: optional(text) }),
  runbook: orNull(text),
  target,
  source: optional(object({ kind: text })),
  floors: optional(listOf(floor)),
} satisfies Readonly<Record<string, Shape>>;

export const breach = {
  arm: oneOf("stable", "canary"),
  revision: text,
  metric: text,
  since: instant,
} satisfies Readonly<Record<string, Shape>>;

export const operation: Shape = object({ id: text, kind: text, agent: text, revision: text, rollout: text });
