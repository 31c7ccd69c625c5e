// Which kind judges which gate. Missing evidence waits, whatever the kind: law 6 stands here, once.

import type { Evidence, Gate, GateClock, Verdict } from "../model/gate.js";
import { judgeApproval } from "./kinds/approval.js";
import { judgeEval } from "./kinds/eval.js";
import { judgeHealth } from "./kinds/health.js";
import { judgeReady } from "./kinds/ready.js";
import { judgeWindow } from "./kinds/window.js";

/** Pure and deterministic. A worse canary never does better. */
export function judge(gate: Gate, evidence: Evidence, clock: GateClock): Verdict {
  if (evidence.kind === "missing")
    return { result: "wait", because: evidence.because, figures: { missing: true }, earliest: null };
  switch (gate.kind) {
    case "eval":
      return judgeEval(gate, evidence, clock);
    case "health":
      return judgeHealth(gate, evidence, clock);
    case "approval":
      return judgeApproval(gate, evidence, clock);
    case "window":
      return judgeWindow(evidence);
    case "ready":
      return judgeReady(evidence);
  }
}
