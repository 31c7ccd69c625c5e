// The Kubernetes target as written, made complete; and what every plan says of it.

import type { AgentConfig, KubernetesBackendConfig, KubernetesTargetConfig } from "../core/generated/rollout-config.js";
import type { KubernetesBackend, KubernetesTarget } from "../core/model/spec.js";
import { rolloutConfigDefaults as defaults } from "./generated/rollout-config-shape.js";

/** `path` is the routing file's, already checked. */
export function kubernetesTarget(target: KubernetesTargetConfig, path: string): KubernetesTarget {
  const { kind, namespace, context = null, route, config_map: configMap = null, unsticky } = target;
  return {
    ...{ kind, path, namespace, context, route, configMap },
    stable: backend(target.stable),
    canary: backend(target.canary),
    unsticky: unsticky?.because ?? null,
    env: target.env ?? defaults["agents.*.target.env"],
  };
}

function backend({ service, port, deployment, container }: KubernetesBackendConfig): KubernetesBackend {
  return { service, port, deployment: deployment ?? null, container: container ?? null };
}

/** What it asks of people, or cannot do. */
export function kubernetesNotices(
  { canary, unsticky }: KubernetesTargetConfig,
  release: AgentConfig["release"],
): readonly string[] {
  const drawn =
    unsticky === undefined
      ? "requests without the header x-rollout-revision go to stable: the router's answer, sent by you, is what reaches the canary"
      : `each request is drawn by itself, so a session meets both revisions: ${unsticky.because}`;
  if (release === undefined || (typeof release === "string" && canary.deployment !== undefined)) return [drawn];
  return [drawn, "rollout deploys no release here: both deployments are yours to bring up"];
}
