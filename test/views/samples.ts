// Views with believable numbers, for every test of this folder. The clock stands at Monday, 2026-11-23 11:20:00 UTC.

import type { Stage, Verdict } from "../../src/core/model/gate.js";
import { parseInstant } from "../../src/core/model/instant-text.js";
import type { Event, EventBody } from "../../src/core/model/journal.js";
import type { PlannedAction } from "../../src/core/model/plan.js";
import type { AgentId, Digest, Instant, RevisionId, Weight } from "../../src/core/model/units.js";
import { hour } from "../../src/core/model/units.js";
import type { Style } from "../../src/views/style.js";
import type { PlanView } from "../../src/views/view.js";

export const now = at("2026-11-23T11:20:00Z");
export const plain: Style = { color: false, width: 100, now, unicode: true };
export const stableId = revision("3f2a91c");
export const canaryId = revision("91bc0aa");
export const planDigest = `sha256:ab12${"0".repeat(60)}` as Digest;

export function at(iso: string): Instant {
  const instant = parseInstant(iso);
  if (instant === null) throw new Error(`not an instant: ${iso}`);
  return instant;
}

function revision(start: string): RevisionId {
  return `r-${start.padEnd(64, "0")}` as RevisionId;
}

export function percent(value: number): Weight {
  return Math.round(value * 100) as Weight;
}

export function verdict(result: Verdict["result"], because: string, earliest: Instant | null = null): Verdict {
  return { result, because, figures: { sessions: 1204 }, earliest };
}

export function event(body: EventBody, by = "ada@example.com"): Event {
  return { at: now, by, plan: null, ...body };
}

export const stages: readonly Stage[] = [
  { kind: "gate", gate: { kind: "eval", name: "eval", skip: null, suites: [] } },
  { kind: "weight", weight: percent(5) },
  { kind: "gate", gate: health("canary") },
  { kind: "weight", weight: percent(50) },
  { kind: "gate", gate: health("full") },
  { kind: "weight", weight: percent(100) },
];

function health(name: "canary" | "full"): Extract<Stage, { kind: "gate" }>["gate"] {
  return {
    kind: "health",
    name,
    skip: null,
    hold: (24 * hour) as never,
    until: (48 * hour) as never,
    undecided: "hold",
    prove: ["task_success_rate"],
    metrics: [],
    alpha: 0.05,
    beta: 0.05,
    staleAfter: hour,
    minSessions: 50,
  };
}

export function action(fields: Partial<PlannedAction>): PlannedAction {
  return {
    agent: "support" as AgentId,
    kind: "none",
    from: stableId,
    to: null,
    weightFrom: percent(0),
    weightTo: percent(0),
    because: "the target shows what is wanted",
    code: null,
    hint: null,
    earliest: null,
    opinions: [],
    changes: [],
    warnings: [],
    progress: null,
    queued: null,
    forecast: [],
    basis: { lineage: "l-1", epoch: 0, serial: 41, live: "serving" },
    ...fields,
  };
}

const failing = "task_success_rate 0.861 vs 0.902, drop 4.1 pp [2.6, 5.7] > 2 pp";
const waiting = "task_success_rate needs about 310 more sessions to be proven within 5 pp.";

export const rollback = action({
  kind: "rollback",
  to: canaryId,
  weightFrom: percent(50),
  because: failing,
  opinions: [{ gate: "full", stage: 4, verdict: verdict("fail", failing) }],
  changes: [{ component: "step:planning", from: "claude-sonnet-4-5@20250929", to: "claude-sonnet-4-6@20260115" }],
  progress: { rollout: "support-40", stage: 4, stages, attempt: 2, paused: false },
});

export const advance = action({
  agent: "billing" as AgentId,
  kind: "advance",
  to: revision("77d01e2"),
  weightFrom: percent(5),
  weightTo: percent(50),
  because: "26 h of 24 h; all metrics within margin (1 204 sessions)",
  opinions: [{ gate: "canary", stage: 2, verdict: verdict("pass", "task_success_rate is proven within 5 pp") }],
  progress: { rollout: "billing-7", stage: 3, stages, attempt: 1, paused: false },
  basis: { lineage: "l-1", epoch: 0, serial: 12, live: "serving" },
});

export const hold = action({
  agent: "research" as AgentId,
  kind: "hold",
  to: revision("aa019fe"),
  weightFrom: percent(5),
  weightTo: percent(5),
  because: waiting,
  code: "gate/canary-waits",
  hint: 'rollout proceed research --because "…"',
  earliest: at("2026-11-24T14:20:00Z"),
  opinions: [{ gate: "canary", stage: 2, verdict: verdict("wait", waiting) }],
  changes: [
    { component: "prompt:prompts/research/system.md", from: "3f2a91c0aa", to: "91bc0aa111" },
    { component: "tool:tools/research/search.json", from: null, to: "77d01e2fff" },
  ],
  warnings: [
    "2 changes travel in one canary (prompts/research/system.md, tools/research/search.json): a regression can't be told apart",
  ],
  queued: revision("5555555"),
  forecast: [
    {
      gate: "canary",
      weight: percent(5),
      sessionsPerHour: 40.25,
      holdHours: 24,
      untilHours: 48,
      hoursToPass: { median: 61, p90: 80.5 },
      hoursToFail: { median: 12, p90: 30 },
      smallestDrop: 0.061,
      exposedSessions: 1310.4,
      warning: "needs about 61 h, the stage lasts 48 h: raise the weight or the margin",
    },
  ],
  basis: { lineage: "l-1", epoch: 0, serial: 3, live: "serving" },
});

export const quiet = action({ agent: "sales" as AgentId });

export function planView(actions: readonly PlannedAction[], fields: Partial<PlanView> = {}): PlanView {
  return {
    kind: "plan",
    pictures: {},
    drawn: [],
    plan: {
      format: 1,
      spec: `sha256:9f2c1e7${"0".repeat(57)}` as Digest,
      madeAt: at("2026-11-23T11:19:57Z"),
      validUntil: at("2026-11-23T13:19:57Z"),
      actions,
    },
    digest: planDigest,
    now,
    savedTo: null,
    warnings: [],
    ...fields,
  };
}
