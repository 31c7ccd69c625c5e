// What tests of changed courses say again and again: the files of the override, and which model everybody gets.

import { say, shown } from "./team.js";
import type { Workspace } from "./workspace.js";

export const spec = "rollout.config.yaml";
export const models = "registry/models.yaml";
const override = "canary:\n  overrides:\n    planning: opus@2\n";
export const unOverridden = (w: Workspace): void => w.edit(spec, override, "");
export const promotedByHand = (w: Workspace) => say(w, "promote", "a test says so");

/** The planning model that every new session gets; null while two revisions serve. */
export async function serves(w: Workspace): Promise<string | null> {
  const live = await shown(w);
  if (live.kind !== "serving" || live.route.canary !== null) return null;
  const entry = live.served[live.route.stable]?.steps.planning;
  return `${entry?.model}@${entry?.version}`;
}
