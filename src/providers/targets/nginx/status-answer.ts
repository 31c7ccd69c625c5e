// What nginx answers at its status location, each time over a connection of its own: a kept one would stay with an old worker.

import { get } from "node:http";
import { Fault } from "../../../ports/fault.js";

const patience = 5_000;
const longestAnswer = 65_536;

/** The body of a 200, null of anything else. Throws a `Fault` where nobody answers. `refused`: nothing listens there. */
export function statusAnswer(address: string, path: string, signal: AbortSignal): Promise<string | null | "refused"> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new Fault("timeout", "nginx's answer was not waited for"));
    const asked = get(`http://${address}${path}`, { agent: false, signal, timeout: patience }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (piece: string) => {
        body += piece;
        if (body.length > longestAnswer) asked.destroy(new Fault("unreachable", "nginx's answer has no end"));
      });
      response.on("end", () => resolve(response.statusCode === 200 ? body.trimEnd() : null));
      response.on("error", reject);
    });
    asked.on("timeout", () => asked.destroy(new Fault("timeout", `nginx did not answer in ${patience / 1000} s`)));
    asked.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ECONNREFUSED") resolve("refused");
      else if (signal.aborted) reject(new Fault("timeout", "nginx's answer was not waited for"));
      else
        reject(
          error instanceof Fault
            ? error
            : new Fault("unreachable", `nginx does not answer: ${error.code ?? error.message}`),
        );
    });
  });
}
