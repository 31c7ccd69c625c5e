// Where task records go: a file, or a rollout server.

import { appendLines } from "./disk.js";
import type { TaskSink } from "./task-queue.js";

const limitMs = 5_000;

/** Appends JSON Lines. */
export function fileSink(path: string): TaskSink {
  let isFirst = true;
  return async (lines) => {
    await appendLines(path, lines, isFirst);
    isFirst = false;
    return null;
  };
}

/** Posts a JSON array to `/v1/tasks` below the address. Throws a `TypeError` when the address is none. */
export function serverSink(address: string): TaskSink {
  if (!URL.canParse(address)) {
    throw new TypeError(
      `openRouter's tasks.url is ${JSON.stringify(address)}; it is an address such as http://127.0.0.1:4711`,
    );
  }
  const base = new URL(address);
  const url = new URL("v1/tasks", base.href.endsWith("/") ? base : `${base.href}/`);
  return async (lines) => {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: `[${lines.join(",")}]`,
      signal: AbortSignal.timeout(limitMs),
    });
    const said = (await response.text()).slice(0, 200);
    if (response.ok) return null;
    const answer = `${url.host} answered ${response.status} ${said}`.trim();
    // The same records would be refused again; the other codes speak of the moment.
    const isFinal = response.status >= 400 && response.status < 500 && ![408, 425, 429].includes(response.status);
    if (isFinal) return { refused: answer };
    throw new Error(answer);
  };
}
