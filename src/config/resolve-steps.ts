// Which model each step of an agent has: what stands inline, else the registry; and what an override makes of it.

import type { AgentConfig, ModelEntry as ModelEntryConfig } from "../core/generated/rollout-config.js";
import type { ModelEntry } from "../core/model/revision.js";
import { modelText } from "../core/model/revision.js";
import type { Json } from "../core/model/units.js";
import type { ConfigDocument } from "./document.js";
import type { DocumentPath } from "./document-path.js";
import { type Reading, stepsOf } from "./reading.js";
import { parseModelReference } from "./units/model-reference.js";

/** An entry and where it was written. */
export interface PlacedEntry {
  readonly entry: ModelEntry;
  readonly document: ConfigDocument;
  readonly path: DocumentPath;
}

/** The entry of a step without overrides; null where none is known. */
export function baseEntry(
  reading: Reading,
  name: string,
  agent: Partial<AgentConfig>,
  step: string,
): PlacedEntry | null {
  const { steps } = agent;
  if (steps !== undefined && steps !== null && !Array.isArray(steps)) {
    return placed(
      reading.document,
      ["agents", name, "steps", step],
      (steps as Readonly<Record<string, ModelEntryConfig>>)[step],
    );
  }
  const { registry } = reading;
  if (registry?.document === null || registry === null) return null;
  for (const key of [`${name}/${step}`, step]) {
    const found = placed(registry.document, [key], registry.entries[key]);
    if (found !== null) return found;
  }
  return null;
}

/** The candidate of a step; null where there is none. The agent's own wins, then `agent/step`, then the step alone. */
export function overrideEntry(
  reading: Reading,
  name: string,
  agent: Partial<AgentConfig>,
  step: string,
): PlacedEntry | null {
  if (!hasOverrides(reading, agent)) return null;
  const shared = reading.config.canary?.overrides ?? {};
  return (
    placed(reading.document, ["agents", name, "overrides", step], agent.overrides?.[step]) ??
    placed(reading.document, ["canary", "overrides", `${name}/${step}`], shared[`${name}/${step}`]) ??
    placed(reading.document, ["canary", "overrides", step], shared[step])
  );
}

function hasOverrides({ config }: Reading, { overrides }: Partial<AgentConfig>): boolean {
  const shared = config.canary?.overrides;
  return (overrides !== undefined && overrides !== null) || (shared !== undefined && shared !== null);
}

export interface ResolvedSteps {
  readonly base: Readonly<Record<string, ModelEntry>>;
  readonly desired: Readonly<Record<string, ModelEntry>>;
  /** Steps whose desired entry differs from the base by an override, sorted. */
  readonly overridden: readonly string[];
}

export function resolveSteps(reading: Reading, name: string, agent: Partial<AgentConfig>): ResolvedSteps {
  const base: Record<string, ModelEntry> = {};
  const desired: Record<string, ModelEntry> = {};
  for (const step of stepsOf(name, agent)
    .map((found) => found.step)
    .sort()) {
    const before = baseEntry(reading, name, agent, step)?.entry;
    const after = overrideEntry(reading, name, agent, step)?.entry ?? before;
    if (before !== undefined) base[step] = before;
    if (after !== undefined) desired[step] = after;
  }
  const overridden = Object.keys(desired).filter((step) => {
    const [before, after] = [base[step], desired[step]];
    return before === undefined || after === undefined || modelText(before) !== modelText(after);
  });
  return { base, desired, overridden };
}

function placed(
  document: ConfigDocument,
  path: DocumentPath,
  written: ModelEntryConfig | undefined,
): PlacedEntry | null {
  if (written === undefined || written === null) return null;
  if (typeof written === "string") {
    const parsed = parseModelReference(written);
    return parsed.ok ? { entry: parsed.value, document, path } : null;
  }
  const { model, version, params } = written;
  if (model === undefined || version === undefined) return null;
  return { entry: { model, version, params: (params ?? {}) as Readonly<Record<string, Json>> }, document, path };
}
