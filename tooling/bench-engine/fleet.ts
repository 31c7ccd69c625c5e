import { apply } from "../../src/app/apply.js";
import { plan } from "../../src/app/plan.js";
import { Workspace } from "../../test/support/workspace.js";
import { best, type Took, timed } from "./report.js";

/** One file of prompts for all, a model that each agent names, a routing file for each. */
function repository(size: number): Readonly<Record<string, string>> {
  const names = Array.from({ length: size }, (_, index) => `agent-${String(index).padStart(5, "0")}`);
  const agents = names.map(
    (name) => `  ${name}:
    steps: { planning: opus@1, parsing: "haiku@${name}" }
    prompts: prompts/shared/**
    evals: { baseline: { commit: none } }
    target: live/${name}.json
`,
  );
  return {
    "rollout.config.yaml": `version: 1\nagents:\n${agents.join("")}`,
    "prompts/shared/system.md": "You help customers.\n",
    ".gitignore": ".rollout/\nlive/\n",
  };
}

export interface FleetCost {
  readonly adopt: Took;
  /** The best of three, from reading the spec to the last line. */
  readonly plan: Took;
  /** What a finished plan still holds, with all that was read for it. */
  readonly heapBytes: number;
}

/** So many agents in one repository: adopted by one apply, then planned. */
export async function fleet(size: number): Promise<FleetCost> {
  const at = new Workspace(repository(size));
  try {
    const everything = { agents: [], file: null, autoApprove: false, confirm: async () => true };
    const adopt = await timed(async () => {
      const { exit } = await apply(at.world({ interactive: true }), everything);
      if (exit !== 0) throw new Error(`the agents were not adopted: exit ${exit}`);
    });
    const plans: Took[] = [];
    let heapBytes = 0;
    for (let round = 0; round < 3; round++) {
      globalThis.gc?.();
      const before = process.memoryUsage().heapUsed;
      plans.push(
        await timed(async () => {
          const { exit } = await plan(at.world(), { agents: [], out: null, detailedExitcode: true });
          if (exit !== 0) throw new Error(`a fleet at rest has something to do: exit ${exit}`);
        }),
      );
      heapBytes = process.memoryUsage().heapUsed - before;
    }
    return { adopt, plan: best(plans), heapBytes };
  } finally {
    at.remove();
  }
}
