// Engines that do wrong by the fallback.

import { want } from "../../core/rollout/want.js";
import { act, does, note, type Sabotage, withRollout } from "./tampering.js";

export const fallbackSabotages: readonly Sabotage[] = [
  {
    name: "the canary is raised under the fallback",
    rules: does((decision, { state }) => {
      const reached = want({ ...state, fallback: null });
      const raises = decision.code === "rollout/fallback-on" && reached !== null && reached.weight > 0;
      return raises && state.inForce?.weight !== reached.weight ? act({ ...reached, fallback: true }) : decision;
    }),
  },
  {
    name: "the fallback ends by itself",
    rules: does((decision, { state }) =>
      decision.code === "rollout/fallback-on" && state.inForce !== null
        ? act({ ...state.inForce, fallback: false })
        : decision,
    ),
  },
  {
    name: "an engine switches the fallback",
    rules: does((decision, { state }) =>
      decision.code === "rollout/fallback-on" && state.fallback !== null
        ? note({ kind: "fallback-switched", on: false, because: "it lasts" })
        : decision,
    ),
  },
  {
    name: "a fallback by broken glass is not taken over",
    rules: does((decision, { state, sight }) =>
      decision.kind === "note" && decision.event.kind === "drift-found" && state.inForce !== null
        ? { ...act(state.inForce), because: sight.lineage }
        : decision,
    ),
  },
  {
    name: "time under the fallback counts",
    rules: (sound) => ({
      ...sound,
      next: (at) => {
        const { rollout } = at.state;
        return rollout === null ? sound.next(at) : sound.next(withRollout(at, { unservedFor: 0 as never }));
      },
    }),
  },
];
