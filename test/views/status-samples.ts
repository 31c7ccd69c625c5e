// Agents as `status` shows them: one in the middle of a paused ramp, one at rest after a rollback.

import type { ComponentChange } from "../../src/core/model/revision.js";
import type { Route } from "../../src/core/model/route.js";
import type { AgentState, Rollout } from "../../src/core/model/state.js";
import type { AgentId, Duration, RolloutId } from "../../src/core/model/units.js";
import { unknownAgent } from "../../src/core/rollout/replay.js";
import type { AgentStatus, ArmFigures } from "../../src/views/view.js";
import { at, canaryId, hold, percent, quiet, stableId, stages } from "./samples.js";

export const rolloutId = "support-40" as RolloutId;
export const planning: ComponentChange = {
  component: "step:planning",
  from: "claude-sonnet-4-5@20250929",
  to: "claude-sonnet-4-6@20260115",
};
export const target = { kind: "snapshot", path: "live/support.json" } as const;
export const route: Route = {
  rollout: rolloutId,
  algo: "murmur3-32",
  salt: "support/support-40/",
  stable: stableId,
  canary: canaryId,
  weight: percent(5),
  history: [{ at: at("2026-11-22T12:00:00Z"), weight: percent(5) }],
  previous: null,
  fallback: false,
};
const rollout: Rollout = {
  id: rolloutId,
  origin: "spec",
  because: "the spec asks for another revision",
  canary: canaryId,
  stages,
  changes: [planning],
  overrides: { planning: "claude-sonnet-4-6@20260115" },
  bases: { planning: "claude-sonnet-4-5@20250929" },
  attempt: 2,
  algo: "murmur3-32",
  salt: "support/support-40/",
  session: { header: "x-session-id", timeout: 1_800_000 as Duration, unit: "session" },
  runbook: "runbooks/task-success-drop.md",
  target,
  source: { kind: "embedded" },
  floors: [],
  startedAt: at("2026-11-22T11:58:00Z"),
  course: "forward",
  paused: { since: at("2026-11-23T10:00:00Z"), because: "release freeze" },
  stage: 2,
  since: at("2026-11-22T12:00:00Z"),
  weightSince: at("2026-11-22T12:00:00Z"),
  confirmed: percent(5),
  history: route.history,
  pausedFor: 0 as Duration,
  unservedFor: 0 as Duration,
  turned: null,
  exemptions: [{ stage: 0, kind: "skip", because: "no suite yet", by: "rollout.config.yaml" }],
  passed: [],
};
const ramping: AgentState = {
  ...unknownAgent("support" as AgentId),
  target,
  stable: stableId,
  rollout,
  inForce: route,
};
const resting: AgentState = {
  ...unknownAgent("billing" as AgentId),
  target,
  stable: stableId,
  inForce: { ...route, rollout: null, canary: null, weight: percent(0) },
  rejected: [
    {
      changes: [planning],
      rollout: rolloutId,
      revision: canaryId,
      incident: "billing-1",
      at: at("2026-11-20T08:00:00Z"),
      because: "success fell",
    },
  ],
  finished: [
    {
      id: "billing-6" as RolloutId,
      canary: canaryId,
      outcome: "rolled-back",
      at: at("2026-11-20T08:00:00Z"),
      failed: true,
    },
  ],
};
export const stableArm: ArmFigures = {
  revision: stableId,
  tasks: 22_904,
  sessions: 20_118,
  values: {
    task_success_rate: 0.902,
    mean_llm_calls: 7.31,
    mean_cost_usd: 0.031412,
    checkpoint_trigger_rate: 0.04,
    rollback_rate: null,
    p95_latency_sec: 12.44,
  },
};
export const canaryArm: ArmFigures = {
  revision: canaryId,
  tasks: 1204,
  sessions: 1066,
  values: {
    task_success_rate: 0.861,
    mean_llm_calls: 7.312,
    mean_cost_usd: 0.0277,
    checkpoint_trigger_rate: 0.0491,
    rollback_rate: null,
    p95_latency_sec: 15.02,
  },
};
export const rampingStatus: AgentStatus = {
  agent: "support" as AgentId,
  state: ramping,
  action: {
    ...hold,
    agent: "support" as AgentId,
    queued: null,
    changes: [],
    forecast: [],
    warnings: ["md5-100 puts the same sessions into every canary"],
  },
  target: { name: "live/support.json", shows: "5 % on r-91bc0aa, the rest on r-3f2a91c", asWanted: true },
  floors: [
    { metric: "task_success_rate", least: 0.8 },
    { metric: "mean_cost_usd", most: 0.05 },
  ],
  stable: stableArm,
  canary: canaryArm,
  window: "1 h",
  problem: null,
  picture: null,
};
export const restingStatus: AgentStatus = {
  agent: "billing" as AgentId,
  state: resting,
  action: quiet,
  target: { name: "live/billing.json", shows: "nothing yet", asWanted: false },
  floors: [],
  stable: null,
  canary: null,
  window: "1 h",
  problem: "the spec has errors: canaries are watched and rolled back, nothing is raised",
  picture: null,
};
/** The same canary, behind the fallback. */
export const fallbackStatus: AgentStatus = {
  ...rampingStatus,
  agent: "sales" as AgentId,
  state: {
    ...ramping,
    agent: "sales" as AgentId,
    inForce: { ...route, fallback: true },
    fallback: { since: at("2026-11-23T09:30:00Z"), by: "ada@example.com", because: "the provider is down" },
  },
  action: {
    ...hold,
    agent: "sales" as AgentId,
    because: "the fallback is on: all but the way back waits until it is switched off",
    code: "rollout/fallback-on",
    hint: "rollout fallback off sales",
    queued: null,
    changes: [],
    forecast: [],
    weightFrom: percent(0),
    weightTo: percent(0),
    warnings: [
      "the fallback is on since 2026-11-23 09:30 UTC by ada@example.com, and users meet no revision: the provider is down",
    ],
  },
  target: { name: "live/sales.json", shows: "every session on the fallback", asWanted: true },
};
