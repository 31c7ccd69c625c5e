// Before the first weight: does the canary revision serve?

import type { Evidence, Verdict } from "../../model/gate.js";

export function judgeReady(evidence: Evidence): Verdict {
  if (evidence.kind !== "ready")
    return {
      result: "wait",
      because: "the deployment was not asked whether it is ready",
      figures: { serving: null },
      earliest: null,
    };
  return {
    result: evidence.serving ? "pass" : "wait",
    because: evidence.because,
    figures: { serving: evidence.serving },
    earliest: null,
  };
}
