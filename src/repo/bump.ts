// `rollout bump STEP MODEL@VERSION`: a model bump as one line of YAML, everything else as it was.

import type { Checked, Diagnostic } from "../core/diagnostic/diagnostic.js";
import { nearest } from "../core/diagnostic/nearest.js";
import type { Json } from "../core/model/units.js";
import { repoProblem } from "./diagnostics.js";
import {
  agentsWith,
  desiredEntry,
  entryOf,
  entryText,
  readSpecModels,
  type SpecFiles,
  type SpecModels,
} from "./spec-models.js";
import { editYaml, isFields, readYamlValue, type TextFile, type YamlEdit } from "./yaml-edit.js";

export interface BumpRequest {
  readonly files: SpecFiles;
  readonly step: string;
  /** `model@version`. */
  readonly model: string;
  /** Null: every agent that has the step. */
  readonly agent: string | null;
  /** Edit the registry, or the inline steps, instead of writing an override. */
  readonly inPlace: boolean;
}

export interface Edited {
  /** The files that changed; empty when they say it already. */
  readonly files: readonly TextFile[];
  /** Agents whose desired revision the edit touches. */
  readonly agents: readonly string[];
  /** One line for people: `canary.overrides.planning: a@1 -> b@2`. */
  readonly changes: readonly string[];
}

interface Place {
  readonly file: "config" | "registry";
  readonly path: readonly string[];
  readonly after?: string;
}

/** Params stay: the bumped entry is the present one with another model and version. */
export function bump(request: BumpRequest): Checked<Edited> {
  const read = readSpecModels(request.files);
  if (!read.ok) return read;
  const models = read.value;
  const problem = whyNot(request, models);
  if (problem !== null) return { ok: false, problems: [problem] };
  const place = request.inPlace ? placeInRegistry(request, models) : placeOfOverride(request);
  if (!("path" in place)) return { ok: false, problems: [place] };
  const { step, agent } = request;
  const agents = agentsWith(models, step).filter((name) => agent === null || name === agent);
  const before = presentEntry(request, models, place);
  const entry = bumped(before, request.model);
  const edited = editPlace(request.files, place, entry);
  if (!edited.ok) return edited;
  const from = before === null ? "nothing" : entryText(before);
  const change = `${place.path.join(".")}: ${from} -> ${entryText(entry)}`;
  const none = edited.value.length === 0;
  return { ok: true, value: { files: edited.value, agents, changes: none ? [] : [change] }, warnings: edited.warnings };
}

function whyNot({ step, model, agent, inPlace }: BumpRequest, models: SpecModels): Diagnostic | null {
  if (typeof entryOf(model) !== "string") {
    const detail = `"${model}" is not a model with its version, such as claude-opus-4-6@20260115.`;
    return repoProblem({ code: "repo/bad-model", detail, at: null });
  }
  if (agent !== null && models.agents[agent] === undefined) {
    const names = Object.keys(models.agents);
    const detail = `The spec has no agent "${agent}". Agents are ${names.join(", ")}.`;
    return repoProblem({ code: "repo/no-such-agent", detail, hint: didYouMean(agent, names), at: null });
  }
  const steps = agent === null ? knownSteps(models) : (models.agents[agent]?.steps ?? []);
  if (!steps.includes(step)) {
    const who = agent === null ? "No agent has a" : `${agent} has no`;
    const detail = `${who} step "${step}". Steps are ${steps.join(", ")}.`;
    return repoProblem({ code: "repo/no-such-step", detail, hint: didYouMean(step, steps), at: null });
  }
  const masked = inPlace ? masking(models, step, agent) : null;
  if (masked === null) return null;
  const detail = `${masked} is an override of the same step and wins over what would be written.`;
  return repoProblem({
    code: "repo/masked-by-override",
    detail,
    about: masked,
    hint: "Leave out --in-place to change the override.",
    at: null,
  });
}

function masking(models: SpecModels, step: string, agent: string | null): string | null {
  const agents = agentsWith(models, step).filter((name) => agent === null || name === agent);
  const own = agents.find((name) => models.agents[name]?.overrides[step] !== undefined);
  if (own !== undefined) return `agents.${own}.overrides.${step}`;
  const key = [...agents.map((name) => `${name}/${step}`), step].find((name) => models.overrides[name] !== undefined);
  return key === undefined ? null : `canary.overrides.${key}`;
}

function placeOfOverride({ step, agent }: BumpRequest): Place {
  return {
    file: "config",
    path: agent === null ? ["canary", "overrides", step] : ["agents", agent, "overrides", step],
  };
}

/** Inline steps win over the registry, so that is where they are edited. */
function placeInRegistry({ files, step, agent }: BumpRequest, models: SpecModels): Place | Diagnostic {
  const users = agentsWith(models, step).filter((name) => agent === null || name === agent);
  const inline = users.filter((name) => models.agents[name]?.inline !== null);
  const [first] = inline;
  if (first !== undefined && users.length === 1) return { file: "config", path: ["agents", first, "steps", step] };
  if (inline.length > 0 || files.registry === null) {
    const detail = `${step} stands inline under ${inline.join(", ")} and is used by ${users.join(", ")}: one edit cannot change them all.`;
    return repoProblem({ code: "repo/no-such-step", detail, hint: "Name one agent with --agent.", at: null });
  }
  return { file: "registry", ...(agent === null ? { path: [step] } : { path: [`${agent}/${step}`], after: step }) };
}

/** The entry that the new one follows: what stands at the place, or what the step has without it. */
function presentEntry({ step, agent }: BumpRequest, models: SpecModels, place: Place): Json {
  const [first] = agentsWith(models, step);
  const whose = agent ?? first ?? "";
  const shared = models.overrides[step] ?? models.registry[step];
  return agent === null && place.path[0] !== "agents" && shared !== undefined
    ? shared
    : desiredEntry(models, whose, step);
}

function bumped(before: Json, model: string): Json {
  const entry = entryOf(model);
  if (!isFields(before) || typeof entry !== "string") return entry;
  const at = entry.lastIndexOf("@");
  return { ...before, model: entry.slice(0, at), version: entry.slice(at + 1) };
}

/** An entry that is a map stays one, with its two lines changed. */
function editPlace(files: SpecFiles, place: Place, entry: Json): Checked<readonly TextFile[]> {
  const file = place.file === "config" ? files.config : files.registry;
  if (file === null) return { ok: true, value: [], warnings: [] };
  const whole: YamlEdit = {
    kind: "set",
    path: place.path,
    value: entry,
    ...(place.after === undefined ? {} : { after: place.after }),
  };
  const parts: readonly YamlEdit[] = isFields(entry)
    ? ["model", "version"].map((key) => ({ kind: "set", path: [...place.path, key], value: entry[key] ?? null }))
    : [whole];
  const keepsMap = isFields(entry) && standsAt(file, place.path);
  const edited = editYaml(file, keepsMap ? parts : [whole]);
  if (!edited.ok) return edited;
  const changed = edited.value === file.text ? [] : [{ name: file.name, text: edited.value }];
  return { ok: true, value: changed, warnings: edited.warnings };
}

function standsAt(file: TextFile, path: readonly string[]): boolean {
  const read = readYamlValue(file);
  const value = read.ok
    ? path.reduce<Json>((map, key) => (isFields(map) ? (map[key] ?? null) : null), read.value)
    : null;
  return isFields(value);
}

function knownSteps({ agents }: SpecModels): readonly string[] {
  return [...new Set(Object.values(agents).flatMap(({ steps }) => steps))];
}

function didYouMean(word: string, known: readonly string[]): string | null {
  const guess = nearest(word, known);
  return guess === null ? null : `Did you mean "${guess}"?`;
}
