/** Whatever others wrote, every reader answers: it takes the text, or says what is wrong with it. `npm run fuzz` goes on for longer. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { attack, hold } from "../../tooling/fuzz/attack.js";
import { anyStep, mutated } from "../../tooling/fuzz/hostile-text.js";
import { readers } from "../../tooling/fuzz/readers.js";

describe.each(readers)("$name", (reader) => {
  test("takes what is valid", () => {
    for (const seed of reader.seeds) expect(reader.read(seed)).toEqual([]);
  });

  test("holds before hostile texts", () => {
    expect(attack(reader, { seed: 20_260_302, runs: 120, lasts: 700 })).toBeNull();
  });
});

/** Found by the attack, and kept. */
const deep = `${"[".repeat(50_000)}${"]".repeat(50_000)}`;
const once: readonly (readonly [reader: string, what: string, text: string])[] = [
  ["spec", "brackets that never close", `\u0000${"[".repeat(100_000)}`],
  ["registry", "a control character before brackets", `\u0000${"[".repeat(100_000)}`],
  ["spec", "a thousand syntax errors", "state: version: 1\n".repeat(1_100)],
  ["eval results of tools", "nothing but depth", deep],
  ["eval results of tools", "a score that is nothing but depth", `{"score":${deep}}`],
  ["eval results of tools", "an item's score that is nothing but depth", `{"id":"a","score":${deep}}`],
  ["task lines", "a line that is nothing but depth", deep],
  ["task lines", "a field that is nothing but depth", `{"id":${deep}}`],
  ["body of a request", "a field that is nothing but depth", `{"id":${deep}}`],
  [
    "exported state",
    "an entry that is nothing but depth",
    `{"kind":"rollout-state","format":1,"lineage":"l","epoch":1,"agents":[{"agent":"a","entries":[{"serial":1,"event":{"at":${deep}},"hash":""}]}]}`,
  ],
  ["body of a request", "a field's name without end", `{"${"a".repeat(70_000)}":1}`],
];
test.each(once)("%s: %s is told as a problem", (name, _, text) => {
  const reader = readers.find((one) => one.name === name);
  if (reader === undefined) throw new Error(`there is no reader of ${name}`);
  hold(reader, text);
  expect(reader.read(text).length).toBeGreaterThan(0);
});

/** Each took minutes once, for what it cost grew with the square of its size. */
const many = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join("\n");
const large: readonly (readonly [what: string, text: string])[] = [
  ["errors at every agent", `version: 1\nagents:\n${many(8_000, (i) => `  a${i}: { stepz: [x], steps: [planing] }`)}`],
  ["keys that stand twice", many(40_000, () => "version: 1")],
  ["keys of one map", many(100_000, (i) => `k${i}: 1`)],
  ["words that are not built yet", `version: 1\nagents:\n${many(4_000, (i) => `  a${i}: { fallback: x }`)}`],
  ["a key without end", `version: 1\n${"k".repeat(3_000_000)}: 1`],
];
test.each(large)("a spec with %s is answered in time", (_, text) => {
  const reader = readers[0];
  if (reader === undefined) throw new Error("there is a reader of specs");
  hold(reader, text);
  expect(reader.read(text).length).toBeGreaterThan(0);
});

describe("the attack sees", () => {
  const sees = (read: (text: string) => readonly string[]) =>
    attack({ name: "bad", seeds: ['{"a":{"b":[1,2]}}'], read }, { seed: 1, runs: 500, lasts: 20_000 });

  test("a crash", () => {
    expect(sees((text) => (JSON.parse(text) === 4711 ? ["4711"] : []))).toMatch(/SyntaxError/);
  });

  test("what is left in the prototype of all objects", () => {
    const read = (): readonly string[] => {
      Object.defineProperty(Object.prototype, "polluted", { value: 1, configurable: true });
      return [];
    };
    expect(() => hold({ name: "careless", seeds: [], read }, "")).toThrow(/changed the prototype/);
    Reflect.deleteProperty(Object.prototype, "polluted");
  });

  test("a flood, and a problem that says nothing", () => {
    expect(() => hold({ name: "flood", seeds: [], read: () => Array(5_000).fill("x") }, "")).toThrow(/5000 problems/);
    expect(() => hold({ name: "mute", seeds: [], read: () => [""] }, "")).toThrow(/without a word/);
    expect(() => hold({ name: "echo", seeds: [], read: (text) => [text] }, "x".repeat(30_000))).toThrow(/30000/);
  });
});

test("steps keep a text a text, and do something to it", () => {
  const seed = '{"a":{"b":[1,2]},"c":"d"}';
  const changed = fc.sample(anyStep, { seed: 1, numRuns: 300 }).map((step) => mutated(seed, [step]));
  expect(changed.filter((text) => text !== seed).length).toBeGreaterThan(200);
  expect(changed.some((text) => text.includes('"__proto__"'))).toBe(true);
});
