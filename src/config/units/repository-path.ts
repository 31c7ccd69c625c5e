// Paths that people write: relative to the root of the repository, and never out of it.

import { accepted, nameOf, type Parsed, refused } from "./parsed.js";

/** A POSIX path in NFC without `.` and empty parts. What leaves the repository is refused. */
export function parsePath(input: unknown): Parsed<string> {
  const checked = parseWithin(input, "path");
  if (checked.ok && /[*?]/.test(checked.value))
    return refused(`"${checked.value}" is a pattern, and one file is meant here.`);
  return checked;
}

/** A pattern of paths. Braces must be balanced. */
export function parseGlob(input: unknown): Parsed<string> {
  const checked = parseWithin(input, "pattern");
  if (!checked.ok) return checked;
  if (/[[\]!]/.test(checked.value)) {
    return refused(`"${checked.value}" uses a pattern that is not known here.`, "Patterns know *, **, ? and {a,b}.");
  }
  if (!balanced(checked.value)) return refused(`The braces of "${checked.value}" do not match.`);
  return checked;
}

/** Names of letters, digits and a few signs that have one spelling alone: what nearly all paths and patterns are. */
const plain = /^[\w-][\w.-]*(?:\/[\w{*-][\w.{},*-]*)*$/;

function parseWithin(input: unknown, what: "path" | "pattern"): Parsed<string> {
  if (typeof input !== "string") return refused(`A ${what} is a text, not ${nameOf(input)}.`);
  if (plain.test(input)) return accepted(input);
  const text = input.trim().normalize("NFC");
  if (text === "") return refused(`The ${what} is empty.`);
  if (text.includes("\0")) return refused(`The ${what} holds a character that no file name can have.`);
  if (text.includes("\\")) return refused(`"${text}" uses backslashes.`, `Write "${text.replaceAll("\\", "/")}".`);
  if (text.startsWith("/") || /^[A-Za-z]:/.test(text) || text.startsWith("~")) {
    return refused(
      `"${text}" is an absolute ${what}; it would mean another file on every machine.`,
      "Paths start at the root of the repository.",
    );
  }
  const parts = text.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes(".."))
    return refused(
      `"${text}" may leave the repository.`,
      'Paths start at the root of the repository, and use no "..".',
    );
  if (parts[0] === ".git") return refused(`"${text}" lies inside git's own folder.`);
  return parts.length === 0 ? refused(`"${text}" names no file.`) : accepted(parts.join("/"));
}

function balanced(text: string): boolean {
  let depth = 0;
  for (const letter of text) {
    if (letter === "{") depth += 1;
    if (letter === "}") depth -= 1;
    if (depth < 0) return false;
  }
  return depth === 0;
}

/** The patterns of a key that takes one or several, in their one spelling; what cannot be read is left out. */
export function globsOf(written: string | readonly string[] | undefined): readonly string[] {
  const list = typeof written === "string" ? [written] : (written ?? []);
  return list.map(parseGlob).flatMap((glob) => (glob.ok ? [glob.value] : []));
}
