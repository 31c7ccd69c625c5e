// HAProxy's runtime socket: one command a connection, answered until the other side closes.

import { createConnection } from "node:net";
import { Fault } from "../../../ports/fault.js";

const patience = 5_000;
const maxAnswerBytes = 4 * 1_048_576;

/** The whole answer. Throws a `Fault`: "unreachable" where nobody answers, "timeout" when the signal or five seconds came first. */
export function askRuntime(socket: string, command: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new Fault("timeout", "HAProxy's answer was not waited for"));
    const connection = createConnection({ path: socket });
    const told: Buffer[] = [];
    let bytes = 0;
    const end = (error: Error | null): void => {
      signal.removeEventListener("abort", abandon);
      connection.destroy();
      if (error === null) resolve(Buffer.concat(told).toString("utf8"));
      else reject(error);
    };
    const abandon = (): void => end(new Fault("timeout", "HAProxy's answer was not waited for"));
    signal.addEventListener("abort", abandon);
    connection.setTimeout(patience, () => end(new Fault("timeout", `HAProxy did not answer in ${patience / 1000} s`)));
    connection.on("data", (piece) => {
      bytes += piece.length;
      if (bytes > maxAnswerBytes) return end(new Fault("rejected", "HAProxy's answer has no end"));
      told.push(piece);
    });
    connection.on("end", () => end(null));
    connection.on("error", ({ code, message }: NodeJS.ErrnoException) =>
      end(new Fault("unreachable", `HAProxy's runtime socket does not answer: ${code ?? message}`)),
    );
    connection.write(`${command}\n`);
  });
}
