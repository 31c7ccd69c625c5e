// What an agent and its strategy say of floors, as one list.

import type { AgentConfig, StrategyConfig } from "../core/generated/rollout-config.js";
import type { Floor, RisingMetric } from "../core/model/floor.js";
import { metricNames } from "./health-settings.js";
import { parseCeiling, parseRate } from "./units/margin.js";
import { readAgain } from "./units/parsed.js";

type Written = string | number;

/** Floors are watched at every time and weight, wherever they stand: of several of one metric the strictest says the most. */
export function floorsOf(agent: Pick<AgentConfig, "floors">, { gates }: StrategyConfig): readonly Floor[] {
  return metricNames.flatMap((metric): readonly Floor[] => {
    const inGates = [gates?.canary, gates?.full].map((gate) => gate?.metrics?.[metric]?.floor);
    const written = [agent.floors?.[metric], ...inGates].filter((floor): floor is Written => floor !== undefined);
    if (written.length === 0) return [];
    if (metric === "task_success_rate")
      return [{ metric, least: Math.max(...written.map((floor) => readAgain(parseRate(floor)))) }];
    return [{ metric, most: Math.min(...written.map((floor) => mostOf(metric, floor))) }];
  });
}

/** Rates are written in percent; calls, dollars and seconds as numbers. */
function mostOf(metric: RisingMetric, written: Written): number {
  const isRate = metric === "checkpoint_trigger_rate" || metric === "rollback_rate";
  return isRate ? readAgain(parseCeiling(written)) : Number(written);
}
