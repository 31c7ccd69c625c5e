// One record as it came over the wire, checked field by field. Everything wrong with it is told at once.

import { nearest } from "../core/diagnostic/nearest.js";
import { shownValue } from "../core/diagnostic/shown-value.js";
import type { Instant } from "../core/model/units.js";
import type { TelemetryCode } from "./diagnostics.js";

export interface Complaint {
  readonly code: TelemetryCode;
  /** The field that is wrong; null: the record as a whole. */
  readonly field: string | null;
  readonly detail: string;
  readonly hint: string | null;
}

type Fields = Readonly<Record<string, unknown>>;

/** Reads fields of one JSON object and gathers what is wrong. `null` is what JSON writers put for a field that is not there. */
export class RecordFields {
  readonly complaints: Complaint[] = [];
  readonly #fields: Fields;

  constructor(fields: Fields, known: readonly string[]) {
    this.#fields = fields;
    for (const field of Object.keys(fields)) if (!known.includes(field)) this.#complainOfUnknown(field, known);
  }

  /** A text with something in it. */
  name(field: string): string {
    return this.optionalName(field) ?? this.#missing(field, "");
  }

  optionalName(field: string): string | null {
    const value = this.#given(field);
    if (value === null) return null;
    if (typeof value === "string" && value.trim() !== "" && value.length <= 1000) return value;
    return this.#bad(field, "is not a text of 1 to 1000 characters", null);
  }

  time(field: string): Instant {
    return this.optionalTime(field) ?? this.#missing(field, 0 as Instant);
  }

  optionalTime(field: string): Instant | null {
    const value = this.#given(field);
    if (value === null) return null;
    const instant = typeof value === "string" ? instantOf(value) : value;
    if (typeof instant !== "number" || !Number.isFinite(instant)) {
      return this.#bad(field, "is not a time", "Write 2026-03-01T09:30:00Z, or milliseconds since 1970.");
    }
    // Milliseconds of 1973 are seconds of the year 5138: the unit was mistaken.
    if (instant < 1e11)
      return this.#bad(field, "lies before 1973", "Times as numbers are milliseconds since 1970, not seconds.");
    return Math.round(instant) as Instant;
  }

  amount(field: string, kind: "number" | "whole number"): number | null {
    const value = this.#given(field);
    if (value === null) return null;
    const fits = typeof value === "number" && Number.isFinite(value) && value >= 0;
    if (fits && (kind === "number" || Number.isInteger(value))) return value;
    return this.#bad(field, `is not a ${kind} of 0 or more`, "Leave it out where it was not measured.");
  }

  flag(field: string): boolean | null {
    const value = this.#given(field);
    if (value === null || typeof value === "boolean") return value;
    return this.#bad(field, "is neither true nor false", "Leave it out where it was not measured.");
  }

  oneOf(field: string, words: readonly string[]): string | null {
    const value = this.#given(field);
    if (value === null) return null;
    if (typeof value === "string" && words.includes(value)) return value;
    return this.#bad(field, `is none of ${words.join(", ")}`, null);
  }

  texts(field: string): Readonly<Record<string, string>> {
    const value = this.#given(field);
    if (value === null) return {};
    const texts = fieldsOf(value);
    if (texts !== null && Object.values(texts).every((text) => typeof text === "string")) {
      return { ...texts } as Record<string, string>;
    }
    return this.#bad(field, "is not an object of texts", 'Write { "tool": "refund" }.') ?? {};
  }

  /** Something that no field is wrong about alone. */
  complain(field: string, detail: string): void {
    this.complaints.push({ code: "telemetry/bad-field", field, detail, hint: null });
  }

  #given(field: string): unknown {
    return Object.hasOwn(this.#fields, field) ? (this.#fields[field] ?? null) : null;
  }

  #missing<T>(field: string, placeholder: T): T {
    const isWrong = this.complaints.some((complaint) => complaint.field === field);
    if (!isWrong) {
      const detail = `The record has no ${field}.`;
      const hint =
        field === "agent" ? 'Name it where tasks are recorded: openRouter(file, { agent: "support" }).' : null;
      this.complaints.push({ code: "telemetry/missing-field", field: null, detail, hint });
    }
    return placeholder;
  }

  #bad(field: string, because: string, hint: string | null): null {
    const value = shownValue(this.#fields[field]);
    this.complaints.push({ code: "telemetry/bad-field", field, detail: `${field} ${because}: ${value}.`, hint });
    return null;
  }

  #complainOfUnknown(field: string, known: readonly string[]): void {
    const guess = nearest(field, known);
    const hint = guess === null ? `Fields are ${known.join(", ")}.` : `Did you mean "${guess}"?`;
    const detail = `${shownValue(field)} is not a field of this record.`;
    this.complaints.push({ code: "telemetry/unknown-field", field, detail, hint });
  }
}

/** Fields of a JSON object; null for everything else. */
export function fieldsOf(value: unknown): Fields | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}

const isoWithOffset = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)$/;

/** Without an offset the same text would be another time on another machine: NaN, as for what is no time at all. */
function instantOf(text: string): number {
  return isoWithOffset.test(text) ? Date.parse(text) : Number.NaN;
}
