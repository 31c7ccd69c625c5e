/** A metric's components put together. STATISTICS section 6. */
import { logMixture } from "./log-sum-exp.js";
import { totalsLogE } from "./metric-absorb.js";
import { type MetricEvidence, meanShare, slotCount, slotShare, startShare, tailShare } from "./metric-evidence.js";
import { type Betting, type LogE, logE, logESince } from "./process.js";

/** The process since the start of the rollout and the later starts; a slot that was not used counts as 1. */
function startsLogE(main: Betting, slots: readonly (readonly number[])[]): number {
  const starts = Array.from({ length: slotCount }, (_, index) => {
    const snapshot = slots[index];
    return snapshot === undefined ? 0 : logESince(main, snapshot);
  });
  return logMixture([startShare, ...starts.map(() => slotShare)], [logE(main).fail, ...starts]);
}

/**
 * ln of a metric's FAIL e-value (all its components by their shares) and of its PASS e-value in this stage; for a mean, PASS is
 * the lower of the mean and its tail, because both have to be proven.
 */
export function metricLogE(evidence: MetricEvidence): LogE {
  switch (evidence.kind) {
    case "totals":
      return totalsLogE(evidence);
    case "mean": {
      const { main, tail, slots } = evidence;
      if (main === null || tail === null) return { fail: 0, pass: 0 };
      const rest = logE(tail);
      return {
        fail: logMixture([meanShare, tailShare], [startsLogE(main, slots), rest.fail]),
        pass: Math.min(logE(main).pass, rest.pass),
      };
    }
    case "rate":
    case "quantile":
      return { fail: startsLogE(evidence.main, evidence.slots), pass: logE(evidence.main).pass };
  }
}
