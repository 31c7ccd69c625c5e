import { expect, test } from "vitest";
import type { Entry, EventBody } from "../../src/core/model/journal.js";
import type { Route } from "../../src/core/model/route.js";
import type { Instant, RolloutId } from "../../src/core/model/units.js";
import { describeEntries, describeEvent } from "../../src/views/describe-event.js";
import { canaryId, event, now, percent, stableId, stages, verdict } from "./samples.js";

const rollout = "support-4" as RolloutId;
const target = { kind: "snapshot", path: "live/support.json" } as const;
const route: Route = {
  rollout,
  algo: "murmur3-32",
  salt: "support/support-4/",
  stable: stableId,
  canary: canaryId,
  weight: percent(5),
  history: [],
  previous: null,
  fallback: false,
};
const bump = { component: "step:planning", from: "claude-sonnet-4-5@20250929", to: "claude-sonnet-4-6@20260115" };
const started: EventBody & { readonly kind: "rollout-started" } = {
  kind: "rollout-started",
  id: rollout,
  origin: "spec",
  because: "the spec asks for another revision",
  canary: canaryId,
  stages,
  changes: [bump],
  overrides: {},
  bases: {},
  attempt: 1,
  algo: "murmur3-32",
  salt: "support/support-4/",
  session: { header: "x-session-id", timeout: 0 as never, unit: "session" },
  runbook: null,
  target,
  source: { kind: "embedded" },
  floors: [],
};
const breached = (arm: "stable" | "canary", both: boolean): EventBody => ({
  kind: "floor-breached",
  rollout,
  arm,
  revision: arm === "stable" ? stableId : canaryId,
  metric: "task_success_rate",
  since: 0 as Instant,
  both,
  because: "0.6 is below",
  figures: {},
  runbook: null,
});
const failed: EventBody = {
  kind: "gate-judged",
  rollout,
  stage: 2,
  verdict: verdict("fail", "task_success_rate fell by 4.1 pp"),
  evidence: { kind: "missing", because: "" },
};
const operation = {
  id: "support-4-baseline",
  kind: "baseline",
  agent: "support",
  revision: canaryId,
  rollout,
} as never;

const cases: readonly (readonly [EventBody, string])[] = [
  [
    {
      kind: "agent-adopted",
      stable: stableId,
      from: "live",
      why: "the target serves it; nothing was compared",
      target,
    },
    "adopted r-3f2a91c as stable: the target serves it; nothing was compared",
  ],
  [started, "started support-4 towards r-91bc0aa: planning: claude-sonnet-4-5@20250929 -> claude-sonnet-4-6@20260115"],
  [
    { ...started, origin: "undo", because: "tool loops seen by support" },
    "started support-4 (undo) towards r-91bc0aa: tool loops seen by support",
  ],
  [
    {
      ...started,
      attempt: 2,
      changes: [1, 2, 3, 4].map((index) => ({ ...bump, component: `tool:${index}`, to: null })),
    },
    "started support-4 towards r-91bc0aa, attempt 2: 1: removed (was claude-); 2: removed (was claude-); 3: removed (was claude-); 1 more",
  ],
  [failed, "canary gate failed: task_success_rate fell by 4.1 pp"],
  [
    { kind: "gate-exempted", rollout, stage: 4, exemption: "skip", because: "internal only" },
    "full gate left without a pass (skipped in the spec): internal only",
  ],
  [{ kind: "shift-begun", route }, "began to set 5 % on r-91bc0aa, the rest on r-3f2a91c"],
  [{ kind: "shift-begun", route: { ...route, weight: percent(0) } }, "began to set every session on r-3f2a91c"],
  [
    { kind: "shift-begun", route: { ...route, weight: percent(100), fallback: true } },
    "began to set every session on the fallback (behind it: every session on r-91bc0aa)",
  ],
  [
    { kind: "fallback-switched", on: true, because: "the provider is down" },
    "fallback switched on by ada@example.com: the provider is down",
  ],
  [
    { kind: "fallback-switched", on: false, because: "it is back" },
    "fallback switched off by ada@example.com: it is back",
  ],
  [
    { kind: "drift-found", live: { ...route, fallback: true }, fallback: true },
    "found the fallback switched on outside of rollout, and kept it; live is every session on the fallback (behind it: 5 % on r-91bc0aa, the rest on r-3f2a91c)",
  ],
  [{ kind: "shift-done" }, "the target shows what was set"],
  [
    { kind: "drift-found", live: { ...route, canary: null, weight: percent(0) } },
    "found traffic taken from the canary outside of rollout, and paused; live is every session on r-3f2a91c",
  ],
  [
    { kind: "rollout-turned", rollout, cause: "withdrawn", because: "the agent left the spec" },
    "turned back (withdrawn): the agent left the spec",
  ],
  [breached("stable", false), "stable breached its floor: 0.6 is below"],
  [breached("canary", true), "canary breached its floor: 0.6 is below"],
  [breached("canary", false), "turned back (floor): 0.6 is below"],
  [{ kind: "rollout-finished", rollout, outcome: "promoted" }, "rollout support-4 promoted: the canary is stable now"],
  [{ kind: "rollout-finished", rollout, outcome: "rolled-back" }, "rollout support-4 rolled back"],
  [{ kind: "commanded", command: "abort", why: "users complain" }, "aborted by ada@example.com: users complain"],
  [{ kind: "commanded", command: "resume", why: "" }, "resumed by ada@example.com"],
  [{ kind: "interrupted", signal: "SIGTERM" }, "interrupted (SIGTERM, twice): what was under way was left as it was"],
  [{ kind: "approved", revision: canaryId }, "r-91bc0aa approved by ada@example.com"],
  [{ kind: "overrides-settled" }, "the promoted overrides are folded into the registry"],
  [{ kind: "operation-begun", operation }, "began to write the baseline of r-91bc0aa"],
  [{ kind: "operation-done", id: "support-4-baseline", result: "commit 1a2b3c4" }, "baseline written: commit 1a2b3c4"],
  [
    { kind: "operation-failed", id: "support-4-baseline", because: "the branch is protected" },
    "baseline not written: the branch is protected",
  ],
  [
    { kind: "recovered", stable: stableId, why: "the state was lost", target },
    "recovered with r-3f2a91c as stable: the state was lost",
  ],
  [{ kind: "agent-retired" }, "retired: the agent left the spec, stable goes on serving"],
];

test.each(cases)("%# $kind", (body, expected) => {
  expect(describeEvent(event(body), stages)).toBe(expected);
});

test("without the stages a gate is named by its place or its evidence", () => {
  expect(describeEvent(event(failed))).toBe("stage 3 gate failed: task_success_rate fell by 4.1 pp");
  const approval: EventBody = { ...failed, evidence: { kind: "approval", approvals: [] } };
  expect(describeEvent(event(approval))).toBe("approval gate failed: task_success_rate fell by 4.1 pp");
});

test("entries name the gates of the rollout that was under way", () => {
  const entries: readonly Entry[] = [started, failed].map((body, index) => ({
    serial: index + 1,
    event: { ...event(body), at: now },
  }));
  expect(describeEntries(entries).map(({ what }) => what.split(":")[0])).toEqual([
    "started support-4 towards r-91bc0aa",
    "canary gate failed",
  ]);
});
