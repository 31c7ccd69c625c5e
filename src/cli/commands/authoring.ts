// Writing: the first spec, and the types that are made from it.

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
