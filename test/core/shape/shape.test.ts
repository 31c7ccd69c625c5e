/** What a stored value must look like, and the clause that says where it does not. */
import { expect, test } from "vitest";
import {
  byKind,
  listOf,
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
} from "../../../src/core/shape/shape.js";

const person = object({ name: text, age: whole(0, 150), nick: optional(text), boss: orNull(text) });
const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);

const cases: readonly (readonly [what: string, shape: Shape, value: unknown, wrong: string | null])[] = [
  ["all of it", person, { name: "a", age: 3, boss: null, more: {} }, null],
  ["an optional field", person, { name: "a", age: 3, boss: "b", nick: "c" }, null],
  ["a missing field", person, { name: "a", boss: null }, "it.age is missing"],
  ["an inherited field", object({ toString: text }), {}, "it.toString is missing"],
  ["a number beyond", person, { name: "a", age: 151, boss: null }, "it.age is 151, not a whole number from 0 to 150"],
  ["a fraction", whole(0), 1.5, "it is 1.5, not a whole number from 0 on"],
  ["not a number", whole(0), Number.NaN, "it is null, not a whole number from 0 on"],
  ["a list for an object", person, [], "it is a list, not an object"],
  ["nothing for an object", person, null, "it is null, not an object"],
  ["another word", oneOf("a", "b"), "c", 'it is "c", not a or b'],
  ["an item", listOf(truth), [true, 1], "it[1] is 1, not true or false"],
  ["a value of a map", mapOf(text), { a: "x", b: {} }, "it.b is an object, not a text"],
  ["a kind", byKind({ a: { x: text }, b: {} }), { kind: "a", x: 1 }, "it.x is 1, not a text"],
  ["no kind", byKind({ a: {} }), {}, "it.kind is missing"],
  ["a kind that all objects have", byKind({ a: {} }), { kind: "constructor" }, 'it.kind is "constructor", not a'],
  ["a long text", oneOf("a"), "x".repeat(1_000), `it is "${"x".repeat(59)}…, not a`],
  ["sixty levels", shallow, nested(60), null],
  ["one level more", shallow, nested(61), "it is nested deeper than 60 levels"],
];
test.each(cases)("%s", (_, shape, value, wrong) => {
  expect(shape(value, "it")).toBe(wrong);
});
