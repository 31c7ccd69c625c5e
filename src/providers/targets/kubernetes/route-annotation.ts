// What an HTTPRoute's annotation says is in force, whether its rules say the same, and whether its gateways have taken them up.

import { setTimeout as pause } from "node:timers/promises";
import type { Route } from "../../../core/model/route.js";
import type { AgentId, Weight } from "../../../core/model/units.js";
import { readSplitLine, type Split, splitLine } from "../../../core/routing/split-line.js";
import { Fault } from "../../../ports/fault.js";
import { type Found, type HttpRoute, readRules, type Services, type Side } from "./route-rules.js";

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly observedGeneration?: number;
  readonly message?: string;
}

export interface AnnotatedRoute extends HttpRoute {
  readonly status?: { readonly parents?: readonly { readonly conditions?: readonly Condition[] }[] };
}

export interface Annotation {
  readonly agent: string;
  readonly split: Split;
  /** Whose service serves stable. */
  readonly home: Side;
}

export interface Written extends Annotation {
  readonly kind: "written";
}

export const annotationKey = "rollout/split";

/** `AGENT SPLIT HOME`. */
export function annotationText({ agent, split, home }: Annotation): string {
  return `${agent} ${splitLine(split)} ${home}`;
}

/** `strange`: another agent's, or nobody's that can be read (`agent` is null). */
export type AnnotationFound =
  | Written
  | { readonly kind: "none" }
  | { readonly kind: "strange"; readonly agent: string | null; readonly because: string };

export function readAnnotation({ metadata }: AnnotatedRoute, agent: AgentId): AnnotationFound {
  const text = metadata.annotations?.[annotationKey];
  if (text === undefined) return { kind: "none" };
  const [owner = "", line = "", home, ...more] = text.split(" ");
  const split = readSplitLine(line);
  if (split === null || (home !== "stable" && home !== "canary") || more.length > 0)
    return { kind: "strange", agent: null, because: `its annotation ${annotationKey} cannot be read` };
  if (owner !== agent) return { kind: "strange", agent: owner, because: `it carries the agent ${owner}` };
  return { kind: "written", agent: owner, split, home };
}

/**
 * The split that the rules put in force: the annotation's, with the weight that they really give. A text says why they put none in force
 * that could be told as a split.
 */
export function shownSplit(
  route: AnnotatedRoute,
  { split, home }: Annotation,
  config: Services & { readonly unsticky: string | null },
): Split | string {
  let found: Found;
  try {
    found = readRules(route.spec?.rules ?? [], config);
  } catch (error) {
    if (error instanceof Fault) return error.message;
    throw error;
  }
  const weight = weightShown(found, { split, home, unsticky: config.unsticky !== null });
  return typeof weight === "string" ? weight : { ...split, route: { ...split.route, weight: weight as Weight } };
}

function weightShown(
  { home, told, twin, share }: Found,
  written: { readonly split: Split; readonly home: Side; readonly unsticky: boolean },
): number | string {
  const { route } = written.split;
  const isDrawn = route.canary !== null && route.weight > 0 && !route.fallback;
  if (home !== written.home)
    return `all its traffic goes to the ${home}'s service, and rollout sent it to the ${written.home}'s`;
  const expected = isDrawn && !written.unsticky ? route.canary : null;
  if (twin !== null && twin !== expected)
    return `its rules send ${twin} to the canary's service, which rollout did not`;
  if (share !== null && !(isDrawn && written.unsticky))
    return "its gateway draws between the services, which rollout did not write";
  // Somebody took the canary out of the rules.
  if (isDrawn && twin === null && share === null) return 0;
  if (told !== toldBy(route)) return "its rules tell the service of stable another revision";
  return share ?? route.weight;
}

/** What the service of stable is told in `x-rollout-revision`. */
export function toldBy({ fallback, stable }: Pick<Route, "fallback" | "stable">): string {
  return fallback ? "fallback" : stable;
}

const lookEvery = 200;

/** Returns when the gateways have taken up the rules. Throws a `Fault` when the signal comes first. */
export async function waitTaken(
  written: AnnotatedRoute,
  look: () => Promise<AnnotatedRoute>,
  signal: AbortSignal,
): Promise<void> {
  let seen = notTaken(written);
  try {
    while (seen !== null) {
      await pause(lookEvery, undefined, { signal });
      seen = notTaken(await look());
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new Fault("timeout", `the HTTPRoute is written, and ${seen ?? "was not waited for"}`, { cause: error });
  }
}

/** What is still missing; null when every gateway that accepts the route has seen its newest rules. */
function notTaken({ metadata, status }: AnnotatedRoute): string | null {
  const wanted = metadata.generation ?? 0;
  const parents = (status?.parents ?? []).map(({ conditions = [] }) => conditions);
  const conditions = parents.flatMap((all) => {
    const accepted = all.find(({ type }) => type === "Accepted");
    return accepted === undefined ? [] : [{ accepted, resolved: all.find(({ type }) => type === "ResolvedRefs") }];
  });
  if (conditions.some(({ accepted }) => (accepted.observedGeneration ?? 0) < wanted))
    return "its gateway has not taken it up: see the gateway's controller";
  const taken = conditions.filter(({ accepted }) => accepted.status === "True");
  if (taken.length === 0)
    return `no gateway accepts it${conditions[0] === undefined ? "" : `: ${words(conditions[0].accepted)}`}`;
  const broken = taken.find(({ resolved }) => resolved?.status === "False")?.resolved;
  return broken === undefined ? null : `its gateway does not find its services: ${words(broken)}`;
}

function words({ message = "no reason is given" }: Condition): string {
  return message.slice(0, 200);
}
