// Values as YAML source, in the plainest form that reads back as the same value.

import { parseDocument } from "yaml";
import type { Json } from "../core/model/units.js";

/** A text with the quotes it needs; `like` is the source that it replaces, whose quotes are kept. */
export function textSource(value: string, like: string | null, within: "block" | "flow"): string {
  const quote = like === null ? null : /^['"]/.exec(like)?.[0];
  if (quote === "'" && !/['\n\r]/.test(value)) return `'${value}'`;
  if (quote === '"' || !isPlain(value, within)) return JSON.stringify(value);
  return value;
}

/** A value on one line: maps and lists in braces and brackets. */
export function valueSource(value: Json, within: "block" | "flow"): string {
  if (typeof value === "string") return textSource(value, null, within);
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => valueSource(item, "flow")).join(", ")}]`;
  const fields = Object.entries(value).map(
    ([key, item]) => `${textSource(key, null, "flow")}: ${valueSource(item, "flow")}`,
  );
  return fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`;
}

/** Whether the bare text reads back as itself: `1`, `no` of older readers, `a: b` and `# c` do not. */
function isPlain(value: string, within: "block" | "flow"): boolean {
  if (!/^[A-Za-z0-9][A-Za-z0-9._/@:+-]*$/.test(value) || value.endsWith(":")) return false;
  if (within === "flow" && /:/.test(value)) return false;
  if (/^(?:y|n|yes|no|on|off|true|false|null)$/i.test(value)) return false;
  return parseDocument(value).toJS() === value;
}
