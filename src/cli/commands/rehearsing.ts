// Rehearsing: what the spec's gates would do to a canary, before any session is at stake.

import type { Binding } from "../binding.js";

export const simulate: Binding = {
  words: ["simulate"],
  summary: "play the spec's whole ramp many times against assumed canaries, and say how it ends and how long it takes",
  arguments: [{ name: "[agent]", text: "the agent (default: the only one)" }],
  options: [
    { flags: "--sessions-per-hour <count>", text: "traffic of both arms (default: as measured over the last day)" },
    { flags: "--base <rate>", text: "task success of stable, as 90% (default: as measured)" },
    { flags: "--drop <points>", text: "what bad canaries lack in task success", default: "5pp,10pp" },
    { flags: "--onset <duration>", text: "when the late one turns bad", default: "12h" },
    { flags: "--runs <count>", text: "how often each is played", default: "500" },
    { flags: "--seed <count>", text: "another seed plays other sessions", default: "1" },
    { flags: "--svg <file>", text: "write the picture as well" },
  ],
  example: "rollout simulate support --sessions-per-hour 200 --base 90% --drop 5pp,10pp",
  run: async (world, input) =>
    (await import("../../app/simulate.js")).simulate(world, {
      agent: input.argument(0),
      sessionsPerHour: input.text("sessionsPerHour"),
      base: input.text("base"),
      drops: input.text("drop") ?? "",
      onset: input.duration("onset") ?? 0,
      runs: input.count("runs") ?? 0,
      seed: input.count("seed") ?? 0,
      svg: input.text("svg"),
    }),
};

export const backtest: Binding = {
  words: ["backtest"],
  summary:
    "replay recorded sessions of two revisions through the spec's gates, and say what they would have done and when",
  arguments: [{ name: "<files...>", text: "task and session records, one on each line" }],
  options: [
    { flags: "--agent <name>", text: "the agent (default: the only one)" },
    {
      flags: "--stable <revision>",
      text: "the beginning of its name in the records (default: of two, the one that came first)",
    },
    { flags: "--canary <revision>", text: "the beginning of its name in the records" },
    { flags: "--against <rules>", text: "other tools' rules: argo, flagger, kayenta, fixed" },
  ],
  example: "rollout backtest tasks.jsonl --stable r-3f2a91c --canary r-91bc0aa --against flagger,argo",
  run: async (world, input) =>
    (await import("../../app/backtest.js")).backtest(world, {
      files: input.list(0),
      agent: input.text("agent"),
      stable: input.text("stable"),
      canary: input.text("canary"),
      against: input.text("against"),
    }),
};
