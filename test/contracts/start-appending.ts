import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Event } from "../../src/core/model/journal.js";
import type { AgentId } from "../../src/core/model/units.js";

const script = fileURLToPath(new URL("./appending-process.ts", import.meta.url));

export interface Appending {
  readonly path: string;
  readonly agent: AgentId;
  readonly event: Event;
  readonly count: number;
}

/** Starts a process of its own that appends the event `count` times; `acknowledged` grows as it goes. */
export function startAppending({ path, agent, event, count }: Appending): {
  readonly child: ChildProcess;
  readonly acknowledged: readonly number[];
  readonly ended: Promise<number | null>;
  onAcknowledged(listen: (serials: number) => void): void;
} {
  const child = spawn(
    process.execPath,
    ["--import", "tsx", script, path, agent, JSON.stringify(event), String(count)],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const acknowledged: number[] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on("line", (line) => acknowledged.push(Number(line)));
  const closed = Promise.all([once(child, "close"), once(lines, "close")]);
  return {
    child,
    acknowledged,
    ended: closed.then(() => child.exitCode),
    onAcknowledged: (listen) => lines.on("line", () => listen(acknowledged.length)),
  };
}

/** Kills the process with SIGKILL as soon as it has told of so many appends; answers the last serial that it was told. */
export async function killWhileAppending(
  options: Omit<Appending, "count"> & { readonly acknowledgements: number },
): Promise<number> {
  const { child, acknowledged, ended, onAcknowledged } = startAppending({ ...options, count: 1_000_000 });
  onAcknowledged((appends) => {
    if (appends >= options.acknowledgements) child.kill("SIGKILL");
  });
  await ended;
  return acknowledged.at(-1) ?? 0;
}
