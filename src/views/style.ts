// How text may look on the terminal or in the file that it goes to. Colour repeats what words and symbols already say.

import type { Instant } from "../core/model/units.js";

export interface Style {
  readonly color: boolean;
  /** Columns that a line may take. Names, digests and commands are never cut to fit. */
  readonly width: number;
  readonly now: Instant;
  /** False: every character is ASCII, for terminals that show nothing else. */
  readonly unicode: boolean;
}

export type Tone = "plain" | "strong" | "quiet" | "bad" | "good" | "warn" | "accent";

const codes: Readonly<Record<Exclude<Tone, "plain">, readonly [string, string]>> = {
  strong: ["1", "22"],
  quiet: ["2", "22"],
  bad: ["31", "39"],
  good: ["32", "39"],
  warn: ["33", "39"],
  accent: ["36", "39"],
};

export function paint(style: Style, tone: Tone, text: string): string {
  if (!style.color || tone === "plain" || text === "") return text;
  const [on, off] = codes[tone];
  return `\u001b[${on}m${text}\u001b[${off}m`;
}
