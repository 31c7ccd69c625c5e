// Words of the format whose part is not built: they are refused by name, and never ignored.

import type { DocumentPath } from "./document-path.js";

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
  const found: NotYetFound[] = [];
  search(tree, value, [], found);
  return found;
}

/** The table as a tree of its words, so that a large spec is gone through once. */
interface Branch {
  readonly words: readonly { readonly values: NotYet["values"]; readonly what: string; readonly declared?: true }[];
  readonly below: ReadonlyMap<string, Branch>;
}

const tree = branchOf([
  ...notYet.map(({ at, ...word }) => ({ at: at.split("."), ...word })),
  { at: customMetric.at.split("."), values: null, what: customMetric.what, declared: true },
]);

function branchOf(rows: readonly (Branch["words"][number] & { readonly at: readonly string[] })[]): Branch {
  const below = new Map<string, Branch>();
  for (const head of new Set(rows.flatMap(({ at }) => at.slice(0, 1))))
    below.set(head, branchOf(rows.filter(({ at }) => at[0] === head).map((row) => ({ ...row, at: row.at.slice(1) }))));
  return { words: rows.filter(({ at }) => at.length === 0), below };
}

function search({ words, below }: Branch, value: unknown, path: DocumentPath, found: NotYetFound[]): void {
  for (const { values, what, declared } of words) {
    const isMeant = declared ? isDeclaration(value) : values === null || isOneOf(values, value);
    if (isMeant) found.push({ path, what, wholeKey: values === null });
  }
  if (below.size === 0 || typeof value !== "object" || value === null || Array.isArray(value)) return;
  const fields = value as Readonly<Record<string, unknown>>;
  for (const [word, branch] of below) {
    if (word === "*") for (const key of Object.keys(fields)) search(branch, fields[key], [...path, key], found);
    else if (Object.hasOwn(fields, word)) search(branch, fields[word], [...path, word], found);
  }
}

function isOneOf(values: readonly (string | boolean)[], value: unknown): boolean {
  const begins = (one: string | boolean): boolean =>
    typeof one === "string" && one.endsWith(":") && typeof value === "string" && value.startsWith(one);
  return values.some((one) => value === one || begins(one));
}

function isDeclaration(value: unknown): boolean {
  return typeof value === "object" && value !== null && "kind" in value;
}
