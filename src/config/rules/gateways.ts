// Rules about targets that others draw for, or that call the models: what they cannot do is said before anything is written.

import type { LitellmTargetConfig } from "../../core/generated/rollout-config.js";
import { providerOf } from "../../core/model/model-provider.js";
import type { ConfigDocument } from "../document.js";
import type { DocumentPath } from "../document-path.js";
import { agentsOf, type Reading, stepsOf } from "../reading.js";
import { baseEntry, overrideEntry } from "../resolve-steps.js";
import type { Rule } from "./rule.js";

export const flagdKnowsTheRule: Rule = (reading) => {
  for (const [name, { session, target }] of agentsOf(reading)) {
    if (session?.algo !== "md5-100" || typeof target !== "object" || target.kind !== "flagd") continue;
    reading.report.add({
      code: "config/cannot-draw",
      detail: `"${name}" is drawn by md5-100, and flagd's rules know no such hash.`,
      hint: 'Take the line out, or write "algo: murmur3-32": flagd draws by it as the router does.',
      document: reading.document,
      path: ["agents", name, "session", "algo"],
    });
  }
};

export const modelsHaveProviders: Rule = (reading) => {
  for (const [name, agent] of agentsOf(reading)) {
    const target = litellmOf(agent.target);
    const path = ["agents", name, "target", "providers"];
    if (target === null || !reading.report.isClean(reading.document, path)) continue;
    for (const [index, provider] of target.providers.entries()) {
      if (provider.params === undefined || !Object.hasOwn(provider.params, "model")) continue;
      const detail = `"${name}" has a parameter "model" for ${provider.models}, which LiteLLM would call in the place of every one of them.`;
      const at = [...path, index, "params", "model"];
      reading.report.add({
        code: "config/no-provider",
        detail,
        hint: "Take it out.",
        document: reading.document,
        path: at,
      });
    }
    const providers = target.providers.map(({ models, as }) => ({ models, as, params: {} }));
    for (const { step } of stepsOf(name, agent)) {
      for (const placed of [baseEntry(reading, name, agent, step), overrideEntry(reading, name, agent, step)]) {
        if (placed === null) continue;
        const { model, params } = placed.entry;
        if (providerOf(model, providers) === null) {
          const detail = `No provider of "${name}" takes the model ${model} of its step "${step}".`;
          const hint = `Add { models: "${model}", as: "PROVIDER/{model}-{version}" }, as LiteLLM calls it.`;
          reading.report.add({ code: "config/no-provider", detail, hint, document: reading.document, path });
        }
        if (!Object.hasOwn(params, "model")) continue;
        const detail = `"${name}/${step}" has a parameter "model", which LiteLLM would call in the place of ${model}.`;
        const { document } = placed;
        reading.report.add({ code: "config/no-provider", detail, hint: "Take it out.", document, path: placed.path });
      }
    }
  }
};

const secretName = /(^|[_-])(key|token|secret|password|credentials?|authorization)(_id)?$/i;
/** Parameters of models that are only called as secrets are. */
const openName = /^(prompt_cache_key|(stop|bos|eos|pad)_token(_id)?)$/i;
const reference = /^os\.environ\/[A-Za-z_][A-Za-z0-9_]*$/;

/** In the provider's parameters, and in the model's, which go over them into the same file. */
export const gatewayKeysAreReferences: Rule = (reading: Reading) => {
  for (const [name, agent] of agentsOf(reading)) {
    const { document } = reading;
    const target = litellmOf(agent.target);
    if (target === null) continue;
    for (const [index, provider] of target.providers.entries())
      refuseSecrets(reading, document, ["agents", name, "target", "providers", index, "params"], provider?.params);
    for (const { step } of stepsOf(name, agent)) {
      for (const placed of [baseEntry(reading, name, agent, step), overrideEntry(reading, name, agent, step)])
        if (placed !== null) refuseSecrets(reading, placed.document, [...placed.path, "params"], placed.entry.params);
    }
  }
};

function refuseSecrets(reading: Reading, document: ConfigDocument, place: DocumentPath, params: unknown): void {
  const { report } = reading;
  if (typeof params !== "object" || params === null) return;
  for (const [key, value] of Object.entries(params)) {
    const path = [...place, Array.isArray(params) ? Number(key) : key];
    refuseSecrets(reading, document, path, value);
    if (typeof value !== "string" || reference.test(value) || openName.test(key)) continue;
    if (!(secretName.test(key) || /^(sk-|Bearer )/.test(value)) || !report.isClean(document, path)) continue;
    const detail = `"${key}" is a secret, and the spec is committed: everybody who can read the repository has it.`;
    const hint = `Write os.environ/${key.toUpperCase().replaceAll("-", "_")}, the name of a variable in LiteLLM's environment; and change the secret where it is in use.`;
    report.add({ code: "config/secret", detail, hint, document, path });
  }
}

/** Parts that were refused are absent. */
function litellmOf(target: unknown): LitellmTargetConfig | null {
  const isOurs = typeof target === "object" && target !== null && "kind" in target && target.kind === "litellm";
  return isOurs && "providers" in target && Array.isArray(target.providers) ? (target as LitellmTargetConfig) : null;
}
