// One believable view of each kind, and more where a kind has faces.

import type { Diagnostic } from "../../src/core/diagnostic/diagnostic.js";
import type { Incident } from "../../src/core/model/incident.js";
import type { Entry, EventBody } from "../../src/core/model/journal.js";
import type { AgentId } from "../../src/core/model/units.js";
import type { AppliedAgent, DrawnPicture, View } from "../../src/views/view.js";
import { firstLook, picture } from "./picture-samples.js";
import { rehearsalViews } from "./rehearsal-views.js";
import {
  advance,
  at,
  canaryId,
  event,
  hold,
  now,
  percent,
  planDigest,
  planView,
  quiet,
  rollback,
  stableId,
  verdict,
} from "./samples.js";
import {
  canaryArm,
  fallbackStatus,
  planning,
  rampingStatus,
  restingStatus,
  rolloutId,
  route,
  stableArm,
  target,
} from "./status-samples.js";

export const unknownKey: Diagnostic = {
  code: "config/unknown-key",
  severity: "error",
  summary: "Unknown key",
  detail:
    '"canray" is not a gate of a strategy, so the strategy "standard" would ramp without a canary gate. Gates are eval, canary, full, approval, window and command.',
  hint: "canary",
  about: "strategies.standard.gates",
  span: {
    file: "rollout.config.yaml",
    line: 14,
    column: 7,
    length: 6,
    snippet: [
      { line: 13, text: "    gates:" },
      { line: 14, text: "      canray: { metrics: { task_success_rate: { max_drop: 2pp } } }" },
    ],
  },
};
const staleBaseline: Diagnostic = {
  code: "repo/old-baseline",
  severity: "warning",
  summary: "Old baseline",
  detail: "The baseline of support is 40 days old.",
  hint: "rollout eval baseline support",
  about: "agents.support",
  span: null,
};

const unread: Diagnostic = {
  ...staleBaseline,
  code: "config/bad-state",
  severity: "error",
  summary: "Not a place for the state",
  detail: "The state is kept in a place that is not known here.",
  hint: null,
};

const rolledBack: AppliedAgent = {
  agent: "support" as AgentId,
  planned: rollback,
  done: [
    { at: now, what: "full gate failed: task_success_rate 0.861 vs 0.902, drop 4.1 pp [2.6, 5.7] > 2 pp" },
    { at: now, what: "began to set every session on r-3f2a91c" },
    { at: now, what: "the target shows what was set" },
  ],
  after: { kind: "none", because: "the target shows what is wanted", hint: null, earliest: null },
  rolledBack: true,
  incidents: ["support-2"],
};
const held: AppliedAgent = {
  agent: "research" as AgentId,
  planned: hold,
  done: [],
  after: { kind: "hold", because: hold.because, hint: hold.hint, earliest: hold.earliest },
  rolledBack: false,
  incidents: [],
};
const faulty: AppliedAgent = {
  agent: "billing" as AgentId,
  planned: advance,
  done: [],
  after: {
    kind: "fault",
    because: "live/billing.json cannot be written: permission denied",
    hint: "rollout plan",
    earliest: null,
  },
  rolledBack: false,
  incidents: [],
};
const atRest: AppliedAgent = {
  agent: "sales" as AgentId,
  planned: quiet,
  done: [],
  after: { kind: "none", because: "nothing to do", hint: null, earliest: null },
  rolledBack: false,
  incidents: [],
};
const incident: Incident = {
  id: "support-2",
  agent: "support" as AgentId,
  at: at("2026-11-23T02:10:00Z"),
  rollout: "support-40",
  outcome: "rolled-back",
  from: stableId,
  canary: canaryId,
  because: "task_success_rate 0.861 vs 0.902, drop 4.1 pp [2.6, 5.7] > 2 pp",
  gate: "full",
  verdict: verdict("fail", "task_success_rate 0.861 vs 0.902, drop 4.1 pp [2.6, 5.7] > 2 pp"),
  weight: percent(50),
  changes: [planning],
  runbook: "runbooks/task-success-drop.md",
  plan: planDigest,
  by: "ci:github 4711",
  timeline: [
    { at: at("2026-11-22T12:00:00Z"), what: "started support-40 towards r-91bc0aa" },
    { at: at("2026-11-23T02:10:00Z"), what: "full gate failed | and `more` than *that*, says @ada" },
  ],
  picture: null,
};
function drawn(about: string): readonly DrawnPicture[] {
  return picture.metrics.map(({ metric }) => ({ about, metric, path: `pictures/${about}-${metric}.svg` }));
}
const entries: readonly Entry[] = (
  [
    { kind: "agent-adopted", stable: stableId, from: "registry", why: "nothing was compared", target },
    { kind: "shift-begun", route },
    {
      kind: "gate-judged",
      rollout: rolloutId,
      stage: 2,
      verdict: verdict("fail", "success fell by 4.1 pp"),
      evidence: { kind: "missing", because: "" },
    },
    { kind: "commanded", command: "abort", why: "users complain" },
  ] satisfies readonly EventBody[]
).map((body, index) => ({ serial: index + 1, event: event(body) }));
const sentences = [
  "adopted r-3f2a91c as stable",
  "began to set 5 % on r-91bc0aa",
  "canary gate failed: success fell by 4.1 pp",
  "aborted by ada@example.com: users complain",
];

export const everyView: readonly (readonly [name: string, view: View])[] = [
  [
    "plan-mixed",
    planView([rollback, advance, hold, quiet], { savedTo: "rollout.plan.json", warnings: [staleBaseline] }),
  ],
  ["plan-quiet", planView([quiet])],
  [
    "apply",
    { kind: "apply", now, agents: [rolledBack, faulty, held, atRest], interrupted: true, warnings: [staleBaseline] },
  ],
  [
    "apply-noted",
    {
      kind: "apply",
      now,
      agents: [
        { ...atRest, done: [{ at: now, what: "stable breached its floor" }], incidents: ["billing-3", "billing-4"] },
      ],
      interrupted: false,
      warnings: [],
    },
  ],
  ["apply-nothing", { kind: "apply", now, agents: [atRest], interrupted: false, warnings: [] }],
  [
    "status",
    {
      kind: "status",
      charts: false,
      drawn: [],
      now,
      agents: [{ ...rampingStatus, picture: firstLook }, restingStatus, fallbackStatus],
      warnings: [],
    },
  ],
  [
    "status-pictures",
    {
      kind: "status",
      charts: true,
      drawn: drawn("support"),
      now,
      agents: [{ ...rampingStatus, picture }],
      warnings: [],
    },
  ],
  ["plan-pictures", planView([rollback], { pictures: { support: picture }, drawn: drawn("support") })],
  [
    "incident-undone",
    { kind: "incident", incident: { ...incident, outcome: "undone", gate: null, verdict: null }, drawn: [] },
  ],
  ["incident-pictures", { kind: "incident", incident: { ...incident, picture }, drawn: drawn("support-2") }],
  ["status-unread", { kind: "status", charts: false, drawn: [], now, agents: [], warnings: [unread] }],
  ["status-empty", { kind: "status", charts: false, drawn: [], now, agents: [], warnings: [] }],
  [
    "drift",
    {
      kind: "drift",
      now,
      agents: [
        {
          agent: "billing" as AgentId,
          target: "live/billing.json",
          drifted: false,
          wanted: "every session on r-3f2a91c",
          live: "every session on r-3f2a91c",
          because: "as last put in force",
        },
        {
          agent: "support" as AgentId,
          target: "live/support.json",
          drifted: true,
          wanted: "5 % on r-91bc0aa, the rest on r-3f2a91c",
          live: "every session on r-3f2a91c",
          because: "the target shows another route",
        },
      ],
    },
  ],
  [
    "history",
    {
      kind: "history",
      agents: [
        {
          agent: "support" as AgentId,
          entries: entries.map((entry, index) => ({ entry, what: sentences[index] ?? "" })),
        },
      ],
    },
  ],
  ["history-empty", { kind: "history", agents: [] }],
  [
    "incidents",
    {
      kind: "incidents",
      incidents: [incident, { ...incident, id: "support-1", outcome: "undone", because: "wrong refunds" }],
    },
  ],
  ["incident", { kind: "incident", incident, drawn: [] }],
  [
    "incident-breached",
    {
      kind: "incident",
      drawn: [],
      incident: {
        ...incident,
        rollout: null,
        outcome: "breached",
        from: null,
        canary: stableId,
        weight: percent(100),
        because:
          "task_success_rate 0.640 in 412 stable sessions since 2026-11-23T00:00Z, proven below the floor of 0.8 (evidence 7.1 of 6.9)",
        gate: null,
        changes: [],
      },
    },
  ],
  [
    "incident-bare",
    {
      kind: "incident",
      drawn: [],
      incident: { ...incident, gate: null, verdict: null, runbook: null, plan: null, from: null, changes: [] },
    },
  ],
  [
    "problems",
    {
      kind: "problems",
      problems: [
        unknownKey,
        staleBaseline,
        { ...staleBaseline, severity: "error", hint: "Give the file with --baseline." },
      ],
      otherwise: "",
    },
  ],
  [
    "problems-none",
    { kind: "problems", problems: [], otherwise: "rollout.config.yaml is valid: 2 agents (billing, support)." },
  ],
  [
    "verdict",
    {
      kind: "verdict",
      gate: "eval",
      rows: [
        {
          subject: "r.json",
          verdict: verdict(
            "pass",
            "Pass rate 0.9 reaches the minimum 0.85, 0.05 below the baseline 0.95 (0.05 may be lost).",
          ),
          result: null,
        },
        {
          subject: "support",
          verdict: {
            ...verdict("wait", "There are no results.", at("2026-11-23T12:00:00Z")),
            figures: { maxRegression: "0.05", suites: [{ minScore: 1 }] },
          },
          result: null,
        },
      ],
    },
  ],
  [
    "metrics",
    {
      kind: "metrics",
      agent: "support" as AgentId,
      from: at("2026-11-23T10:20:00Z"),
      to: now,
      arms: [stableArm, canaryArm],
      failed: [
        { id: "t-1", at: at("2026-11-23T11:00:00Z"), revision: canaryId, why: "error: tool refund answered 500" },
        { id: "t-2", at: at("2026-11-23T10:50:00Z"), revision: canaryId, why: "error: tool refund answered 500" },
      ],
      shared: [{ trait: "error: tool refund answered 500", tasks: 2 }],
    },
  ],
  [
    "revision",
    {
      kind: "revision",
      content: {
        id: canaryId,
        agent: "support" as AgentId,
        steps: { planning: { model: "claude-sonnet-4-6", version: "20260115", params: { temperature: 0.2 } } },
        prompts: [{ path: "prompts/support/system.md", blob: "3f2a91c0aa", name: "system", text: "You help." }],
        tools: [],
        release: { kind: "name", name: "support:4.2" },
        origin: { commit: "1a2b3c4d5e6f7a8b", dirty: true },
      },
      changes: [planning],
      against: stableId,
    },
  ],
  [
    "runbooks",
    {
      kind: "runbooks",
      runbooks: [
        {
          path: "runbooks/task-success-drop.md",
          title: "Task success drops",
          on: ["task_success_rate"],
          owner: "agents-on-call",
          reviewed: "2026-10-01",
          problems: 0,
        },
        { path: "runbooks/old.md", title: "Old", on: [], owner: "nobody", reviewed: "2024-01-01", problems: 2 },
      ],
    },
  ],
  [
    "document",
    { kind: "document", title: "config/unknown-key", markdown: "# config/unknown-key\n\n**Unknown key** (error)\n" },
  ],
  [
    "message",
    {
      kind: "message",
      lines: ["support is paused.", "", "    rollout resume support"],
      data: { agent: "support", command: "pause" },
    },
  ],
  ...rehearsalViews,
];
