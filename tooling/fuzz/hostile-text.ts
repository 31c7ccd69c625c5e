/** Texts that nobody should have written: valid ones with something wrong in them, and structures out of nothing. */
import fc from "fast-check";
import { parse } from "yaml";

/** One thing done to a text; places are shares of it, so that a step fits every text. */
export type Step =
  | { readonly kind: "splice"; readonly at: number; readonly length: number; readonly text: string }
  | { readonly kind: "cut"; readonly at: number }
  | { readonly kind: "repeat"; readonly at: number; readonly length: number; readonly times: number }
  | { readonly kind: "value"; readonly line: number; readonly place: number; readonly value: unknown }
  | { readonly kind: "drop"; readonly line: number; readonly place: number }
  | { readonly kind: "rename"; readonly line: number; readonly place: number; readonly key: string }
  | { readonly kind: "bury"; readonly line: number; readonly place: number; readonly depth: number };

const dangerousKeys = [
  "__proto__",
  "__proto__",
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "then",
  "toJSON",
  "",
  "0",
  "a/b",
  "../x",
];
const dangerousValues: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1, 0.1, 1e308, -1e308, 1e21, 2 ** 53, 8.64e15 + 1, -0, 5e-324],
  ...[
    "",
    " ",
    "\u0000",
    "\ud800",
    "NaN",
    "Infinity",
    "1e999",
    "__proto__",
    "../../etc/passwd",
    "/etc/passwd",
    "C:\\x",
    "5%",
    "24h",
  ],
  ...[
    "2026-02-30T25:61:61Z",
    "a".repeat(70_000),
    "9".repeat(5_000),
    "~",
    "*a",
    "&a",
    "!!js/function x",
    "$(touch /tmp/x)",
    "`id`",
    "**/*",
  ],
  ...[
    [],
    {},
    [[]],
    [null],
    [{}],
    { kind: "constructor" },
    { kind: "__proto__" },
    { length: 1e9 },

    Array(300).fill(1),
  ],
];

const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const line = share;
const place = share;

export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("splice"),
      at: share,
      length: fc.nat(6),
      text: fc.string({ unit: "binary", maxLength: 5 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("cut"), at: share }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("repeat"), at: share, length: fc.nat(40), times: fc.nat(200) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("value"),
      line,
      place,
      value: fc.oneof(fc.constantFrom(...dangerousValues), fc.jsonValue()),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("drop"), line, place }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("rename"), line, place, key: fc.constantFrom(...dangerousKeys) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("bury"), line, place, depth: fc.constantFrom(50, 5_000, 100_000) }),
  },
) as fc.Arbitrary<Step>;

/** A text out of nothing: any characters, any JSON, or nothing but depth and size. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.json({ maxDepth: 6 }),
  fc.array(fc.json({ maxDepth: 3 }), { maxLength: 5 }).map((lines) => lines.join("\n")),
  fc.constantFrom(
    "[".repeat(100_000),
    `${"[".repeat(50_000)}${"]".repeat(50_000)}`,
    '{"a":'.repeat(20_000),
    "- ".repeat(20_000),
    "\n".repeat(50_000),
    '"'.repeat(1001),
    `{"a":${"9".repeat(50_000)}}`,
  ),
);

export function mutated(seed: string, steps: readonly Step[]): string {
  return steps.reduce(apply, seed);
}

function apply(text: string, step: Step): string {
  const at = (of: number): number => Math.floor(of * text.length);
  switch (step.kind) {
    case "splice":
      return text.slice(0, at(step.at)) + step.text + text.slice(at(step.at) + step.length);
    case "cut":
      return text.slice(0, at(step.at));
    case "repeat": {
      const from = at(step.at);
      return (
        text.slice(0, from) +
        text.slice(from, from + step.length).repeat(step.times + 1) +
        text.slice(from + step.length)
      );
    }
    default:
      return inTree(text, step);
  }
}

type TreeStep = Extract<Step, { readonly line: number }>;

/** Changes the value that the text says: the whole of it where it is one document, else one of its lines. */
function inTree(text: string, step: TreeStep): string {
  try {
    return changedTree(text, step);
  } catch (error) {
    // Buried too deep for us: it stays as it is.
    if (error instanceof RangeError) return text;
    throw error;
  }
}

function changedTree(text: string, step: TreeStep): string {
  const whole = valueIn(text);
  if (whole !== undefined) return changedText(whole, step);
  const lines = text.split("\n");
  const index = Math.floor(step.line * lines.length);
  const value = valueIn(lines[index] ?? "");
  if (value === undefined) return text;
  lines[index] = changedText(value, step);
  return lines.join("\n");
}

function valueIn(text: string): object | undefined {
  const languages = [
    (one: string): unknown => JSON.parse(one),
    (one: string): unknown => (one.length < 20_000 ? parse(one, { logLevel: "silent" }) : null),
  ];
  for (const read of languages) {
    try {
      const value = read(text);
      if (typeof value === "object" && value !== null) return value;
    } catch {
      // Not of this language.
    }
  }
  return undefined;
}

/** Stands for what JSON.stringify could not write. */
const marker = "\u0001buried\u0001";

function changedText(value: object, step: TreeStep): string {
  const holders: { readonly holder: Record<string, unknown>; readonly key: string }[] = [];
  const root = { root: structuredClone(value) } as Record<string, unknown>;
  collect(root, holders);
  const chosen = holders[Math.floor(step.place * holders.length)];
  if (chosen === undefined) return JSON.stringify(value);
  const { holder, key } = chosen;
  if (step.kind === "value") define(holder, key, step.value);
  if (step.kind === "drop") delete holder[key];
  if (step.kind === "rename") define(holder, step.key, holder[key]);
  if (step.kind === "bury") define(holder, key, marker);
  const text = JSON.stringify(root.root) ?? "";
  if (step.kind !== "bury") return text;
  return text.replace(JSON.stringify(marker), "[".repeat(step.depth) + "]".repeat(step.depth));
}

/** An own field, whatever its name. */
function define(holder: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

function collect(
  holder: Record<string, unknown>,
  into: { readonly holder: Record<string, unknown>; readonly key: string }[],
): void {
  for (const key of Object.keys(holder)) {
    into.push({ holder, key });
    const value = holder[key];
    if (typeof value === "object" && value !== null) collect(value as Record<string, unknown>, into);
  }
}
