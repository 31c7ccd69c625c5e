// What a router answers, as flags: `AGENT` is where a session goes, `AGENT/STEP` the model that serves it there.

import { ErrorCode, type EvaluationContext, type JsonValue, type ResolutionDetails } from "@openfeature/server-sdk";
import type { ModelEntry } from "../core/model/revision.js";
import { routeReason } from "../sdk/route-reason.js";
import type { RoutingStatus, SessionFacts, SessionRoute, SessionRouter } from "../sdk/router.js";

export type FlagKind = "boolean" | "string" | "number" | "object";

/** A flag's value, or why there is none. */
export type FlagAnswer =
  | (Omit<ResolutionDetails<JsonValue>, "errorCode" | "errorMessage"> & { readonly errorCode?: never })
  | { readonly errorCode: ErrorCode; readonly errorMessage: string };

export interface FlagQuestion {
  readonly agent: string;
  /** Null for the flag of the agent itself. */
  readonly step: string | null;
  readonly kind: FlagKind;
  readonly context: EvaluationContext;
  /** The router's. */
  readonly status: RoutingStatus;
}

/** Does not route the session where the flag has no such value. */
export function flagAnswer(router: SessionRouter, question: FlagQuestion): FlagAnswer {
  const { agent, step, kind, context, status } = question;
  if (!kinds(step).includes(kind)) {
    return refused(ErrorCode.TYPE_MISMATCH, `${flagName(question)} has no ${kind} value: ${kinds(step).join(", ")}`);
  }
  const facts = factsOf(context);
  const route = router.route(context.targetingKey, facts);
  const details = detailsOf(route, { agent, status, key: drawnBy(context, status), facts });
  if (step === null) return { value: agentValue(route, kind), ...details };
  const entry = router.getModel(step, route);
  if (entry !== null) return { value: stepValue(entry, kind), ...details };
  if (status.origin === "none") return refused(ErrorCode.PROVIDER_NOT_READY, notInForce(agent, status));
  return refused(ErrorCode.FLAG_NOT_FOUND, `${agent} has no step ${step}: ${status.steps.join(", ") || "none"}`);
}

export function notInForce(agent: string, { refused: because }: RoutingStatus): string {
  return `nothing is in force for ${agent}${because === null ? "" : `: its routing file is refused, since ${because}`}`;
}

export function refused(errorCode: ErrorCode, errorMessage: string): FlagAnswer {
  return { errorCode, errorMessage };
}

function kinds(step: string | null): readonly FlagKind[] {
  return step === null ? ["string", "boolean", "object"] : ["object", "string"];
}

function flagName({ agent, step }: FlagQuestion): string {
  return step === null ? agent : `${agent}/${step}`;
}

function agentValue(route: SessionRoute, kind: FlagKind): JsonValue {
  if (kind === "boolean") return route.variant === "canary";
  return kind === "string" ? route.variant : { ...route };
}

function stepValue(entry: ModelEntry, kind: FlagKind): JsonValue {
  // Frozen all the way down, so that it can be handed out as it is.
  return kind === "string" ? `${entry.model}@${entry.version}` : (entry as unknown as JsonValue);
}

interface Told {
  readonly agent: string;
  readonly status: RoutingStatus;
  readonly key: string;
  readonly facts: SessionFacts;
}

function detailsOf(route: SessionRoute, { agent, status, key, facts }: Told) {
  const { rollout, version } = status;
  const named = typeof facts.revision === "string" ? facts.revision : null;
  const known = { agent, revision: route.revision, rollout, weight: route.weight, version };
  const flagMetadata = Object.fromEntries(
    Object.entries(known).filter((entry): entry is [string, string | number] => entry[1] !== null),
  );
  return { variant: route.variant, reason: routeReason(route, { ...status, key, named }).toUpperCase(), flagMetadata };
}

function drawnBy({ targetingKey, user }: EvaluationContext, { unit }: RoutingStatus): string {
  const key = unit === "user" ? user : targetingKey;
  return typeof key === "string" ? key : "";
}

/** `startedAt` may be ISO 8601 too, since a context often comes out of JSON. What is of another type is not known. */
function factsOf({ startedAt, user, rolloutRevision }: EvaluationContext): SessionFacts {
  return {
    startedAt: startOf(startedAt),
    user: typeof user === "string" ? user : null,
    revision: typeof rolloutRevision === "string" ? rolloutRevision : null,
  };
}

function startOf(given: unknown): Date | number {
  if (given instanceof Date || typeof given === "number") return given;
  // Platforms read dates into other texts too: the text 7 would be a July long ago.
  return typeof given === "string" && /^\d{4}-\d\d-\d\d(?:T|$)/.test(given) ? Date.parse(given) : Number.NaN;
}
