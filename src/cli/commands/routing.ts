// Routing: where a session goes, as the router in the agent answers it.

import { parseInstant } from "../../core/model/instant-text.js";
import type { Binding } from "../binding.js";
import { cliProblem, UsageProblem } from "../diagnostics.js";

export const route: Binding = {
  words: ["route"],
  summary: "show where a session goes now, and why; with --from, how many of a list go where",
  arguments: [
    { name: "<agent>", text: "the agent" },
    { name: "[session]", text: "the session's id" },
  ],
  options: [
    {
      flags: "--started-at <instant>",
      text: "when it started, as 2026-11-23T17:05:00.000Z (default: as its id tells)",
    },
    { flags: "--user <id>", text: "whose it is, where users are drawn (session.unit: user)" },
    { flags: "--from <file>", text: "count the ids of a file, one on each line; of users, where users are drawn" },
  ],
  example: "rollout route support 0199c1f2-6b00-7cc3-98c4-dc0c0c07398f",
  run: async (world, input) => {
    const [agent, session, from] = [input.argument(0) ?? "", input.argument(1), input.text("from")];
    if ((session === null) === (from === null)) {
      throw mistake("route takes the id of one session, or --from with a file of ids.");
    }
    if (from !== null && input.text("user") !== null)
      throw mistake("--user is of one session, and --from counts many.");
    const started = input.text("startedAt");
    const startedAt = started === null ? null : parseInstant(started);
    if (started !== null && startedAt === null) {
      throw mistake(`--started-at takes an instant such as 2026-11-23T17:05:00.000Z, and "${started}" is none.`);
    }
    const { routeSessions } = await import("../../app/route.js");
    return routeSessions(world, { agent, session, from, startedAt, user: input.text("user") });
  },
};

function mistake(detail: string): UsageProblem {
  return new UsageProblem(cliProblem("cli/bad-arguments", detail, "rollout route --help"));
}
