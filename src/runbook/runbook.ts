// A runbook: Markdown for a person in trouble, and front matter that says when it is meant and who keeps it.

import { isMap, isScalar, parseDocument } from "yaml";
import { parseDuration } from "../config/units/duration.js";
import type { Checked, Diagnostic } from "../core/diagnostic/diagnostic.js";
import { nearest } from "../core/diagnostic/nearest.js";
import { metricNames } from "../core/metric/session-values.js";
import { type Duration, day } from "../core/model/units.js";
import { type RunbookProblemCode, runbookProblem } from "./diagnostics.js";

export interface RunbookFile {
  /** Relative to the repository's root: `runbooks/canary-rollback.md`. */
  readonly name: string;
  readonly text: string;
}

export interface Runbook {
  readonly path: string;
  readonly title: string;
  /** Metrics, `rollback`, `undecided`, `deprecation`. */
  readonly on: readonly string[];
  /** Null: every agent. */
  readonly agents: readonly string[] | null;
  readonly owner: string;
  /** `2026-03-01`. */
  readonly reviewed: string;
  readonly reviewEvery: Duration;
  /** The Markdown behind the front matter. */
  readonly body: string;
  /** Where `body` begins in the file. */
  readonly bodyOffset: number;
}

/** What may stand under `on` besides the metrics. */
const occasions: readonly string[] = ["rollback", "undecided", "deprecation"];
const defaultReview = (180 * day) as Duration;
const needed = ["title", "on", "owner", "reviewed"] as const;
const keys: readonly string[] = [...needed, "agents", "review_every"];

/** A field of the front matter, and where it stands in the file. */
interface Field {
  readonly value: unknown;
  readonly offset: number;
  readonly length: number;
}

export function readRunbook(file: RunbookFile): Checked<Runbook> {
  const match = /^---\r?\n([\s\S]*?)^---[ \t]*(?:\r?\n|$)/m.exec(file.text);
  if (match === null || match.index !== 0) {
    const detail = `${file.name} does not begin with front matter between two lines of three dashes.`;
    return { ok: false, problems: [runbookProblem(file, { code: "runbook/no-front-matter", detail, offset: 0 })] };
  }
  const start = file.text.indexOf("\n") + 1;
  const fields = readFields(file, match[1] ?? "", start);
  if (!fields.ok) return fields;
  const reader = new FrontMatter(file, fields.value);
  const title = reader.text("title");
  const on = reader.texts("on") ?? [];
  reader.checkOccasions(on);
  const agents = fields.value.has("agents") ? reader.texts("agents") : null;
  const owner = reader.text("owner");
  const reviewed = reader.date("reviewed");
  const reviewEvery = reader.duration("review_every") ?? defaultReview;
  if (reader.problems.length > 0) return { ok: false, problems: reader.problems };
  const bodyOffset = match[0].length;
  const body = file.text.slice(bodyOffset);
  return {
    ok: true,
    value: { path: file.name, title, on, agents, owner, reviewed, reviewEvery, body, bodyOffset },
    warnings: [],
  };
}

function readFields(file: RunbookFile, yaml: string, start: number): Checked<ReadonlyMap<string, Field>> {
  const document = parseDocument(yaml, { prettyErrors: false, logLevel: "silent", schema: "core" });
  const [error] = document.errors;
  if (error !== undefined || !isMap(document.contents)) {
    const detail = error === undefined ? "The front matter is not a map." : `${error.message}.`;
    const offset = start + (error?.pos[0] ?? 0);
    return { ok: false, problems: [runbookProblem(file, { code: "runbook/bad-front-matter", detail, offset })] };
  }
  const fields = new Map<string, Field>();
  for (const pair of document.contents.items) {
    const key = isScalar(pair.key) ? String(pair.key.value) : "";
    const node = pair.value as { range?: readonly [number, number, number]; toJS(document: unknown): unknown } | null;
    const [from, to] = node?.range ?? [0, 1, 1];
    fields.set(key, { value: node?.toJS(document) ?? null, offset: start + from, length: Math.max(1, to - from) });
  }
  return { ok: true, value: fields, warnings: [] };
}

/** Reads fields, and collects what is wrong with them. */
class FrontMatter {
  readonly problems: Diagnostic[] = [];
  private readonly file: RunbookFile;
  private readonly fields: ReadonlyMap<string, Field>;
  constructor(file: RunbookFile, fields: ReadonlyMap<string, Field>) {
    this.file = file;
    this.fields = fields;
    for (const key of needed)
      if (!fields.has(key)) this.complain(key, `${file.name} has no ${key} in its front matter.`);
    for (const key of fields.keys()) {
      if (keys.includes(key)) continue;
      const guess = nearest(key, keys);
      this.complain(
        key,
        `"${key}" is not a key of front matter: ${keys.join(", ")} are.`,
        guess === null ? null : `Did you mean "${guess}"?`,
      );
    }
  }

  text(key: string): string {
    const value = this.fields.get(key)?.value;
    if (typeof value === "string" && value.trim() !== "") return value;
    if (this.fields.has(key)) this.complain(key, `${key} is a text.`);
    return "";
  }

  texts(key: string): readonly string[] | null {
    const value = this.fields.get(key)?.value;
    if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
    if (this.fields.has(key)) this.complain(key, `${key} is a list of texts.`);
    return null;
  }

  checkOccasions(on: readonly string[]): void {
    const known = [...metricNames, ...occasions];
    for (const name of on.filter((one) => !known.includes(one))) {
      const guess = nearest(name, known);
      const hint = guess === null ? null : `Did you mean "${guess}"?`;
      const code = name.includes("_") ? "runbook/unknown-metric" : "runbook/bad-front-matter";
      this.complain("on", `"${name}" leads to no runbook: ${known.join(", ")} do.`, hint, code);
    }
  }

  date(key: string): string {
    const value = this.text(key);
    const real = /^\d{4}-\d{2}-\d{2}$/.test(value) && new Date(`${value}T00:00:00Z`).toISOString().startsWith(value);
    if (value !== "" && !real) this.complain(key, `${key} is a day such as 2026-03-01, not "${value}".`);
    return value;
  }

  duration(key: string): Duration | null {
    if (!this.fields.has(key)) return null;
    const parsed = parseDuration(this.fields.get(key)?.value);
    if (!parsed.ok) this.complain(key, parsed.because, parsed.hint);
    return parsed.ok ? parsed.value : null;
  }

  private complain(
    about: string,
    detail: string,
    hint: string | null = null,
    code: RunbookProblemCode = "runbook/bad-front-matter",
  ): void {
    const { offset, length } = this.fields.get(about) ?? { offset: 0, length: 3 };
    this.problems.push(runbookProblem(this.file, { code, detail, hint, about, offset, length }));
  }
}
