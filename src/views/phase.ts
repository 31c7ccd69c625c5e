// In which phase an agent is, in the words that users know.

import type { AgentState } from "../core/model/state.js";

export type Phase =
  | "not adopted"
  | "retired"
  | "stable"
  | "pending"
  | "ramping"
  | "paused"
  | "promoting"
  | "rolling back"
  | "withdrawing";

export function phaseOf(state: AgentState): Phase {
  if (state.retired) return "retired";
  if (state.stable === null) return "not adopted";
  const { rollout } = state;
  if (rollout === null) return "stable";
  if (rollout.course === "aborting") return rollout.turned?.cause === "withdrawn" ? "withdrawing" : "rolling back";
  if (rollout.paused !== null) return "paused";
  if (rollout.course === "promoting") return "promoting";
  return rollout.history.length === 0 ? "pending" : "ramping";
}
