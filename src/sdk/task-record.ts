// The record of a finished task, as agents report it and as it is written down.

/** What was not measured is left out: absent is unknown, and 0 is a measurement. */
export interface TaskRecord {
  /** Counted once. Made up where it is left out. */
  readonly id?: string | undefined;
  /** A date, milliseconds since the epoch, or ISO 8601. */
  readonly started_at: Date | number | string;
  readonly ended_at: Date | number | string;
  /** The router's agent, unless said otherwise. */
  readonly agent?: string | undefined;
  /** The revision that did the work: `route.revision`. */
  readonly revision: string | null;
  readonly session: string;
  /** Whose session it is: what is counted where the agent is routed by user. */
  readonly user?: string | undefined;
  readonly success?: boolean | undefined;
  readonly llm_calls?: number | undefined;
  readonly cost_usd?: number | undefined;
  /** Wall-clock seconds. */
  readonly latency_sec?: number | undefined;
  /** Whether a person had to step in. */
  readonly checkpoint?: boolean | undefined;
  readonly destructive_actions?: number | undefined;
  readonly rolled_back_actions?: number | undefined;
  readonly error?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** What no receiver takes otherwise: one such value would cost the whole batch that it goes with. */
const kinds = {
  success: "boolean",
  llm_calls: "number",
  cost_usd: "number",
  latency_sec: "number",
  checkpoint: "boolean",
  destructive_actions: "number",
  rolled_back_actions: "number",
} as const;

/**
 * One line of JSON. Throws what JSON and dates throw, and a `TypeError` for a value that no receiver takes. Numbers that are none are left
 * out, as JSON would turn them into null.
 */
export function taskLine(record: TaskRecord, known: { readonly id: string; readonly agent: string | null }): string {
  const { id = known.id, agent = known.agent, started_at, ended_at, ...rest } = record;
  for (const [field, kind] of Object.entries(kinds)) {
    const value = record[field as keyof typeof kinds] ?? undefined;
    if (value === undefined || (typeof value === kind && !(typeof value === "number" && value < 0))) continue;
    const wanted = kind === "number" ? "a number from 0" : "true or false";
    throw new TypeError(`${field} is ${JSON.stringify(value)}, and ${wanted} is wanted`);
  }
  const line = { id, started_at: isoText(started_at), ended_at: isoText(ended_at), agent, ...rest };
  return JSON.stringify(line, (_, value: unknown) => (isNothing(value) ? undefined : value));
}

function isoText(time: Date | number | string): string {
  return new Date(time).toISOString();
}

function isNothing(value: unknown): boolean {
  return value === null || (typeof value === "number" && !Number.isFinite(value));
}
