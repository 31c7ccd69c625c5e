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

export const pathsUseNoLinks: Rule = (reading) => {
  for (const [name, { target, evals }] of agentsOf(reading)) {
    const baseline = evals?.baseline;
    const places: readonly (readonly [string | undefined, DocumentPath])[] = [
      typeof target === "string" ? [target, ["target"]] : [target?.path, ["target", "path"]],
      [evals?.results, ["evals", "results"]],
      [evals?.results_by_digest, ["evals", "results_by_digest"]],
      typeof baseline === "string"
        ? [baseline, ["evals", "baseline"]]
        : [baseline?.path, ["evals", "baseline", "path"]],
    ];
    for (const [written, below] of places) {
      const path = parsePath(written);
      if (!path.ok) continue;
      const filled = path.value.replaceAll("{agent}", name);
      refuseLink(reading, reading.tree.isLinked(filled), filled, ["agents", name, ...below]);
    }
  }
};

function refuseLink({ report, document }: Reading, linked: boolean, path: string, at: DocumentPath): void {
  if (linked)
    report.add({ code: "config/symlink", detail: `${path} leads through a symbolic link.`, document, path: at });
}
