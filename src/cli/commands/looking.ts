// Looking: status, drift, history, metrics, incidents, runbooks, explain, what the state keeps. And what lets one look: importing task records.

import type { Binding } from "../binding.js";

const someAgents = { name: "[agents...]", text: "only these agents (default: all)" };
const watchSeconds = 2;

export const status: Binding = {
  words: ["status"],
  summary: "show where each agent stands, what it waits for, and the metrics of both arms",
  arguments: [someAgents],
  options: [
    {
      flags: "--watch",
      text: `look again every ${watchSeconds} s, and at once when a PostgreSQL state tells of a new entry, until interrupted`,
    },
    { flags: "--pictures", text: "draw each metric of a gate over time, with its interval and its limits" },
    { flags: "--svg <dir>", text: "write these pictures as files as well, one for each agent and metric" },
  ],
  example: "rollout status --watch",
  repeat: (input) => (input.flag("watch") ? watchSeconds : null),
  run: async (world, input) =>
    (await import("../../app/status.js")).status(world, {
      agents: input.list(0),
      pictures: input.flag("pictures"),
      svg: input.text("svg"),
    }),
};

export const drift: Binding = {
  words: ["drift"],
  summary: "compare what each target shows with what was last put in force",
  arguments: [someAgents],
  options: [{ flags: "--correct", text: "set drifted targets again to what is wanted" }],
  example: "rollout drift",
  run: async (world, input) =>
    (await import("../../app/drift.js")).drift(world, { agents: input.list(0), correct: input.flag("correct") }),
};

export const history: Binding = {
  words: ["history"],
  summary: "show every entry of the journals, oldest first",
  arguments: [someAgents],
  options: [{ flags: "--limit <count>", text: "the newest entries of each agent alone (default: all)" }],
  example: "rollout history support --limit 20",
  run: async (world, input) =>
    (await import("../../app/history.js")).history(world, { agents: input.list(0), limit: input.count("limit") }),
};

export const incidentList: Binding = {
  words: ["incident", "list"],
  summary: "list the rollbacks and undos, newest first",
  arguments: [someAgents],
  options: [],
  example: "rollout incident list",
  run: async (world, input) => (await import("../../app/incident.js")).incidentList(world, { agents: input.list(0) }),
};

export const incidentShow: Binding = {
  words: ["incident", "show"],
  summary: "show what happened, when, why, the numbers and the runbook",
  arguments: [{ name: "<id>", text: "the incident, as support-1" }],
  options: [{ flags: "--svg <dir>", text: "write its pictures as files as well, one for each metric" }],
  example: "rollout incident show support-1",
  run: async (world, input) =>
    (await import("../../app/incident.js")).incidentShow(world, {
      id: input.argument(0) ?? "",
      svg: input.text("svg"),
    }),
};

export const runbookList: Binding = {
  words: ["runbook", "list"],
  summary: "list the runbooks: when they are meant, who keeps them, and how many problems they have",
  arguments: [],
  options: [],
  example: "rollout runbook list",
  run: async (world, input) => (await import("../../app/runbook.js")).runbookList(world, input.known),
};

export const runbookShow: Binding = {
  words: ["runbook", "show"],
  summary: "show a runbook",
  arguments: [{ name: "<name>", text: "its path, or its name alone: task-success-drop" }],
  options: [],
  example: "rollout runbook show task-success-drop",
  run: async (world, input) =>
    (await import("../../app/runbook.js")).runbookShow(world, { name: input.argument(0) ?? "" }),
};

export const runbookCheck: Binding = {
  words: ["runbook", "check"],
  summary: "find dead commands, paths, metrics and overdue reviews in the runbooks; exit 1 where there are any",
  arguments: [],
  options: [],
  example: "rollout runbook check",
  answersProblems: true,
  run: async (world, input) => (await import("../../app/runbook.js")).runbookCheck(world, input.known),
};

export const explain: Binding = {
  words: ["explain"],
  summary: "say what a code means and what to do; without one, list all codes",
  arguments: [{ name: "[code]", text: "as config/unknown-key" }],
  options: [],
  example: "rollout explain config/unknown-key",
  run: async (_, input) => {
    const [{ explain: explained }, { diagnostics }] = await Promise.all([
      import("../../app/explain.js"),
      import("../diagnostics.js"),
    ]);
    return explained({ code: input.argument(0), also: diagnostics });
  },
};

export const stateList: Binding = {
  words: ["state", "list"],
  summary: "list what the state store keeps of each agent",
  arguments: [],
  options: [],
  example: "rollout state list",
  run: async (world) => (await import("../../app/state-list.js")).stateList(world),
};

export const metricsImport: Binding = {
  words: ["metrics", "import"],
  summary: "read task and session records from files of JSON lines; what is there already counts once",
  arguments: [{ name: "<files...>", text: "one record on each line" }],
  options: [],
  example: "rollout metrics import tasks.jsonl",
  run: async (world, input) => (await import("../../app/metrics.js")).metricsImport(world, { files: input.list(0) }),
};

export const metricsShow: Binding = {
  words: ["metrics", "show"],
  summary: "show the six metrics of both arms over a window, and the last failed tasks",
  arguments: [{ name: "<agent>", text: "the agent" }],
  options: [
    { flags: "--window <duration>", text: "how far back: 30m, 6h, 7d", default: "1h" },
    { flags: "--failed <count>", text: "how many failed tasks", default: "10" },
  ],
  example: "rollout metrics show support --window 24h",
  run: async (world, input) =>
    (await import("../../app/metrics.js")).metricsShow(world, {
      agent: input.argument(0) ?? "",
      window: input.duration("window") ?? 0,
      failed: input.count("failed") ?? 0,
    }),
};
