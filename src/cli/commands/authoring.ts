// Beginning and writing: the demo, the first spec, changes of models in it, and the types that are made from it.

import type { Binding } from "../binding.js";

export const init: Binding = {
  words: ["init"],
  summary: "write a first spec from what is found here; replaces nothing",
  arguments: [{ name: "[agent]", text: "name of the first agent (default: the folder's name)" }],
  options: [],
  example: "rollout init support",
  run: async (world, input) => (await import("../../app/init.js")).init(world, { agent: input.argument(0) }),
};

export const generate: Binding = {
  words: ["generate"],
  summary: "write typed step and agent names, so that a misspelt one does not compile",
  arguments: [],
  options: [
    { flags: "--out <file>", text: "the file to write", default: "src/rollout.generated.ts" },
    { flags: "--check", text: "write nothing; exit 1 when the file is out of date" },
  ],
  example: "rollout generate --out src/rollout.generated.ts",
  run: async (world, input) =>
    (await import("../../app/generate.js")).generate(world, {
      out: input.text("out") ?? "src/rollout.generated.ts",
      check: input.flag("check"),
    }),
};

export const bump: Binding = {
  words: ["bump"],
  summary: "put another model on a step: as an override, whose canary the next plan shows",
  arguments: [
    { name: "<step>", text: "the step" },
    { name: "<model>", text: "model@version" },
  ],
  options: [
    { flags: "--agent <agent>", text: "for this agent alone (default: all that use the step)" },
    { flags: "--in-place", text: "edit the registry instead of writing an override" },
  ],
  example: "rollout bump planning claude-sonnet-4-6@20260115",
  run: async (world, input) =>
    (await import("../../app/bump.js")).bump(world, {
      step: input.argument(0) ?? "",
      model: input.argument(1) ?? "",
      agent: input.text("agent"),
      inPlace: input.flag("inPlace"),
    }),
};

export const fold: Binding = {
  words: ["fold"],
  summary: "write an agent's promoted overrides into the registry",
  arguments: [{ name: "<agent>", text: "the agent" }],
  options: [],
  example: "rollout fold support",
  run: async (world, input) => (await import("../../app/bump.js")).fold(world, { agent: input.argument(0) ?? "" }),
};

export const demo: Binding = {
  words: ["demo"],
  summary:
    "play a bad model bump that is caught and a good one that is promoted, on recorded outcomes, in a temporary repository",
  arguments: [],
  options: [],
  example: "rollout demo",
  run: async (world, input) => (await import("../../app/demo/demo.js")).demo(world, { print: input.print }),
};
