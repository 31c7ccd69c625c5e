// Rules about targets in a cluster: two agents change no object together, and the two revisions of one are kept apart.

import type { KubernetesTargetConfig } from "../../core/generated/rollout-config.js";
import { agentsOf, type Reading } from "../reading.js";
import type { Rule } from "./rule.js";

export const clusterObjectsStandApart: Rule = (reading) => {
  const { document, report } = reading;
  const owners: (ClusterObject & { readonly agent: string })[] = [];
  for (const [agent, target] of inClusters(reading)) {
    for (const object of objectsOf(target)) {
      const owner = owners.find((other) => isSame(other, object));
      owners.push({ ...object, agent });
      if (owner === undefined) continue;
      const detail =
        owner.agent === agent
          ? `"${agent}" would change ${object.name} for two purposes.`
          : `"${owner.agent}" and "${agent}" would both change ${object.name}.`;
      const hint = "Give each of them one of its own.";
      report.add({
        code: "config/shared-target",
        detail,
        hint,
        document,
        path: ["agents", agent, "target", ...object.at],
      });
    }
  }
};

export const revisionsAreServedApart: Rule = (reading) => {
  const { document, report } = reading;
  for (const [agent, { stable, canary }] of inClusters(reading)) {
    const path = ["agents", agent, "target", "canary"];
    if (stable.service === canary.service) {
      const detail = `Stable and the canary have the same service, ${canary.service}, so no rule could tell them apart.`;
      const hint = "Where one deployment serves both revisions, use the target snapshot: no gateway has to choose.";
      report.add({ code: "config/bad-value", detail, hint, document, path: [...path, "service"] });
    }
    if ((stable.deployment === undefined) === (canary.deployment === undefined)) continue;
    const detail = `"deployment" stands for ${stable.deployment === undefined ? "the canary" : "stable"} alone.`;
    const hint = "Name both, so that rollout deploys releases, or neither, so that you do.";
    report.add({ code: "config/bad-value", detail, hint, document, path });
  }
};

interface ClusterObject {
  /** For people: `the HTTPRoute agents/support`. */
  readonly name: string;
  /** Absent: kubectl's current one, which may be any. */
  readonly context: string | undefined;
  readonly at: readonly string[];
}

function objectsOf(target: KubernetesTargetConfig): readonly ClusterObject[] {
  const { namespace, context, route, stable, canary, config_map: configMap, path } = target;
  // The routing file's own name is the key, so that agents may share a ConfigMap.
  const key = path.slice(path.lastIndexOf("/") + 1);
  const named: readonly (readonly [string, string | undefined, readonly string[]])[] = [
    ["HTTPRoute", route, ["route"]],
    ["deployment", stable.deployment, ["stable", "deployment"]],
    ["deployment", canary.deployment, ["canary", "deployment"]],
    [`key ${key} of the config map`, configMap, ["config_map"]],
  ];
  return named.flatMap(([kind, name, at]) =>
    name === undefined ? [] : [{ name: `the ${kind} ${namespace}/${name}`, context, at }],
  );
}

function isSame(a: ClusterObject, b: ClusterObject): boolean {
  return a.name === b.name && (a.context === undefined || b.context === undefined || a.context === b.context);
}

/** Of targets that nobody has complained about. */
function inClusters(reading: Reading): readonly (readonly [string, KubernetesTargetConfig])[] {
  return agentsOf(reading).flatMap(([agent, { target }]) => {
    const isClean = reading.report.isClean(reading.document, ["agents", agent, "target"]);
    return isClean && typeof target === "object" && target.kind === "kubernetes" ? [[agent, target] as const] : [];
  });
}
