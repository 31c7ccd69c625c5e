// Opens the router of an agent: reads once, watches for ever, answers from memory.

import type { ModelEntry } from "../core/model/revision.js";
import { InForce } from "./in-force.js";
import { type Log, safeLog } from "./log.js";
import { RouteEvents } from "./route-events.js";
import { bootstrapRevision, type Router, type RouterOptions, type RouterStatus, type SessionRoute } from "./router.js";
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
  readonly #inForce: InForce;
  readonly #watch: SnapshotWatch;
  readonly #events: RouteEvents | null;
  readonly #tasks: TaskQueue | null;
  readonly #log: Log;
  /** Records that came though nobody said where they go. */
  #homeless = 0;
  readonly #now: () => number;

  constructor(path: string, options: RouterOptions) {
    const {
      agent = null,
      bootstrap,
      killFile = `${path}.kill`,
      tasks,
      onRoute,
      pollMs = 2_000,
      now = Date.now,
    } = options;
    const log = safeLog(options.log);
    const content = bootstrap && { revision: bootstrap.revision ?? null, content: bootstrapRevision(bootstrap) };
    this.#inForce = new InForce(content ?? null, now);
    this.#watch = new SnapshotWatch({ path, killFile, agent, pollMs }, this.#inForce, log);
    this.#events = onRoute === undefined ? null : new RouteEvents(onRoute, log);
    this.#tasks =
      tasks === undefined ? null : new TaskQueue("url" in tasks ? serverSink(tasks.url) : fileSink(tasks.file), log);
    this.#now = now;
    this.#log = log;
  }

  start(): Promise<void> {
    return this.#watch.start();
  }

  route(
    session: string | null | undefined,
    options?: { readonly startedAt?: Date | number | undefined; readonly user?: string | null | undefined },
  ): SessionRoute {
    // Callers without types pass what they have; a session that is no text is a session without an id.
    const key = typeof session === "string" ? session : "";
    const user = typeof options?.user === "string" ? options.user : "";
    const route = this.#inForce.choose(key, milliseconds(options?.startedAt), user);
    this.#events?.add({ session: key, at: this.#now(), ...route });
    return route;
  }

  getModel(step: string, route: SessionRoute): ModelEntry | null {
    return this.#inForce.model(step, route?.revision ?? null);
  }

  getPrompt(name: string, route: SessionRoute): string | null {
    return this.#inForce.prompt(name, route?.revision ?? null);
  }

  recordTask(record: TaskRecord): void {
    if (this.#tasks === null) {
      if (this.#homeless === 0) this.#log("task records are dropped: openRouter was given no `tasks` option");
      this.#homeless += 1;
      return;
    }
    this.#tasks.add(record, this.#watch.agent);
  }

  status(): RouterStatus {
    const { snapshot, route, origin, killed } = this.#inForce;
    return {
      agent: this.#watch.agent,
      origin,
      revision: route?.stable ?? null,
      canary: route?.canary ?? null,
      weight: (route?.weight ?? 0) / 100,
      ageMs: snapshot === null ? null : this.#now() - snapshot.writtenAt,
      killed,
      refused: this.#watch.refused,
      tasks: { waiting: this.#tasks?.waiting ?? 0, dropped: this.#tasks?.dropped ?? this.#homeless },
    };
  }

  refresh(): Promise<void> {
    return this.#watch.look();
  }

  async close(): Promise<void> {
    this.#watch.close();
    await this.#tasks?.close();
  }
}

/** NaN for what is no time. */
function milliseconds(time: unknown): number {
  if (typeof time === "number") return time;
  return time instanceof Date ? time.getTime() : Number.NaN;
}
