// A run that can be written down in one line: how failures are named, pinned and had again.

import { canonicalJson } from "../../core/model/revision.js";
import type { Scenario } from "./scenario.js";
import { type SceneName, sceneIn } from "./scenes.js";
import type { Report } from "./simulate.js";
import { drawStorm } from "./storm.js";
import { atEffects, type EffectTrouble, single, type Trouble } from "./weather.js";

export type Case =
  | { readonly kind: "calm"; readonly scene: SceneName }
  | { readonly kind: "single"; readonly scene: SceneName; readonly touch: number; readonly trouble: Trouble }
  | { readonly kind: "effects"; readonly scene: SceneName; readonly at: readonly EffectTrouble[] }
  | { readonly kind: "storm"; readonly seed: number; readonly switches?: true }
  | { readonly kind: "twins"; readonly seed: number; readonly switches?: true };

export function scenarioOf(of: Case): Scenario {
  switch (of.kind) {
    case "calm":
      return sceneIn(of.scene);
    case "single":
      return sceneIn(of.scene, single(of.touch, of.trouble));
    case "effects":
      return sceneIn(of.scene, atEffects(...of.at));
    case "storm":
      return drawStorm(of.seed, { switches: of.switches ?? false });
    case "twins":
      return drawStorm(of.seed, { twins: true, switches: of.switches ?? false });
  }
}

/** What a failure prints: the case, what did not hold, the last twenty entries, and a test that fails. Null: everything held. */
export function describeFailure(of: Case, { breach, entries, touched }: Report): string | null {
  if (breach === null) return null;
  const last = entries.slice(-20).map(({ serial, event }) => `  ${serial} ${shortJson(event)}`);
  return [
    `${canonicalJson(of)}: ${breach.message}`,
    `after ${touched.length} touches, the last of them ${touched.slice(-5).join(", ")}`,
    ...last,
    "To have it again, add to test/simulation/pinned-seeds.ts:",
    `  ${canonicalJson(of)},`,
  ].join("\n");
}

/** An entry without its bulk: stages, evidence and settings are left out, revisions are short. */
function shortJson(event: object): string {
  const bulk = ["stages", "evidence", "session", "target", "figures", "salt", "algo", "plan"];
  const text = JSON.stringify(event, (key, value) => (bulk.includes(key) ? undefined : value));
  return text.replaceAll(/r-([0-9a-f]{2})\1+/g, "r-$1");
}
