// Rules about the paths that rollout itself writes and reads: none leads out of the repository, also not through a link.

import type { DocumentPath } from "../document-path.js";
import { rolloutConfigDefaults as defaults } from "../generated/rollout-config-shape.js";
import { agentsOf, type Reading } from "../reading.js";
import { parsePath } from "../units/repository-path.js";
import { parseStateAddress } from "../units/state-address.js";
import type { Rule } from "./rule.js";

export const stateStaysInside: Rule = (reading) => {
  const { config, tree } = reading;
  const state = parseStateAddress(config.state ?? defaults.state);
  if (state.ok && state.value.kind === "sqlite")
    refuseLink(reading, tree.isLinked(state.value.path), state.value.path, ["state"]);
};

/**
 * With the state on a branch every run may have a checkout of its own: what is a file of it is out of every other run's reach, and of the
 * agents'. Who keeps one workspace for all runs says so in the address.
 */
export const runnersReachTheirDoors: Rule = (reading) => {
  const { config, document, report } = reading;
  const state = parseStateAddress(config.state ?? defaults.state);
  if (!state.ok || state.value.kind !== "git" || state.value.workspace === "kept") return;
  for (const [name, { source, target }] of agentsOf(reading)) {
    const far: readonly (readonly [what: string, isFile: boolean, below: DocumentPath])[] = [
      ["its metrics", kindOf(source, "embedded") === "embedded", source === undefined ? [] : ["source"]],
      ["its routing file", isOnlyHere(target), target === undefined ? [] : ["target"]],
    ];
    for (const [what, isFile, below] of far) {
      if (!isFile) continue;
      const detail = `With the state in git: every run has a checkout of its own, and ${what} would be a file of it: the next run and the agents never see it.`;
      const part = below.length === 0 ? "key" : "value";
      report.add({
        code: "config/out-of-reach",
        detail,
        document,
        path: ["agents", name, ...below],
        part,
        hint: reachHint,
      });
    }
  }
};

/** Targets that keep a file in the folder of the repository. */
const writesHere: readonly unknown[] = ["snapshot", "haproxy", "nginx", "flagd", "litellm", "command"];

/** In a cluster the ConfigMap is what others see. */
function isOnlyHere(target: unknown): boolean {
  const kind = kindOf(target, "snapshot");
  if (kind !== "kubernetes") return writesHere.includes(kind);
  return !(typeof target === "object" && target !== null && "config_map" in target);
}

const reachHint =
  "Name a source and a target that a runner can ask; or, where all runs share one folder (a runner with a fixed workspace, a shared disk), write state: git:BRANCH?workspace=kept.";

/** What is written short, or not at all, is of the first kind. */
function kindOf(written: unknown, first: string): unknown {
  return typeof written === "object" && written !== null && "kind" in written ? written.kind : first;
}

export const pathsUseNoLinks: Rule = (reading) => {
  for (const [name, { target, evals }] of agentsOf(reading)) {
    const baseline = evals?.baseline;
    const map = typeof target === "object" && target.kind === "haproxy" ? target.map : undefined;
    const includes = typeof target === "object" && (target.kind === "nginx" || target.kind === "litellm");
    const include = includes ? target.include : undefined;
    const flags = typeof target === "object" && target.kind === "flagd" ? target.flags : undefined;
    const places: readonly (readonly [string | undefined, DocumentPath])[] = [
      typeof target === "string" ? [target, ["target"]] : [target?.path, ["target", "path"]],
      [map, ["target", "map"]],
      [include, ["target", "include"]],
      [flags, ["target", "flags"]],
      [evals?.results, ["evals", "results"]],
      [evals?.results_by_digest, ["evals", "results_by_digest"]],
      typeof baseline === "string"
        ? [baseline, ["evals", "baseline"]]
        : [baseline?.path, ["evals", "baseline", "path"]],
    ];
    for (const [written, below] of places) {
      const path = written === undefined ? null : parsePath(written);
      if (!path?.ok) continue;
      const filled = path.value.replaceAll("{agent}", name);
      refuseLink(reading, reading.tree.isLinked(filled), filled, ["agents", name, ...below]);
    }
  }
};

function refuseLink({ report, document }: Reading, linked: boolean, path: string, at: DocumentPath): void {
  if (linked)
    report.add({ code: "config/symlink", detail: `${path} leads through a symbolic link.`, document, path: at });
}
