import { logBeta } from "./gamma.js";

/** How firmly the planned share is believed before sessions are counted: worth so many sessions. */
const priorSessions = 1000;

/** Above this log e-value the split is not the one that was asked for: hold and alert, never roll back. */
export const sampleRatioThreshold = Math.log(1 / 0.001);

/**
 * ln of the e-value against "each session of the stage went to the canary with the planned share" (a mixture over other
 * shares; STATISTICS section 6). 0 where the share is 0 or 1, for then there is nothing to compare.
 */
export function sampleRatioLogE(seen: {
  readonly canary: number;
  readonly stable: number;
  readonly share: number;
}): number {
  const { canary, stable, share } = seen;
  if (!(share > 0 && share < 1)) return 0;
  const a = priorSessions * share;
  const b = priorSessions * (1 - share);
  return logBeta(a + canary, b + stable) - logBeta(a, b) - canary * Math.log(share) - stable * Math.log1p(-share);
}
