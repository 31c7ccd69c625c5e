// What a promotion leaves to be written down: the promoted override becomes the registry's line.

import type { Checked, Diagnostic } from "../core/diagnostic/diagnostic.js";
import type { Edited } from "./bump.js";
import { repoProblem } from "./diagnostics.js";
import {
  agentsWith,
  baseEntry,
  desiredEntry,
  type Entries,
  entryOf,
  entryText,
  readSpecModels,
  type SpecFiles,
  type SpecModels,
} from "./spec-models.js";
import { editYaml, type TextFile, type YamlEdit } from "./yaml-edit.js";

export interface FoldRequest {
  readonly files: SpecFiles;
  readonly agent: string;
  /** Step -> value that was promoted, as `model@version` and canonical params: what the journal calls unfolded. */
  readonly promoted: Readonly<Record<string, string>>;
  /** Agent -> step -> value that its stable revision serves, for every agent that the journal knows. */
  readonly stable: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

interface Placed {
  readonly file: "config" | "registry";
  readonly edit: YamlEdit;
}

/**
 * Writes `AGENT/step`, or the agent's inline step; the shared line is written only when every user of the step is promoted on
 * the value. An override is taken out when every agent that it speaks to has its value without it. No agent's desired model
 * changes by folding, except that an override which somebody took out before is kept as the registry's line.
 */
export function foldPromoted(request: FoldRequest): Checked<Edited> {
  let files = request.files;
  const changes: string[] = [];
  for (const [step, text] of Object.entries(request.promoted).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const folded = foldStep({ ...request, files }, step, text);
    if (!folded.ok) return folded;
    files = folded.value.files;
    changes.push(...folded.value.changes);
  }
  const problems = changedModels(request, files);
  if (problems.length > 0) return { ok: false, problems };
  const before = [request.files.config, request.files.registry];
  const changed = [files.config, files.registry].filter(
    (file, index): file is TextFile => file !== null && file.text !== before[index]?.text,
  );
  return { ok: true, value: { files: changed, agents: [request.agent], changes }, warnings: [] };
}

interface Folded {
  readonly files: SpecFiles;
  readonly changes: readonly string[];
}

function foldStep(request: FoldRequest, step: string, text: string): Checked<Folded> {
  const read = readSpecModels(request.files);
  if (!read.ok) return read;
  const written = writing(request, read.value, { step, text });
  if (!written.ok) return written;
  const base = apply(request.files, written.value);
  if (!base.ok) return base;
  const after = readSpecModels(base.value.files);
  if (!after.ok) return after;
  const cleaned = apply(base.value.files, settled(after.value, request.agent, { step, text }));
  if (!cleaned.ok) return cleaned;
  const value = { files: cleaned.value.files, changes: [...base.value.changes, ...cleaned.value.changes] };
  return { ok: true, value, warnings: [] };
}

interface Step {
  readonly step: string;
  readonly text: string;
}

/** Where the value is to stand without overrides. */
function writing(request: FoldRequest, models: SpecModels, { step, text }: Step): Checked<readonly Placed[]> {
  const { agent, files } = request;
  const value = entryOf(text);
  const own = models.agents[agent];
  if (own === undefined || !own.steps.includes(step)) {
    const detail = `${agent} has no step "${step}" in ${files.config.name}, so its promoted model ${text} has no place.`;
    const code = own === undefined ? "repo/no-such-agent" : "repo/no-such-step";
    return { ok: false, problems: [repoProblem({ code, detail, at: null })] };
  }
  if (entryText(baseEntry(models, agent, step)) === text) return { ok: true, value: [], warnings: [] };
  const set = (file: Placed["file"], path: readonly string[], after?: string): Placed => ({
    file,
    edit: { kind: "set", path, value, ...(after === undefined ? {} : { after }) },
  });
  if (own.inline !== null) return { ok: true, value: [set("config", ["agents", agent, "steps", step])], warnings: [] };
  const users = agentsWith(models, step).filter((name) => models.agents[name]?.inline === null);
  const all = users.every(
    (user) =>
      user === agent || (request.stable[user]?.[step] === text && entryText(desiredEntry(models, user, step)) === text),
  );
  if (!all) return { ok: true, value: [set("registry", [`${agent}/${step}`], step)], warnings: [] };
  const lines = users.filter((user) => models.registry[`${user}/${step}`] !== undefined);
  const ownLines = lines.map((user): Placed => {
    const key = `${user}/${step}`;
    const same = entryText(models.registry[key] ?? null) === text;
    return same ? { file: "registry", edit: { kind: "remove", path: [key] } } : set("registry", [key]);
  });
  return { ok: true, value: [set("registry", [step]), ...ownLines], warnings: [] };
}

/** The overrides that have become superfluous: without them everybody still gets what they get now. */
function settled(models: SpecModels, agent: string, { step, text }: Step): readonly Placed[] {
  const candidates: readonly (readonly string[])[] = [
    ["canary", "overrides", step],
    ["canary", "overrides", `${agent}/${step}`],
    ["agents", agent, "overrides", step],
  ];
  let left = models;
  return candidates.flatMap((path): readonly Placed[] => {
    const without = withoutOverride(left, path);
    const value = overridesAt(left, path)[path.at(-1) ?? ""];
    if (value === undefined || entryText(value) !== text) return [];
    const same = agentsWith(left, step).every(
      (name) => entryText(desiredEntry(without, name, step)) === entryText(desiredEntry(left, name, step)),
    );
    if (!same) return [];
    left = without;
    return [{ file: "config", edit: { kind: "remove", path } }];
  });
}

function overridesAt(models: SpecModels, [root, agent = ""]: readonly string[]): Entries {
  return root === "canary" ? models.overrides : (models.agents[agent]?.overrides ?? {});
}

function withoutOverride(models: SpecModels, path: readonly string[]): SpecModels {
  const overrides = Object.fromEntries(
    Object.entries(overridesAt(models, path)).filter(([key]) => key !== path.at(-1)),
  );
  const [root, agent = ""] = path;
  const own = models.agents[agent];
  if (root === "canary") return { ...models, overrides };
  return own === undefined ? models : { ...models, agents: { ...models.agents, [agent]: { ...own, overrides } } };
}

function apply(files: SpecFiles, placed: readonly Placed[]): Checked<Folded> {
  const of = (file: Placed["file"]) => placed.filter((one) => one.file === file).map(({ edit }) => edit);
  const config = editYaml(files.config, of("config"));
  if (!config.ok) return config;
  const registry = files.registry === null ? null : editYaml(files.registry, of("registry"));
  if (registry !== null && !registry.ok) return registry;
  const value = {
    files: {
      config: { ...files.config, text: config.value },
      registry: files.registry === null || registry === null ? null : { ...files.registry, text: registry.value },
    },
    changes: placed.map(({ file, edit }) => changeText(files[file]?.name ?? file, edit)),
  };
  return { ok: true, value, warnings: [] };
}

function changeText(file: string, edit: YamlEdit): string {
  const key = edit.path.join(".");
  return edit.kind === "remove" ? `${file}: ${key} taken out` : `${file}: ${key} is ${entryText(edit.value)}`;
}

/** Folding is not a change of any agent; what it would change shows here instead of as a canary. */
function changedModels({ files, agent, promoted }: FoldRequest, after: SpecFiles): readonly Diagnostic[] {
  const [old, now] = [readSpecModels(files), readSpecModels(after)];
  if (!old.ok || !now.ok) return [old, now].flatMap((read) => (read.ok ? [] : read.problems));
  return Object.entries(old.value.agents).flatMap(([name, { steps }]) =>
    steps.flatMap((step) => {
      const [before, folded] = [old.value, now.value].map((models) => entryText(desiredEntry(models, name, step)));
      if (before === folded || (name === agent && folded === promoted[step])) return [];
      const detail = `Folding would change ${step} of ${name} from ${before} to ${folded}.`;
      return repoProblem({ code: "repo/fold-changes-revision", detail, about: `${name}/${step}`, at: null });
    }),
  );
}
