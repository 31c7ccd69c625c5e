// A later gate of a rollout may have other margins: they hold from its first block on, and evidence so far stays as it is.

import type { MetricRule } from "../model/metric.js";
import type { MetricEvidence } from "../stats/metric-evidence.js";
import type { Targets } from "../stats/process.js";
import { limitsOf, tailLimitsOf } from "./health-config.js";

/** The metric's evidence under the rule and the level of the stage that begins; both were fixed when the rollout started. */
export function retargetMetric(evidence: MetricEvidence, rule: MetricRule, beta: number): MetricEvidence {
  const limits = limitsOf(rule);
  const aimed = <State extends { readonly targets: Targets }>(state: State, to = limits): State => ({
    ...state,
    ...to,
    targets: { ...state.targets, pass: Math.log(1 / beta) },
  });
  switch (evidence.kind) {
    case "rate":
      return { ...evidence, main: aimed(evidence.main) };
    case "quantile":
      return { ...evidence, main: aimed(evidence.main) };
    case "totals":
      return { ...evidence, config: { ...evidence.config, ...limits }, stake: { ...evidence.stake, beta } };
    case "mean": {
      const { main, tail, waiting } = evidence;
      const tailLimits = tailLimitsOf(rule);
      return {
        ...evidence,
        main: main === null ? null : aimed(main),
        tail: tail === null ? null : aimed(tail, tailLimits),
        waiting:
          waiting === null
            ? null
            : {
                ...waiting,
                config: { ...waiting.config, ...limits, tail: tailLimits },
                stake: { ...waiting.stake, beta },
              },
      };
    }
  }
}
