// The values that every JSON form is made of: ISO instants, weights as percent, durations in seconds, snake_case keys.

import type { Diagnostic } from "../../core/diagnostic/diagnostic.js";
import type { Stage, Verdict } from "../../core/model/gate.js";
import { instantText } from "../../core/model/instant-text.js";
import type { ComponentChange } from "../../core/model/revision.js";
import type { Route } from "../../core/model/route.js";
import type { Instant, Json, Weight } from "../../core/model/units.js";

export type JsonObject = { readonly [key: string]: Json };

export function instantJson(instant: Instant | null): string | null {
  return instant === null ? null : instantText(instant);
}

/** 0 to 100, with at most two decimals. */
export function weightJson(weight: Weight): number {
  return weight / 100;
}

export function secondsJson(duration: number): number {
  return duration / 1000;
}

export function verdictJson(verdict: Verdict): JsonObject {
  const { result, because, figures, earliest } = verdict;
  return { result, because, figures: snakeKeys(figures), earliest: instantJson(earliest) };
}

export function changeJson({ component, from, to }: ComponentChange): JsonObject {
  return { component, from, to };
}

export function routeJson(route: Route): JsonObject {
  const { rollout, stable, canary, weight, previous, fallback } = route;
  return { rollout, stable, canary, weight: weightJson(weight), previous, fallback };
}

/** A weight, or a gate with the reason for which it is skipped. */
export function stageJson(stage: Stage): JsonObject {
  if (stage.kind === "weight") return { kind: "weight", weight: weightJson(stage.weight) };
  const { gate } = stage;
  const times = gate.kind === "health" ? { hold: secondsJson(gate.hold), until: secondsJson(gate.until) } : {};
  return { kind: "gate", gate: gate.name, skip: gate.skip, ...times };
}

export function diagnosticJson(diagnostic: Diagnostic): JsonObject {
  const { code, severity, summary, detail, hint, about, span } = diagnostic;
  const place =
    span === null
      ? null
      : {
          file: span.file,
          line: span.line,
          column: span.column,
          length: span.length,
          snippet: span.snippet.map(({ line, text }) => ({ line, text })),
        };
  return { code, severity, summary, detail, hint, about, span: place };
}

/** camelCase keys become snake_case; other keys are names of the user's and stay as they are. */
function snakeKeys(value: Json): Json {
  if (typeof value !== "object" || value === null) return value;
  if (isList(value)) return value.map(snakeKeys);
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [snakeKey(key), snakeKeys(field)]));
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function snakeKey(key: string): string {
  return /^[a-z]+(?:[A-Z][a-z0-9]*)+$/.test(key) ? key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) : key;
}
