// Rules about floors: a limit that nothing can ever exceed watches nothing.

import type { AgentConfig } from "../../core/generated/rollout-config.js";
import type { DocumentPath } from "../document-path.js";
import { rolloutConfigDefaults as defaults } from "../generated/rollout-config-shape.js";
import { agentsOf, type Reading, strategyOf } from "../reading.js";
import { parseDuration, printDuration } from "../units/duration.js";
import { readAgain } from "../units/parsed.js";
import type { Rule } from "./rule.js";

/** A session that is still open at its timeout counts as lasting so long, and no longer. */
export const floorsCanBeBreached: Rule = (reading) => {
  for (const [name, agent] of agentsOf(reading)) {
    if (!reading.report.isClean(reading.document, ["agents", name, "session"])) continue;
    const timeout = readAgain(parseDuration(agent.session?.timeout ?? defaults["agents.*.session.timeout"]));
    const strategy = agent.strategy ?? defaults["agents.*.strategy"];
    for (const { floor, path } of latencyFloors(reading, { name, agent, strategy })) {
      if (floor < timeout / 1000 || !reading.report.isClean(reading.document, path)) continue;
      const detail = `Sessions of "${name}" last at most ${printDuration(timeout)}, so that none is ever above ${floor} s.`;
      reading.report.add({ code: "config/floor-out-of-reach", detail, document: reading.document, path });
    }
  }
};

interface LatencyFloor {
  readonly floor: number;
  readonly path: DocumentPath;
}

function latencyFloors(
  reading: Reading,
  { name, agent, strategy }: { readonly name: string; readonly agent: Partial<AgentConfig>; readonly strategy: string },
): readonly LatencyFloor[] {
  const metric = "p95_latency_sec";
  const gates = strategyOf(reading, strategy)?.gates;
  const own = { floor: agent.floors?.[metric] };
  const found = [
    { ...own, path: ["agents", name, "floors", metric] },
    ...(["canary", "full"] as const).map((gate) => ({
      floor: gates?.[gate]?.metrics?.[metric]?.floor,
      path: ["strategies", strategy, "gates", gate, "metrics", metric, "floor"],
    })),
  ];
  return found.flatMap(({ floor, path }) => (typeof floor === "number" ? [{ floor, path }] : []));
}
