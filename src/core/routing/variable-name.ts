// What an agent is called in the variables of a proxy's configuration.

import type { AgentId } from "../model/units.js";

/** Letters, digits and `_`. Two names of agents may give the same, as `a-b` and `a_b` do: such agents cannot share a proxy that uses it. */
export function variableName(agent: AgentId): string {
  return agent.replaceAll(/[^A-Za-z0-9]/g, "_");
}
