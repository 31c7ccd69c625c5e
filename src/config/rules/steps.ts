// Rules about steps and their models: known, listed once, and overridden only where they exist.

import { nearest } from "../../core/diagnostic/nearest.js";
import type { ConfigDocument } from "../document.js";
import type { DocumentPath } from "../document-path.js";
import { agentsOf, stepsOf } from "../reading.js";
import { baseEntry, overrideEntry, type PlacedEntry } from "../resolve-steps.js";
import { isMovingVersion } from "../units/model-reference.js";
import type { Rule } from "./rule.js";

export const stepsAreKnown: Rule = (reading) => {
  const { report, document, registry, config } = reading;
  if (registry?.broken || !report.isClean(document, ["registry"])) return;
  // As it was written: an entry that is refused is there, and has its own complaint.
  const entries = registry?.document?.value ?? {};
  for (const [name, agent] of agentsOf(reading)) {
    if (!Array.isArray(agent.steps)) continue;
    for (const { step, path } of stepsOf(name, agent)) {
      const written = [`${name}/${step}`, step].some((key) => Object.hasOwn(entries, key));
      if (written || !report.isClean(document, path)) continue;
      const names = Object.keys(entries).filter((key) => !key.includes("/"));
      const near = nearest(step, names);
      const detail =
        registry === null
          ? `"${name}" lists the step "${step}" by name, and the spec names no registry that would say its model.`
          : `Neither "${name}/${step}" nor "${step}" stands in ${config.registry ?? "the registry"}, so that the step's model is not known.`;
      const hint =
        near !== null
          ? `Did you mean "${near}"?`
          : registry === null
            ? 'Add "registry: registry/models.yaml", or write "steps" as a map.'
            : null;
      report.add({ code: "config/unknown-step", detail, hint, document, path });
    }
  }
};

export const stepsAreListedOnce: Rule = (reading) => {
  for (const [name, agent] of agentsOf(reading)) {
    const seen = new Set<string>();
    for (const { step, path } of stepsOf(name, agent)) {
      const detail = `"${name}" lists the step "${step}" twice.`;
      if (seen.has(step))
        reading.report.add({ code: "config/duplicate-step", detail, document: reading.document, path });
      seen.add(step);
    }
  }
};

export const overridesAreUsed: Rule = (reading) => {
  const { report, document, config } = reading;
  const steps = new Map(
    agentsOf(reading).map(([name, agent]) => [name, stepsOf(name, agent).map(({ step }) => step)] as const),
  );
  const complain = (path: DocumentPath, detail: string, known: readonly string[]): void => {
    const near = nearest(String(path.at(-1)), known);
    report.add({
      code: "config/unused-override",
      detail,
      hint: near === null ? null : `Did you mean "${near}"?`,
      document,
      path,
      part: "key",
    });
  };
  for (const key of Object.keys(config.canary?.overrides ?? {})) {
    const [agent, step] = key.includes("/") ? key.split("/") : [null, key];
    const having = agent === null ? [...steps.values()].flat() : (steps.get(agent ?? "") ?? []);
    if (having.includes(step ?? "")) continue;
    const known = [
      ...new Set([...steps.values()].flat()),
      ...[...steps].flatMap(([name, own]) => own.map((one) => `${name}/${one}`)),
    ];
    complain(
      ["canary", "overrides", key],
      `No agent has the step "${key}", so that this override would try nothing.`,
      known,
    );
  }
  for (const [name, agent] of agentsOf(reading)) {
    for (const step of Object.keys(agent.overrides ?? {})) {
      const path = ["agents", name, "overrides", step];
      if (!steps.get(name)?.includes(step)) {
        complain(
          path,
          `"${name}" has no step "${step}", so that this override would try nothing.`,
          steps.get(name) ?? [],
        );
      } else if (Object.hasOwn(config.canary?.overrides ?? {}, `${name}/${step}`)) {
        const detail = `The step "${step}" of "${name}" has an override here and one under "canary.overrides".`;
        report.add({ code: "config/two-overrides", detail, document, path, part: "key" });
      }
    }
  }
};

export const overridesKeepParameters: Rule = (reading) => {
  const said = new Set<string>();
  for (const [name, agent] of agentsOf(reading)) {
    for (const { step } of stepsOf(name, agent)) {
      const before = baseEntry(reading, name, agent, step);
      const after = overrideEntry(reading, name, agent, step);
      if (before === null || after === null || typeof valueWritten(after) !== "string") continue;
      const params = Object.keys(before.entry.params);
      if (params.length === 0 || said.has(placeOf(after))) continue;
      said.add(placeOf(after));
      const detail = `The entry that this override replaces has parameters (${params.join(", ")}), and the override has none: the candidate is called without them.`;
      reading.report.add({ code: "config/override-drops-params", detail, document: after.document, path: after.path });
    }
  }
};

export const versionsStandStill: Rule = (reading) => {
  const said = new Set<string>();
  for (const [name, agent] of agentsOf(reading)) {
    for (const { step } of stepsOf(name, agent)) {
      for (const entry of [baseEntry(reading, name, agent, step), overrideEntry(reading, name, agent, step)]) {
        if (entry === null || !isMovingVersion(entry.entry.version) || said.has(placeOf(entry))) continue;
        said.add(placeOf(entry));
        const detail = `"${entry.entry.version}" names whatever is newest: the model would change while the revision stays the same, and no canary would see it.`;
        reading.report.add({ code: "config/moving-version", detail, document: entry.document, path: entry.path });
      }
    }
  }
};

function placeOf({ document, path }: { readonly document: ConfigDocument; readonly path: DocumentPath }): string {
  return `${document.file}#${path.join("\n")}`;
}

function valueWritten({ document, path }: PlacedEntry): unknown {
  return path.reduce<unknown>((node, part) => (node as Readonly<Record<string, unknown>>)[part], document.value);
}
