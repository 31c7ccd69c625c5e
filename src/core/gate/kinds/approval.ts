// A named person's word for exactly this revision, not older than the gate allows.

import type { ApprovalGate, Evidence, GateClock, Verdict } from "../../model/gate.js";
import { shortRevision } from "../../model/units.js";

export function judgeApproval(gate: ApprovalGate, evidence: Evidence, clock: GateClock): Verdict {
  const revision = shortRevision(clock.canary);
  const given =
    evidence.kind === "approval" ? evidence.approvals.filter((approval) => approval.revision === clock.canary) : [];
  const valid = given.findLast((approval) => clock.now - approval.at <= gate.life);
  if (valid !== undefined) {
    return {
      result: "pass",
      because: `approved by ${valid.by}`,
      figures: { by: valid.by, at: valid.at, revision: clock.canary },
      earliest: null,
    };
  }
  const because = given.length > 0 ? `the approval of ${revision} has expired` : `${revision} waits for an approval`;
  return { result: "wait", because, figures: { revision: clock.canary, expired: given.length }, earliest: null };
}
