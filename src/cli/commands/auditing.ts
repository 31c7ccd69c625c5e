// Auditing: whether the journals are what was written, and whether every verdict follows from them.

import type { Binding } from "../binding.js";

const someAgents = { name: "[agents...]", text: "only these agents (default: all)" };

export const auditVerify: Binding = {
  words: ["audit", "verify"],
  summary: "find changed, missing, reordered or cut-off entries of the journals; exit 1 where there are any",
  arguments: [someAgents],
  options: [
    {
      flags: "--expect <heads...>",
      text: "AGENT@ENTRY:HASH from an earlier run's log: that entry must still be there",
    },
  ],
  example: "rollout audit verify --expect support@41:sha256:9f2c1e7a03b5",
  run: async (world, input) =>
    (await import("../../app/audit/audit-verify.js")).auditVerify(world, {
      agents: input.list(0),
      expect: input.texts("expect"),
    }),
};

export const auditReplay: Binding = {
  words: ["audit", "replay"],
  summary:
    "judge every verdict again from the journal alone, and from raw tasks where they are kept; exit 1 where one differs",
  arguments: [someAgents],
  options: [],
  example: "rollout audit replay support",
  run: async (world, input) =>
    (await import("../../app/audit/audit-replay.js")).auditReplay(world, { agents: input.list(0) }),
};
