// What the definitions of the Gateway API add to an HTTPRoute, and what they refuse.

import type { Stored, StoredRule } from "./kubernetes-api.js";

/** With the defaults of the definition. */
export function defaulted(value: Stored): Stored {
  const next = structuredClone(value);
  for (const rule of next.spec?.rules ?? []) {
    rule.matches ??= [{}];
    for (const match of rule.matches) {
      match.path ??= { type: "PathPrefix", value: "/" };
      for (const header of match.headers ?? []) header.type ??= "Exact";
    }
    rule.backendRefs = (rule.backendRefs ?? []).map((ref) => ({ group: "", kind: "Service", weight: 1, ...ref }));
  }
  return next;
}

interface Wrong {
  readonly field: string;
  readonly message: string;
}

/** Why the API does not take it; null when it does. */
export function invalidity({ spec }: Stored): Wrong | null {
  const rules = spec?.rules ?? [];
  const field = "spec.rules";
  if (rules.length > 16) return { field, message: `Too many: ${rules.length}: must have at most 16 items` };
  const names = rules.flatMap(({ name }) => (name === undefined ? [] : [name]));
  if (hasTwice(names)) return { field, message: "Invalid value: Rule name must be unique within the route" };
  return rules.map((rule, index) => wrongRule(rule, `${field}[${index}]`)).find((wrong) => wrong !== null) ?? null;
}

function wrongRule(rule: StoredRule, at: string): Wrong | null {
  const { backendRefs = [], matches = [] } = rule;
  for (const { filters = [] } of [rule, ...backendRefs]) {
    const modifiers = filters.filter(({ type }) => type === "RequestHeaderModifier");
    const field = `${at}.filters`;
    if (modifiers.length > 1) return { field, message: "RequestHeaderModifier filter cannot be repeated" };
    if (modifiers.some(({ requestHeaderModifier }) => requestHeaderModifier === undefined))
      return { field, message: "filter.requestHeaderModifier must be specified for this type" };
  }
  if (backendRefs.some(({ weight = 1 }) => !Number.isInteger(weight) || weight < 0 || weight > 1_000_000))
    return { field: `${at}.backendRefs`, message: "weight should be from 0 to 1000000" };
  const isTwice = matches.some(({ headers = [] }) => hasTwice(headers.map(({ name }) => name)));
  return isTwice ? { field: `${at}.matches`, message: "Duplicate value" } : null;
}

function hasTwice(names: readonly string[]): boolean {
  return new Set(names).size < names.length;
}
