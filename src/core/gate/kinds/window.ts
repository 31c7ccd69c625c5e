// No rise of weight outside the windows or inside a freeze. The calendar was asked before; this only reads its answer.

import type { Evidence, Verdict } from "../../model/gate.js";

export function judgeWindow(evidence: Evidence): Verdict {
  if (evidence.kind !== "window") {
    return {
      result: "wait",
      because: "the calendar was not asked",
      figures: { open: null, changes_at: null },
      earliest: null,
    };
  }
  const { open, because, changesAt } = evidence;
  return {
    result: open ? "pass" : "wait",
    because,
    figures: { open, changes_at: changesAt },
    earliest: open ? null : changesAt,
  };
}
