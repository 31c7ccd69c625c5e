// The rules of an HTTPRoute: which of them split an agent's traffic, what they say, and how they say something else. Pure.
//
// A rule whose backends are the stable and the canary service is ours, with whatever it matches. Where a session is to stay together, a
// twin of each stands in front of it that asks for the canary in a header besides, and goes to the canary's service: a gateway prefers
// the rule with more headers. The rule itself tells its backend which revision is meant, so that a header of yesterday is overruled.

import { canonicalJson } from "../../../core/model/revision.js";
import type { RevisionId } from "../../../core/model/units.js";
import { Fault } from "../../../ports/fault.js";
import type { ClusterObject, PatchOperation } from "./cluster-object.js";

const revisionHeader = "x-rollout-revision";

interface HeaderMatch {
  readonly type?: string;
  readonly name: string;
  readonly value: string;
}

interface Match {
  readonly headers?: readonly HeaderMatch[];
}

interface Filter {
  readonly type: string;
  readonly requestHeaderModifier?: {
    readonly set?: readonly { readonly name: string; readonly value: string }[];
    readonly add?: readonly unknown[];
    readonly remove?: readonly unknown[];
  };
}

interface BackendRef {
  readonly kind?: string;
  readonly name: string;
  readonly port?: number;
  readonly weight?: number;
  readonly filters?: readonly Filter[];
}

export interface RouteRule {
  readonly matches?: readonly Match[];
  readonly filters?: readonly Filter[];
  readonly backendRefs?: readonly BackendRef[];
}

export interface HttpRoute extends ClusterObject {
  readonly spec?: { readonly rules?: readonly RouteRule[] };
}

export type Side = "stable" | "canary";

export interface Service {
  readonly service: string;
  readonly port: number;
}

export type Services = Readonly<Record<Side, Service>>;

/** What the rules are to do. */
export interface Split {
  /** The service that serves stable. While a promotion moves it, that is the canary's. */
  readonly home: Side;
  /** What the backend of stable is told: its revision, or `fallback`. */
  readonly stable: string;
  readonly canary: { readonly revision: RevisionId; readonly weight: number } | null;
  /** The gateway draws for each request, by weights in basis points. */
  readonly unsticky: boolean;
}

/** What the rules do. `share`: basis points of the requests that the gateway itself draws for the canary's service. */
export interface Found {
  readonly home: Side;
  readonly told: string | null;
  readonly twin: string | null;
  readonly share: number | null;
}

interface Sorted {
  /** Ours, by their place. */
  readonly own: readonly number[];
  readonly twins: readonly number[];
  /** Somebody else's, with our services among others. */
  readonly mixed: readonly number[];
}

/** Throws a `Fault` for rules that cannot split, or that disagree. */
export function readRules(rules: readonly RouteRule[], services: Services): Found {
  const { own, twins } = checked(rules, services);
  const [first, ...others] = own.map((index) => readRule(rules[index] ?? {}, services));
  const asked = twins.map((index) => headerAsked(rules[index] ?? {}));
  const isOne = new Set(asked).size <= 1 && (asked.length === 0 || asked.length === own.length);
  if (first === undefined || others.some((other) => canonicalJson(other) !== canonicalJson(first)) || !isOne)
    throw new Fault("rejected", "its rules disagree on where the traffic goes");
  return { ...first, twin: asked[0] ?? null };
}

/** Where the rules send what asks for nothing; stable's service where they disagree. */
export function homeOf(rules: readonly RouteRule[], services: Services): Side {
  const homes = sort(rules, services).own.map((index) => readRule(rules[index] ?? {}, services).home);
  return homes.length > 0 && homes.every((home) => home === "canary") ? "canary" : "stable";
}

function readRule({ filters, backendRefs = [] }: RouteRule, services: Services): Omit<Found, "twin"> {
  const weights = { stable: 0, canary: 0 };
  const told: (string | null)[] = [];
  for (const ref of backendRefs) {
    const side = ref.name === services.canary.service ? "canary" : "stable";
    weights[side] += ref.weight ?? 1;
    if (side === "stable" || backendRefs.length === 1) told.push(revisionIn(ref.filters));
  }
  const both = backendRefs.length > 1;
  const whole = weights.stable + weights.canary;
  return {
    home: weights.stable === 0 && !both ? "canary" : "stable",
    told: revisionIn(filters) ?? told[0] ?? null,
    share: both ? (whole === 0 ? 0 : Math.round((10_000 * weights.canary) / whole)) : null,
  };
}

/**
 * The operations that make the rules do it, behind tests of every name that they go by; none where the rules do it already. Throws a
 * `Fault` for rules that cannot split, where a canary is to be drawn.
 */
export function ruleOperations(
  rules: readonly RouteRule[],
  services: Services,
  split: Split,
): readonly PatchOperation[] {
  // The way back is not barred by a rule that somebody else made.
  const { own, twins } = split.canary === null ? sort(rules, services) : checked(rules, services);
  const isDrawn = split.canary !== null && !split.unsticky;
  const stripped = rules.filter((_, index) => !twins.includes(index));
  const kept = own.map((index) => index - twins.filter((twin) => twin < index).length);
  const changes = kept.map((index) => ({ index, rule: stripped[index] ?? {} }));
  const next = stripped.flatMap((rule, index) => {
    if (!kept.includes(index)) return [rule];
    return [...(isDrawn ? [twinOf(rule, services, split)] : []), ruleOf(rule, services, split)];
  });
  if (canonicalJson(next) === canonicalJson(rules)) return [];
  return [
    ...[...own, ...twins].sort((a, b) => a - b).flatMap((index) => nameTests(rules[index] ?? {}, index)),
    ...twins.toReversed().map((index) => ({ op: "remove", path: `/spec/rules/${index}` }) as const),
    ...changes.flatMap(({ rule, index }) =>
      partOperations(rule, ruleOf(rule, services, split), `/spec/rules/${index}`),
    ),
    ...(isDrawn ? changes : [])
      .toReversed()
      .map(
        ({ rule, index }) =>
          ({ op: "add", path: `/spec/rules/${index}`, value: twinOf(rule, services, split) }) as const,
      ),
  ];
}

function nameTests({ matches = [], backendRefs = [] }: RouteRule, index: number): readonly PatchOperation[] {
  const test = (part: string, value: string): PatchOperation => ({
    op: "test",
    path: `/spec/rules/${index}/${part}`,
    value,
  });
  return [
    ...backendRefs.map(({ name }, at) => test(`backendRefs/${at}/name`, name)),
    ...matches.flatMap(({ headers = [] }, at) =>
      headers.map(({ name }, n) => test(`matches/${at}/headers/${n}/name`, name)),
    ),
  ];
}

function partOperations(from: RouteRule, to: RouteRule, path: string): readonly PatchOperation[] {
  return (["backendRefs", "filters"] as const).flatMap((part): readonly PatchOperation[] => {
    const at = `${path}/${part}`;
    if (canonicalJson(from[part] ?? null) === canonicalJson(to[part] ?? null)) return [];
    if (to[part] === undefined) return [{ op: "remove", path: at }];
    return [{ op: from[part] === undefined ? "add" : "replace", path: at, value: to[part] }];
  });
}

function ruleOf(rule: RouteRule, services: Services, { home, stable, canary, unsticky }: Split): RouteRule {
  const { filters, backendRefs = [], ...rest } = rule;
  const bare = telling(filters, null);
  const pattern = backendRefs.find(({ name }) => name === services.stable.service) ?? backendRefs[0];
  const to = (side: Side, weight: number): BackendRef => backendTo(pattern, services[side], weight);
  if (!unsticky || canary === null)
    return { ...rest, ...part("filters", telling(filters, stable)), backendRefs: [to(home, 1)] };
  const drawn = [to("stable", 10_000 - canary.weight), to("canary", canary.weight)].map((ref, index) => {
    return { ...ref, ...part("filters", telling(ref.filters, index === 0 ? stable : canary.revision)) };
  });
  return { ...rest, ...part("filters", bare), backendRefs: drawn };
}

function twinOf(rule: RouteRule, services: Services, { canary }: Split): RouteRule {
  const { filters, matches = [{}], backendRefs = [], ...rest } = rule;
  const asked = { type: "Exact", name: revisionHeader, value: canary?.revision ?? "" };
  const to = backendTo(backendRefs[0], services.canary, 1);
  return {
    ...rest,
    // A rule's name may stand but once in a route.
    ...("name" in rest && typeof rest.name === "string" ? { name: `${rest.name.slice(0, 240)}-canary` } : {}),
    matches: matches.map((match) => ({ ...match, headers: [...(match.headers ?? []), asked] })),
    ...part("filters", telling(filters, canary?.revision ?? null)),
    backendRefs: [to],
  };
}

/** With the API server's defaults, so that what is read back is what was written. */
function backendTo(pattern: BackendRef | undefined, { service, port }: Service, weight: number): BackendRef {
  const { filters, ...rest } = pattern ?? { name: service };
  return {
    group: "",
    kind: "Service",
    ...rest,
    ...part("filters", telling(filters, null)),
    name: service,
    port,
    weight,
  } as BackendRef;
}

/** The filters that tell a backend the revision and nothing else of ours; undefined for none. */
function telling(filters: readonly Filter[] = [], revision: string | null): readonly Filter[] | undefined {
  const told = revision === null ? [] : [{ name: revisionHeader, value: revision }];
  const isModifier = ({ type }: Filter): boolean => type === "RequestHeaderModifier";
  // A rule has one such filter at the most: what is told goes into the one that is there.
  const all = filters.some(isModifier) || told.length === 0 ? filters : [...filters, { type: "RequestHeaderModifier" }];
  const next = all.flatMap((filter): readonly Filter[] => {
    if (!isModifier(filter)) return [filter];
    const { set = [], ...other } = filter.requestHeaderModifier ?? {};
    const kept = [...set.filter(({ name }) => !isOurs(name)), ...told];
    const modifier = { ...other, ...(kept.length === 0 ? {} : { set: kept }) };
    return Object.keys(modifier).length === 0 ? [] : [{ ...filter, requestHeaderModifier: modifier }];
  });
  return next.length === 0 ? undefined : next;
}

function part<Value>(name: string, value: Value | undefined): Readonly<Record<string, Value>> {
  return value === undefined ? {} : { [name]: value };
}

function revisionIn(filters: readonly Filter[] = []): string | null {
  const set = filters.flatMap(({ requestHeaderModifier }) => requestHeaderModifier?.set ?? []);
  return set.find(({ name }) => isOurs(name))?.value ?? null;
}

function headerAsked({ matches = [] }: RouteRule): string {
  const values = matches.map(({ headers = [] }) => headers.find(({ name }) => isOurs(name))?.value);
  return [...new Set(values)].join(" ");
}

function isOurs(name: string): boolean {
  return name.toLowerCase() === revisionHeader;
}

/** Throws a `Fault` where no rule can split, or one of them shares its backends with a third. */
function checked(rules: readonly RouteRule[], services: Services): Sorted {
  const sorted = sort(rules, services);
  const [mixed] = sorted.mixed;
  if (mixed !== undefined) {
    const ours = `${services.stable.service} and ${services.canary.service}`;
    throw new Fault("rejected", `its rule ${mixed + 1} has other backends beside ${ours}: take them out of it`);
  }
  if (sorted.own.length === 0)
    throw new Fault("rejected", `it has no rule whose backend is the service ${services.stable.service}: add one`);
  return sorted;
}

function sort(rules: readonly RouteRule[], { stable, canary }: Services): Sorted {
  const own: number[] = [];
  const twins: number[] = [];
  const mixed: number[] = [];
  for (const [index, { backendRefs = [], matches = [] }] of rules.entries()) {
    const isKnown = ({ kind = "Service", name }: BackendRef): boolean =>
      kind === "Service" && (name === stable.service || name === canary.service);
    if (!backendRefs.some(isKnown)) continue;
    const isTwin = matches.length > 0 && matches.every(({ headers = [] }) => headers.some(({ name }) => isOurs(name)));
    if (!backendRefs.every(isKnown)) mixed.push(index);
    else (isTwin ? twins : own).push(index);
  }
  return { own, twins, mixed };
}
