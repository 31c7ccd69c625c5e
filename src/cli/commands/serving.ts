// The service: the same apply on a heartbeat, and the doors for telemetry.

import type { Binding } from "../binding.js";
import { cliProblem, UsageProblem } from "../diagnostics.js";

export const serve: Binding = {
  words: ["serve"],
  summary: "apply on a schedule and take telemetry in, until stopped",
  arguments: [],
  options: [
    { flags: "--schedule <cron>", text: "when to apply, in UTC", default: "*/5 * * * *" },
    { flags: "--host <host>", text: "where to listen", default: "127.0.0.1" },
    { flags: "--port <port>", text: "0 for any free one", default: "4711" },
  ],
  example: 'rollout serve --schedule "*/5 * * * *"',
  run: async (world, input) => {
    const port = portOf(input.text("port") ?? "");
    const { serve: serveUntilStopped } = await import("../../server/serve.js");
    return serveUntilStopped(world, {
      host: input.text("host") ?? "127.0.0.1",
      port,
      schedule: input.text("schedule") ?? "*/5 * * * *",
    });
  },
};

function portOf(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new UsageProblem(
    cliProblem("cli/bad-arguments", `--port takes a number from 0 to 65535, and "${text}" is none.`),
  );
}
