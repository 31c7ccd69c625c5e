// What would go wrong if an unknown key were simply ignored: said for each place, in its own words.

import type { DocumentPath } from "./document-path.js";

interface Consequence {
  /** The map that holds the unknown key. `*` is any key, `[]` any item. */
  readonly at: string;
  /** Ends the sentence `"canray" is not …`. `{0}`, `{1}` … are the parts of the path. */
  readonly is: string;
  /** Ends the sentence `…, so …`. */
  readonly so: string;
}

const consequences: readonly Consequence[] = [
  { at: "", is: "a key of rollout.config.yaml", so: "it would change nothing" },
  { at: "canary", is: "a key of the canary", so: "no candidate would be tried" },
  { at: "strategies.*", is: "a key of a strategy", so: 'the strategy "{1}" would not obey it' },
  { at: "strategies.*.ramp[]", is: "a key of a ramp entry", so: "the weight would be held for the default time" },
  { at: "strategies.*.gates", is: "a gate of a strategy", so: 'the strategy "{1}" would ramp without it' },
  { at: "strategies.*.gates.*", is: "a key of this gate", so: "the gate would judge with the default in its place" },
  { at: "strategies.*.gates.*.metrics", is: "an agent metric", so: "nothing would be guarded by it" },
  {
    at: "strategies.*.gates.*.metrics.*",
    is: "a key of this metric's rule",
    so: "the metric would be judged by its default margin",
  },
  { at: "strategies.*.undecided", is: "a policy for an undecided gate", so: "an undecided gate would hold" },
  { at: "agents.*", is: "a key of an agent", so: 'it would change nothing about "{1}"' },
  {
    at: "agents.*.evals",
    is: "a key of an agent's evals",
    so: "the eval gate would judge with the default in its place",
  },
  { at: "agents.*.budget", is: "a limit of a task", so: "tasks would have no such limit" },
  { at: "agents.*.session", is: "a key of a session", so: "the default would be in force" },
  { at: "agents.*.target", is: "a key of this target", so: "the target would not obey it" },
];

/** A full sentence about an unknown key. */
export function consequenceOf(parent: DocumentPath, key: string): string {
  const found = consequences.find(({ at }) => matches(parent, at));
  if (found === undefined) return `"${key}" is not a known key here, so it would change nothing.`;
  const so = found.so.replace(/\{(\d)\}/g, (_, index: string) => String(parent[Number(index)] ?? ""));
  return `"${key}" is not ${found.is}, so ${so}.`;
}

function matches(path: DocumentPath, pattern: string): boolean {
  const parts = pattern === "" ? [] : pattern.replaceAll("[]", ".[]").split(".");
  if (parts.length !== path.length) return false;
  return parts.every((part, index) =>
    part === "*" ? true : part === "[]" ? typeof path[index] === "number" : part === path[index],
  );
}
