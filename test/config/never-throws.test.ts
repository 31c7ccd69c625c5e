/** Whatever people write, reading answers with problems that have a place, and never throws. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { readExample } from "../support/read-example.js";

const example: unknown = parse(readFileSync("test/fixtures/config/examples/own-strategy.yaml", "utf8"));
const everything = {
  ...(example as object),
  strategies: {
    careful: {
      ramp: [{ weight: "5%", hold: "1h", until: "2h" }, { weight: 50 }, { weight: "100%" }],
      undecided: { proceed: { because: "small", min_sessions: 5 } },
      gates: {
        eval: [{ suite: "a", min_score: 0.8, skip: { because: "x" } }, { suite: "b" }],
        canary: {
          prove: ["mean_cost_usd"],
          stale_after: "2h",
          metrics: { rollback_rate: { max_rise: "2pp", tolerance: "1pp" } },
        },
        full: { metrics: { task_success_rate: { max_drop: "2pp", floor: "80%" } } },
        approval: { life: "1d" },
        windows: [{ days: "mon", hours: "09:00-10:00", zone: "UTC" }],
        freezes: [{ from: "2026-01-01", to: "2026-01-02", because: "y" }],
      },
    },
  },
};

/** Every path in a value, the root's own left out. */
function pathsOf(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [path];
  const below = Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...path, key]));
  return path.length === 0 ? below : [path, ...below];
}

function changed(value: unknown, [key = "", ...rest]: readonly string[], to: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [...value] : { ...value };
  const fields = copy as Record<string, unknown>;
  if (rest.length > 0) fields[key] = changed(fields[key], rest, to);
  else if (to === undefined) delete fields[key];
  else fields[key] = to;
  return copy;
}

const junk = fc.oneof(
  fc.constantFrom(
    undefined,
    null,
    true,
    0,
    -1,
    5,
    0.5,
    1e21,
    "",
    "x",
    "5%",
    "5pp",
    "24h",
    "latest",
    "a@1",
    "../x",
    "**",
    "*/{",
    "toString",
  ),
  fc.constantFrom(
    [],
    {},
    [null],
    [[]],
    [{}],
    { kind: "nginx" },
    { kind: "mean" },
    { because: "x" },
    ["planning", 3, null],
    { "a/b": "m@1" },
  ),
  fc.string(),
);

// Generous, since a busy machine is no failure.
const patience = { timeout: 60_000 };

test("a spec with any of its values replaced", patience, () => {
  const mutation = fc.tuple(fc.constantFrom(...pathsOf(everything)), junk);
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
      const value = mutations.reduce<unknown>((node, [path, to]) => changed(node, path, to), everything);
      const reading = readExample(stringify(value));
      if (reading.ok) return;
      expect(reading.problems.length).toBeGreaterThan(0);
      for (const { severity, span } of reading.problems) {
        expect(severity).toBe("error");
        expect(span?.line).toBeGreaterThan(0);
        expect(span?.column).toBeGreaterThan(0);
      }
    }),
    { numRuns: 120 },
  );
});

test("a spec with any of its characters replaced", patience, () => {
  const text = stringify(everything);
  fc.assert(
    fc.property(fc.nat(text.length), fc.nat(3), fc.string({ unit: "binary", maxLength: 4 }), (at, length, inserted) => {
      readExample(text.slice(0, at) + inserted + text.slice(at + length));
    }),
    { numRuns: 60 },
  );
});

test("a registry with any of its values replaced", patience, () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom("planning", "parsing", "support/planning", "synthesis", "x y"), junk),
      (registry) => {
        readExample(stringify(example), { files: { "registry/models.yaml": stringify(registry) } });
      },
    ),
  );
});

test("any text at all", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => void readExample(text)));
});

test.each(["[".repeat(50_000), "{a: ".repeat(20_000), "- ".repeat(20_000), `a: ${"x".repeat(1_100_000)}`])(
  "a text that is nothing but size is refused in time",
  (text) => expect(readExample(text).ok).toBe(false),
);
