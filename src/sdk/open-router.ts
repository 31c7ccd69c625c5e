// Opens the router of an agent: reads once, watches for ever, answers from memory.

import type { ModelEntry } from "../core/model/revision.js";
import { type Log, safeLog } from "./log.js";
import type { Router, RouterOptions, RouterStatus, RoutingStatus, SessionFacts, SessionRoute } from "./router.js";
import { SessionRoutes } from "./session-routes.js";
import { SnapshotWatch } from "./snapshot-watch.js";
import { TaskQueue } from "./task-queue.js";
import type { TaskRecord } from "./task-record.js";
import { fileSink, serverSink } from "./task-sinks.js";

/**
 * `path` is the routing file that the snapshot target writes. A missing or broken file is no error: the copy of its predecessor, the
 * bootstrap option or all-stable serve until a good one is there. Throws for a path or an option that no file could mend.
 */
export async function openRouter<Steps extends string = string, Prompts extends string = string>(
  path: string,
  options: RouterOptions<Steps, Prompts> = {},
): Promise<Router<Steps, Prompts>> {
  if (path === "") throw new TypeError("openRouter needs the path of a routing file, such as live/support.json");
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(path)) {
    throw new TypeError(
      `openRouter reads files: ${path} is an address, which it cannot read yet. Give it the file's path.`,
    );
  }
  const router = new FileRouter(path, options);
  await router.start();
  return router;
}

class FileRouter implements Router {
  readonly #routes: SessionRoutes;
  readonly #watch: SnapshotWatch;
  readonly #tasks: TaskQueue | null;
  readonly #log: Log;
  /** Records that came though nobody said where they go. */
  #homeless = 0;

  constructor(path: string, options: RouterOptions) {
    const { killFile = `${path}.kill`, tasks, pollMs = 2_000 } = options;
    // Timers make one millisecond of what they cannot count.
    if (!(pollMs >= 1 && pollMs < 2 ** 31)) {
      throw new TypeError(`openRouter needs pollMs in milliseconds, from 1 to ${2 ** 31 - 1}, and was given ${pollMs}`);
    }
    const log = safeLog(options.log ?? ((line) => process.stderr.write(`${line}\n`)));
    this.#routes = new SessionRoutes(options, { log, later: setImmediate });
    this.#watch = new SnapshotWatch({ path, killFile, pollMs }, this.#routes, log);
    this.#tasks =
      tasks === undefined
        ? null
        : new TaskQueue(
            "url" in tasks ? serverSink(tasks.url) : fileSink(tasks.file),
            log,
            () => this.#routes.lastGood.agent,
          );
    this.#log = log;
  }

  start(): Promise<void> {
    return this.#watch.start();
  }

  route(session: string | null | undefined, facts?: SessionFacts): SessionRoute {
    return this.#routes.route(session, facts);
  }

  getModel(step: string, route: SessionRoute): ModelEntry | null {
    return this.#routes.getModel(step, route);
  }

  getPrompt(name: string, route: SessionRoute): string | null {
    return this.#routes.getPrompt(name, route);
  }

  recordTask(record: TaskRecord): void {
    if (this.#tasks === null) {
      if (this.#homeless === 0) this.#log("task records are dropped: openRouter was given no `tasks` option");
      this.#homeless += 1;
      return;
    }
    this.#tasks.add(record);
  }

  status(): RouterStatus {
    const tasks = { waiting: this.#tasks?.waiting ?? 0, dropped: this.#tasks?.dropped ?? this.#homeless };
    return { ...this.#routes.status(), tasks };
  }

  subscribe(listener: (status: RoutingStatus) => void): () => void {
    return this.#routes.subscribe(listener);
  }

  refresh(): Promise<void> {
    return this.#watch.look();
  }

  async close(): Promise<void> {
    this.#watch.close();
    await this.#tasks?.close();
  }
}
