// The LiteLLM target as written, made complete; and what every plan says of it.

import type { LitellmTargetConfig } from "../core/generated/rollout-config.js";
import type { LitellmTarget } from "../core/model/spec.js";
import { rolloutConfigDefaults as defaults } from "./generated/rollout-config-shape.js";

/** `path` is the routing file's and `include` the models', both already checked. */
export function litellmTarget(
  target: LitellmTargetConfig,
  { path, include }: { readonly path: string; readonly include: string },
): LitellmTarget {
  const { kind, reload, url = null, key_env: key = null } = target;
  const none = defaults["agents.*.target.providers[].params"];
  const providers = target.providers.map(({ models, as, params = none }) => ({ models, as, params }));
  return { kind, path, include, providers, reload, url, key };
}

export function litellmNotices({ url }: LitellmTargetConfig): readonly string[] {
  if (url !== undefined) return [];
  return [
    "nobody asks LiteLLM which models it serves: a reload that ends well is taken for it, unless you name its url",
  ];
}
