// What LiteLLM's config.yaml includes: a model_list with one entry for each step of each revision. Its names are what an agent asks for.
// Written as JSON inside YAML's block form, which LiteLLM's reader (YAML 1.1) and every other take alike.

import { providerOf } from "../../../core/model/model-provider.js";
import type { ModelEntry, ServedRevision } from "../../../core/model/revision.js";
import type { Fence } from "../../../core/model/route.js";
import type { LitellmProvider } from "../../../core/model/spec.js";
import type { AgentId, Json, RevisionId } from "../../../core/model/units.js";
import { fenceText } from "../../../ports/check-shift.js";
import { Fault } from "../../../ports/fault.js";
import type { OwnedText } from "../../../ports/owned-file.js";

/** SHA-256 of the text's UTF-8 form: `sha256:` and 64 hexadecimal digits. */
export type TextDigest = (text: string) => string;

export interface Models {
  readonly agent: AgentId;
  readonly lineage: string;
  readonly fence: Fence;
  readonly entries: readonly Entry[];
  /** Whether LiteLLM has all of them for sure: a reload with them came to its end. */
  readonly taken: boolean;
}

/** One deployment in LiteLLM's words, as the text that stands in the file. */
export interface Entry {
  /** `support/planning/r-…`, or `support/planning` for stable's. */
  readonly name: string;
  readonly text: string;
}

const mark = "# rollout";
const told = "# Written by rollout for LiteLLM; holds one agent. Changes by hand are replaced.\nmodel_list:";

export function modelsText({ agent, lineage, fence, entries, taken }: Models, digest: TextDigest): string {
  const head = `${agent} ${encodeURIComponent(lineage)} ${fenceText(fence)} ${taken ? "taken" : "written"}`;
  const body = `${told}${entries.length === 0 ? " []" : ""}\n${entries.map(({ text }) => text).join("")}`;
  return `${mark} ${head} ${digest(`${head}\n${body}`)}\n${body}`;
}

/** Its entries, sorted by name: each step of a revision by its id, and without one where it is the stable revision. Throws a `Fault` ("rejected"). */
export function entriesOf(
  agent: AgentId,
  revision: { readonly id: RevisionId; readonly served: ServedRevision; readonly isStable: boolean },
  providers: readonly LitellmProvider[],
): readonly Entry[] {
  const { id, served, isStable } = revision;
  return Object.keys(served.steps)
    .sort()
    .flatMap((step) => {
      const found = served.steps[step];
      if (found === undefined) return [];
      const params = paramsOf(found, providers, `${agent}/${step}`);
      const info = { rollout: { agent, step, revision: id } };
      const entry = (name: string): Entry => ({ name, text: entryText(name, params, info) });
      return [...(isStable ? [entry(`${agent}/${step}`)] : []), entry(`${agent}/${step}/${id}`)];
    });
}

/** The parameters of the revision go with each call, over those of the provider. */
function paramsOf(
  found: ModelEntry,
  providers: readonly LitellmProvider[],
  place: string,
): Readonly<Record<string, Json>> {
  const { model, version, params } = found;
  const provider = providerOf(model, providers);
  if (provider === null) throw new Fault("rejected", `no provider of the target takes the model ${model} of ${place}`);
  if (Object.hasOwn(params, "model"))
    throw new Fault("rejected", `${place} has a parameter "model", which would call another one than the registry's`);
  const called = provider.as.replace(/\{(model|version)\}/g, (_, name) => (name === "model" ? model : version));
  return { ...provider.params, ...params, model: called };
}

/** What needs no quotes as a key: `yes`, `off` and the like are truth values in YAML 1.1. */
const plainWord = /^(?!(?:yes|off|true|false|null)$)[A-Za-z_][A-Za-z0-9_]{2,}$/i;

function entryText(name: string, params: Readonly<Record<string, Json>>, info: Readonly<Record<string, Json>>): string {
  const lines = (fields: Readonly<Record<string, Json>>): string =>
    Object.entries(fields)
      .map(([key, value]) => `      ${plainWord.test(key) ? key : yamlText(key)}: ${yamlText(value)}\n`)
      .join("");
  return `  - model_name: ${yamlText(name)}\n    litellm_params:\n${lines(params)}    model_info:\n${lines(info)}`;
}

/**
 * JSON is YAML but for two things that YAML 1.1 reads differently: other characters than ASCII (a line separator in a text ends its line),
 * and numbers with an exponent and no point (which are texts).
 */
function yamlText(value: Json): string {
  if (typeof value === "number") return JSON.stringify(value).replace(/^(-?\d+)e/, "$1.0e");
  if (Array.isArray(value)) return `[${value.map(yamlText).join(", ")}]`;
  if (typeof value === "object" && value !== null)
    return `{${Object.entries(value)
      .map(([key, inner]) => `${yamlText(key)}: ${yamlText(inner)}`)
      .join(", ")}}`;
  return JSON.stringify(value).replaceAll(/[^\x20-\x7e]/gu, (each) => {
    const code = (each.codePointAt(0) ?? 0).toString(16);
    return code.length > 4 ? `\\U${code.padStart(8, "0")}` : `\\u${code.padStart(4, "0")}`;
  });
}

/** Never throws. */
export function readModels(text: string | null, digest: TextDigest): OwnedText<Pick<Models, "entries" | "taken">> {
  // LiteLLM does not start without a file, nor with an empty one: an empty list is what people begin with.
  if (text === null || /^\s*(model_list:\s*\[\s*\]\s*)?$/.test(text)) return { kind: "none" };
  const [first = ""] = text.split("\n", 1);
  const [agent, lineage, fence = "", state, checksum, ...more] = first.startsWith(`${mark} `)
    ? first.slice(mark.length + 1).split(" ")
    : [];
  if (agent === undefined || lineage === undefined || checksum === undefined || more.length > 0)
    return { kind: "strange", because: "rollout did not write it" };
  const numbers = /^(\d{1,15})\.(\d{1,15})$/.exec(fence);
  const line = decoded(lineage);
  if (numbers === null || line === null)
    return { kind: "damaged", agent, rival: null, because: "what it says about itself was changed" };
  const rival = { lineage: line, fence: { epoch: Number(numbers[1]), serial: Number(numbers[2]) } };
  const body = text.slice(first.length + 1);
  if (checksum !== digest(`${agent} ${lineage} ${fence} ${state}\n${body}`))
    return { kind: "damaged", agent, rival, because: "its checksum does not match its content" };
  return { kind: "ours", agent, rival, content: { entries: entriesIn(body), taken: state === "taken" } };
}

/** Of a text that `modelsText` wrote. */
function entriesIn(body: string): readonly Entry[] {
  const [, ...texts] = body.split(/^(?= {2}- )/m);
  return texts.map((text) => ({ name: JSON.parse(text.slice(text.indexOf('"'), text.indexOf("\n"))), text }));
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
