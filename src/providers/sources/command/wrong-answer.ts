// What is wrong with an answer, with its place and where the right form stands.

import { Fault } from "../../../ports/fault.js";
import type { SchemaError } from "../../../ports/schema-validator.js";

export type AnswerKind = "blocks" | "figures" | "history";

/** `node scripts/metrics.mjs`, not longer than a line. */
export function programText(run: readonly string[], role: "source" | "target" = "source"): string {
  const text = run.join(" ");
  return `${role === "source" ? "the metric source" : "the target"} "${text.length > 80 ? `${text.slice(0, 79)}…` : text}"`;
}

/** A fault that names the program, the place in its answer, and where the form of answers is written. */
export function wrongAnswer(about: {
  readonly program: readonly string[];
  readonly kind: AnswerKind;
  readonly at: string;
  readonly because: string;
}): Fault {
  const { program, kind, at, because } = about;
  const place = at === "" ? "" : ` at ${at}`;
  const form = `what it has to print stands in docs/guide/command-source.md and schema/source-answers/${kind}.schema.json`;
  return new Fault("rejected", `${programText(program)} answered ${kind} wrongly${place}: ${because}; ${form}`);
}

/** The first of the schema's errors: its place and what it says. */
export function wrongShape(errors: readonly SchemaError[]): readonly [at: string, because: string] {
  const error = errors.find(({ keyword }) => keyword !== "if") ?? errors[0];
  return error === undefined ? ["", "it has another form"] : [error.instancePath, complaintOf(error)];
}

function complaintOf({ keyword, params }: SchemaError): string {
  const listed = (value: unknown): string => (Array.isArray(value) ? value.map(String).join(" or ") : String(value));
  switch (keyword) {
    case "required":
      return `"${String(params.missingProperty)}" is missing`;
    case "additionalProperties":
      return `"${String(params.additionalProperty)}" is not known`;
    case "type":
      return `it must be ${listed(params.type)
        .replace("integer", "a whole number")
        .replace(/^number/, "a number")}`;
    case "const":
      return `it must be ${JSON.stringify(params.allowedValue)}`;
    case "enum":
      return `it must be ${listed(params.allowedValues)}`;
    case "minimum":
    case "maximum":
      return `it must be ${String(params.comparison)} ${String(params.limit)}`;
    default:
      return `it is refused by the schema (${keyword})`;
  }
}
