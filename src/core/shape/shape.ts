// Shapes of values that were read from outside: what a stored value must look like before anybody trusts its type.

import { shownValue } from "../diagnostic/shown-value.js";

/** What is wrong with a value, as a clause with its place: `route.weight is "x", not a whole number`; null: nothing is. Never throws. */
export type Shape = (value: unknown, place: string) => string | null;

export const text: Shape = (value, place) => (typeof value === "string" ? null : not(value, place, "a text"));
export const truth: Shape = (value, place) => (typeof value === "boolean" ? null : not(value, place, "true or false"));
export const number: Shape = (value, place) => (Number.isFinite(value) ? null : not(value, place, "a number"));
export const anything: Shape = (value, place) => (value === undefined ? `${place} is missing` : null);

/** A whole number from `least` to `most`. */
export function whole(least: number, most: number = Number.MAX_SAFE_INTEGER): Shape {
  return (value, place) => {
    if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most) return null;
    return not(value, place, `a whole number from ${least}${most === Number.MAX_SAFE_INTEGER ? " on" : ` to ${most}`}`);
  };
}

export function oneOf(...allowed: readonly string[]): Shape {
  return (value, place) =>
    typeof value === "string" && allowed.includes(value) ? null : not(value, place, allowed.join(" or "));
}

export function orNull(shape: Shape): Shape {
  return (value, place) => (value === null ? null : shape(value, place));
}

/** A field that older formats do not have. */
export function optional(shape: Shape): Shape {
  return (value, place) => (value === undefined ? null : shape(value, place));
}

export function listOf(shape: Shape): Shape {
  return (value, place) => {
    if (!Array.isArray(value)) return not(value, place, "a list");
    return firstOf(
      value.map((_, index) => index),
      (index) => shape(value[index], `${place}[${index}]`),
    );
  };
}

export function mapOf(shape: Shape): Shape {
  return (value, place) => {
    if (!isObject(value)) return not(value, place, "an object");
    return firstOf(Object.keys(value), (key) => shape(value[key], at(place, key)));
  };
}

/** The fields that must be there. Others may be there too: a reader passes over what it does not know. */
export function object(fields: Readonly<Record<string, Shape>>): Shape {
  return (value, place) => {
    if (!isObject(value)) return not(value, place, "an object");
    return firstOf(Object.keys(fields), (key) => {
      const field = Object.hasOwn(value, key) ? value[key] : undefined;
      return fields[key]?.(field, at(place, key)) ?? null;
    });
  };
}

/** One of several objects, told apart by the field `kind`. */
export function byKind(kinds: Readonly<Record<string, Readonly<Record<string, Shape>>>>): Shape {
  return (value, place) => {
    if (!isObject(value)) return not(value, place, "an object");
    const kind = Object.hasOwn(value, "kind") ? value.kind : undefined;
    const fields = typeof kind === "string" && Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
    if (fields === undefined) return not(kind, at(place, "kind"), Object.keys(kinds).join(" or "));
    return object(fields)(value, place);
  };
}

/** Nothing of ours is nested deeper, and what follows a value down needs an end. */
const deepest = 60;

/** Plain data that anybody may follow to its end. */
export const shallow: Shape = (value, place) =>
  isDeeper(value, deepest) ? `${place === "" ? "it" : place} is nested deeper than ${deepest} levels` : null;

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

/** Both must fit. */
export function both(first: Shape, second: Shape): Shape {
  return (value, place) => first(value, place) ?? second(value, place);
}

function firstOf<Key>(keys: readonly Key[], check: (key: Key) => string | null): string | null {
  for (const key of keys) {
    const wrong = check(key);
    if (wrong !== null) return wrong;
  }
  return null;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function at(place: string, key: string): string {
  return place === "" ? key : `${place}.${key}`;
}

function not(value: unknown, place: string, wanted: string): string {
  const subject = place === "" ? "the whole" : place;
  if (value === undefined) return `${subject} is missing`;
  return `${subject} is ${shownValue(value)}, not ${wanted}`;
}
