// Words of the format whose part is not built: they are refused by name, and never ignored.

import { type DocumentPath, valueAt } from "./document-path.js";

/** `*` is any key, `[]` any item. With `when`, only these values are not built. */
interface NotYet {
  readonly at: string;
  readonly when?: (value: unknown) => boolean;
  /** What the part will do: the end of the sentence "… is not built yet: …". */
  readonly what: string;
}

const isOneOf =
  (...words: readonly string[]) =>
  (value: unknown): boolean =>
    typeof value === "string" && words.includes(value);
const startsWith =
  (...heads: readonly string[]) =>
  (value: unknown): boolean =>
    typeof value === "string" && heads.some((head) => value.startsWith(head));

const sourceKinds = isOneOf("prometheus", "sql", "file", "command");
const targetKinds = isOneOf("haproxy", "nginx", "flagd", "kubernetes", "litellm", "command");

/** The part that is meant, in the order in which it is shown in the reference. */
export const notYet: readonly NotYet[] = [
  { at: "environments", what: "overlays for staging and production" },
  { at: "waves", what: "an order in which agents take up a shared change" },
  { at: "notifications", what: "messages to a webhook or a command" },
  { at: "prices", what: "a price list for the cost of a change" },
  { at: "dashboard", what: "settings of the dashboard" },
  { at: "telemetry", what: "settings of the telemetry doors" },
  { at: "metrics", what: "metrics of your own" },
  { at: "state", when: startsWith("postgres:", "postgresql:", "git:"), what: "state outside of SQLite" },
  { at: "strategies.*.gates.command", what: "a gate that runs a program" },
  { at: "strategies.*.gates.promoted_in", what: "a gate that asks for a promotion in another environment" },
  { at: "strategies.*.promoted_in", what: "a gate that asks for a promotion in another environment" },
  { at: "strategies.*.waves", what: "an order in which agents take up a shared change" },
  { at: "agents.*.fallback", what: "a third route for when stable itself is unhealthy" },
  { at: "agents.*.floors", what: "limits that both revisions are watched against" },
  { at: "agents.*.metrics", what: "metrics of your own" },
  { at: "agents.*.notifications", what: "messages to a webhook or a command" },
  { at: "agents.*.session.unit", when: isOneOf("user"), what: "routing by user" },
  { at: "agents.*.session.user_header", what: "routing by user" },
  { at: "agents.*.source", when: sourceKinds, what: "metrics from this source" },
  { at: "agents.*.source.kind", when: sourceKinds, what: "metrics from this source" },
  { at: "agents.*.target.kind", when: targetKinds, what: "this target" },
  { at: "agents.*.target.unsticky", what: "targets that draw for each request" },
  { at: "agents.*.ready.command", what: "readiness asked by a program" },
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
  const found = notYet.flatMap(({ at, when, what }) =>
    placesOf(value, at.split("."))
      .filter((path) => when === undefined || when(valueAt(value, path)))
      .map((path) => ({ path, what, wholeKey: when === undefined })),
  );
  const custom = placesOf(value, customMetric.at.split("."))
    .filter((path) => isDeclaration(valueAt(value, path)))
    .map((path) => ({ path, what: customMetric.what, wholeKey: true }));
  return [...found, ...custom];
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
