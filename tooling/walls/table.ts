/** The import table of the house: the configuration of `npm run walls`, and the only place where it is written. */

/** What one room under `src/` may do. A new arrow here needs a page in docs/decisions. */
export interface Room {
  /** Rooms (`core`), or parts of one (`core/routing`), that its files may import besides their own room. */
  readonly mayImport: readonly string[];
  /** Whether its files may touch disk, network, processes or threads; `one-file` allows a single loader. */
  readonly effects: "anywhere" | "one-file" | "nowhere";
}

export const rooms: Readonly<Record<string, Room>> = {
  core: { mayImport: [], effects: "nowhere" },
  ports: { mayImport: ["core"], effects: "nowhere" },
  config: { mayImport: ["core", "ports"], effects: "one-file" },
  engine: { mayImport: ["core", "ports"], effects: "nowhere" },
  providers: { mayImport: ["core", "ports"], effects: "anywhere" },
  telemetry: { mayImport: ["core", "ports"], effects: "nowhere" },
  repo: { mayImport: ["core", "ports", "config"], effects: "anywhere" },
  runbook: { mayImport: ["core", "ports", "config"], effects: "anywhere" },
  views: { mayImport: ["core"], effects: "nowhere" },
  sdk: { mayImport: ["core/routing", "core/model"], effects: "one-file" },
  openfeature: { mayImport: ["sdk", "core/model"], effects: "nowhere" },
  testing: { mayImport: ["core", "ports", "engine"], effects: "nowhere" },
  app: {
    mayImport: ["core", "ports", "config", "engine", "telemetry", "repo", "runbook", "views", "testing"],
    effects: "nowhere",
  },
  server: { mayImport: ["core", "ports", "telemetry", "views", "app"], effects: "anywhere" },
  cli: { mayImport: ["core", "views", "app", "server"], effects: "anywhere" },
};

/** Files outside the rooms that build the real world or open the library: they import anything, and no room imports them. */
export const roots: readonly string[] = ["src/start.ts", "src/main.ts", "src/index.ts"];

/** The public doors: the only files that may be called `index.ts` or re-export. */
export const doors: readonly string[] = [
  "src/index.ts",
  "src/sdk/index.ts",
  "src/sdk/edge.ts",
  "src/openfeature/index.ts",
  "src/testing/index.ts",
  "src/ports/index.ts",
];

/** The generated list of providers: the one file of `src/providers` that knows them all. */
export const catalog = "src/providers/catalog.ts";

/** Folders whose files are generated and hold types alone. */
export const typeFolders: readonly string[] = ["src/core/generated/"];

/** Rooms that run inside other people's processes: no package may come in with them. */
export const dependencyFree: readonly string[] = ["core", "sdk"];

/** Modules that touch the outside. */
export const effectModules: readonly string[] = [
  "node:fs",
  "node:fs/promises",
  "node:child_process",
  "node:cluster",
  "node:dgram",
  "node:http",
  "node:http2",
  "node:https",
  "node:net",
  "node:readline",
  "node:readline/promises",
  "node:tls",
  "node:worker_threads",
  "@hono/node-server",
  "execa",
  "libsql",
  "node-cron",
  "pg",
  "simple-git",
];

/** Globals that carry time, chance or the outside into code that must be a function of its arguments. */
export const impureGlobals: readonly string[] = [
  "Buffer",
  "Date",
  "Temporal",
  "console",
  "crypto",
  "fetch",
  "global",
  "globalThis",
  "performance",
  "process",
  "queueMicrotask",
  "require",
  "setImmediate",
  "setInterval",
  "setTimeout",
];

/** Members of otherwise pure globals, written `Object.member`. */
export const impureMembers: readonly string[] = ["Math.random"];
