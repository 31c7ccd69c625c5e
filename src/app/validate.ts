// `rollout validate`: reads everything that the spec names and says every problem at once. Writes nothing.

import { loadSpec } from "../config/load-spec.js";
import type { Answer } from "../views/view.js";
import type { World } from "./world.js";

export async function validate(world: World): Promise<Answer> {
  const loaded = await loadSpec({ cwd: world.cwd, file: world.config });
  if (!loaded.ok) return { view: { kind: "problems", problems: loaded.problems, otherwise: "" }, exit: 1 };
  const { spec, file } = loaded.value;
  const agents = Object.keys(spec.agents);
  const otherwise = `${file} is valid: ${agents.length} ${agents.length === 1 ? "agent" : "agents"} (${agents.join(", ")}).`;
  return { view: { kind: "problems", problems: loaded.warnings, otherwise }, exit: 0 };
}
