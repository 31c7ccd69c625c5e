// Words of the format whose part is not built: they are refused by name, and never ignored.

import { type DocumentPath, valueAt } from "./document-path.js";

/** `*` is any key, `[]` any item. */
interface NotYet {
  readonly at: string;
  /** Only these values are not built; a text that ends in `:` stands for every value that begins with it. Null: the key itself. */
  readonly values: readonly (string | boolean)[] | null;
  /** What the part will do: the end of the sentence "… is not built yet: …". */
  readonly what: string;
}

const word = (at: string, what: string): NotYet => ({ at, values: null, what });
const sources = ["prometheus", "sql", "file"];
const targets = ["flagd", "kubernetes", "litellm"];

/** In the order in which the reference shows them. */
export const notYet: readonly NotYet[] = [
  word("environments", "overlays for staging and production"),
  word("waves", "an order in which agents take up a shared change"),
  word("notifications", "messages to a webhook or a command"),
  word("prices", "a price list for the cost of a change"),
  word("dashboard", "settings of the dashboard"),
  word("telemetry", "settings of the telemetry doors"),
  word("metrics", "metrics of your own"),
  word("strategies.*.waves", "an order in which agents take up a shared change"),
  word("strategies.*.gates.command", "a gate that runs a program"),
  word("strategies.*.gates.promoted_in", "a gate that asks for a promotion in another environment"),
  { at: "agents.*.one_change_at_a_time", values: [true], what: "changes that wait for one another" },
  word("agents.*.fallback", "a third route for when stable itself is unhealthy"),
  word("agents.*.metrics", "metrics of your own"),
  word("agents.*.notifications", "messages to a webhook or a command"),
  { at: "agents.*.source", values: sources, what: "metrics from this source" },
  { at: "agents.*.source.kind", values: sources, what: "metrics from this source" },
  { at: "agents.*.target.kind", values: targets, what: "this target" },
  word("agents.*.target.unsticky", "targets that draw for each request"),
  word("agents.*.ready.command", "readiness asked by a program"),
];

/** Metrics that people declare are told from misspelt ones by the keys that only a declaration has. */
const customMetric = { at: "strategies.*.gates.*.metrics.*", what: "metrics of your own" } as const;

export interface NotYetFound {
  readonly path: DocumentPath;
  readonly what: string;
  /** The key itself is not built; else only this value of it. */
  readonly wholeKey: boolean;
}

/** Every place in the value where a word stands whose part is not built. */
export function findNotYet(value: unknown): readonly NotYetFound[] {
  const found = notYet.flatMap(({ at, values, what }) =>
    placesOf(value, at.split("."))
      .filter((path) => values === null || isOneOf(values, valueAt(value, path)))
      .map((path) => ({ path, what, wholeKey: values === null })),
  );
  const custom = placesOf(value, customMetric.at.split("."))
    .filter((path) => isDeclaration(valueAt(value, path)))
    .map((path) => ({ path, what: customMetric.what, wholeKey: true }));
  return [...found, ...custom];
}

function isOneOf(values: readonly (string | boolean)[], value: unknown): boolean {
  const begins = (one: string | boolean): boolean =>
    typeof one === "string" && one.endsWith(":") && typeof value === "string" && value.startsWith(one);
  return values.some((one) => value === one || begins(one));
}

function isDeclaration(value: unknown): boolean {
  return typeof value === "object" && value !== null && "kind" in value;
}

function placesOf(value: unknown, pattern: readonly string[]): readonly DocumentPath[] {
  const [head, ...rest] = pattern;
  if (head === undefined) return [[]];
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  return Object.entries(value)
    .filter(([key]) => head === "*" || key === head)
    .flatMap(([key, below]) => placesOf(below, rest).map((path) => [key, ...path]));
}
