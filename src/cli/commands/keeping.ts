// Keeping: what people do to the state itself, between rollouts.

import type { Binding } from "../binding.js";
import { cliProblem, UsageProblem } from "../diagnostics.js";

const oneAgent = { name: "<agent>", text: "the agent" };
const because = { flags: "--because <reason>", text: "why, for the record" };
const neededReason = { flags: "--because <reason>", text: "why, for the record (needed)" };
const autoApprove = { flags: "--auto-approve", text: "do not ask" };

export const stateShow: Binding = {
  words: ["state", "show"],
  summary: "show everything that the state says of an agent",
  arguments: [oneAgent],
  options: [],
  example: "rollout state show support",
  run: async (world, input) =>
    (await import("../../app/state-show.js")).stateShow(world, { agent: input.argument(0) ?? "" }),
};

export const stateMv: Binding = {
  words: ["state", "mv"],
  summary: "rename an agent in the state: its journal goes on under the new name",
  arguments: [
    { name: "<from>", text: "its name in the state" },
    { name: "<to>", text: "its name from now on" },
  ],
  options: [because],
  example: "rollout state mv support help",
  run: async (world, input) =>
    (await import("../../app/state-move.js")).stateMove(world, {
      from: input.argument(0) ?? "",
      to: input.argument(1) ?? "",
      because: input.text("because"),
    }),
};

export const stateRm: Binding = {
  words: ["state", "rm"],
  summary: "forget an agent and its history; its target goes on serving what it serves",
  arguments: [oneAgent],
  options: [neededReason, autoApprove],
  example: 'rollout state rm support --because "it is run by another team now"',
  run: async (world, input) =>
    (await import("../../app/state-move.js")).stateRemove(world, {
      agent: input.argument(0) ?? "",
      because: input.text("because"),
      autoApprove: input.flag("autoApprove"),
      ask: input.ask,
    }),
};

export const stateExport: Binding = {
  words: ["state", "export"],
  summary: "write the whole state as one JSON document",
  arguments: [{ name: "[file]", text: "where to (default: stdout)" }],
  options: [],
  example: "rollout state export state.json",
  run: async (world, input) =>
    (await import("../../app/state-transfer.js")).stateExport(world, { file: input.argument(0) }),
};

export const stateImport: Binding = {
  words: ["state", "import"],
  summary: "put an exported state into an empty store",
  arguments: [{ name: "<file>", text: "what state export wrote" }],
  options: [
    { flags: "--force", text: "in the place of the state that is there, of which a copy is kept" },
    because,
    autoApprove,
  ],
  example: "rollout state import state.json",
  run: async (world, input) =>
    (await import("../../app/state-transfer.js")).stateImport(world, {
      file: input.argument(0) ?? "",
      force: input.flag("force"),
      because: input.text("because"),
      autoApprove: input.flag("autoApprove"),
      ask: input.ask,
    }),
};

export const stateUnlock: Binding = {
  words: ["state", "unlock"],
  summary: "free the lease of an agent; whoever held it can set nothing at the target any more",
  arguments: [oneAgent],
  options: [neededReason],
  example: 'rollout state unlock support --because "the runner is gone"',
  run: async (world, input) =>
    (await import("../../app/state-show.js")).stateUnlock(world, {
      agent: input.argument(0) ?? "",
      because: input.text("because"),
    }),
};

export const stateMigrate: Binding = {
  words: ["state", "migrate"],
  summary: "move the state to another store, compare it, and write the new address into the spec",
  arguments: [],
  options: [
    { flags: "--to <address>", text: "as the spec's key state: postgres:$DATABASE_URL, git:rollout-state (needed)" },
  ],
  example: "rollout state migrate --to postgres:$DATABASE_URL",
  run: async (world, input) => {
    const to = input.text("to") ?? "";
    if (to === "") throw new UsageProblem(cliProblem("cli/bad-arguments", "--to says where the state goes."));
    return (await import("../../app/state-transfer.js")).stateMigrate(world, { to });
  },
};
