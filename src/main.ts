// The only place that builds the real world: files, clock, terminal, providers. Everything is opened when it is first used.

import { randomBytes } from "node:crypto";
// Taken through node:fs, which opens them when they are first used.
import { promises as disk } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import manifest from "../package.json" with { type: "json" };
import type { World } from "./app/world.js";
import { runCli, type WorldOptions } from "./cli/run-cli.js";
import type { StateSpec } from "./core/model/spec.js";
import { type Duration, day, type Instant } from "./core/model/units.js";
import { Fault } from "./ports/fault.js";
import type { Outside } from "./ports/outside.js";
import { silentWatch } from "./ports/watch.js";
import { openTarget } from "./providers/catalog.js";

/** A clock for tests and rehearsals: `ROLLOUT_NOW` is an ISO time at which the clock stands still. */
function clockOf(env: NodeJS.ProcessEnv): () => Instant {
  const fixed = env.ROLLOUT_NOW;
  if (fixed === undefined) return () => Date.now() as Instant;
  const instant = Date.parse(fixed) as Instant;
  if (Number.isNaN(instant)) {
    process.stderr.write(
      `error: ROLLOUT_NOW is "${fixed}", which is not an ISO 8601 time. Unset it, or write it as 2026-11-23T11:20:00Z.\n`,
    );
    process.exit(1);
  }
  return () => instant;
}

const now = clockOf(process.env);

/** How long single tasks and sessions are kept; their roll-ups stay. */
const retention = (90 * day) as Duration;

const outside: Outside = {
  now,
  fetch: globalThis.fetch,
  environment: process.env,
  secret: (name) => {
    const value = process.env[name];
    if (value === undefined) throw new Fault("rejected", `the secret ${name} is not set in the environment`);
    return value;
  },
};

/** The address of the database, which may hold a password. */
function addressOf(state: Extract<StateSpec, { readonly kind: "postgres" }>): string {
  if (state.from === "address") return state.url;
  const address = process.env[state.variable];
  if (address) return address;
  throw new Fault(
    "rejected",
    `The state is in the PostgreSQL database whose address is in $${state.variable}, and it is not set. Set it as postgres://user:password@host:5432/database.`,
  );
}

const openers: World["open"] = {
  router: async (path) => {
    const { openRouter } = await import("./sdk/open-router.js");
    return openRouter(path, { log: () => undefined });
  },
  store: async (state, { root, readOnly }) => {
    if (state.kind === "postgres") {
      const { openPostgresStore } = await import("./providers/stores/postgres.js");
      return openPostgresStore({ url: addressOf(state), readOnly });
    }
    if (state.kind === "git") {
      const { openGitStore } = await import("./providers/stores/git.js");
      return openGitStore({ root, branch: state.branch, env: process.env, now, readOnly });
    }
    const [{ openSqliteStore }, { openLibsql }] = await Promise.all([
      import("./providers/stores/sqlite.js"),
      import("./providers/databases/libsql.js"),
    ]);
    return openSqliteStore({ path: resolve(root, state.path), now, openDatabase: openLibsql, readOnly });
  },
  metrics: async (path, { readOnly }) => {
    const [{ openEmbeddedMetrics }, { openLibsql }] = await Promise.all([
      import("./providers/sources/embedded.js"),
      import("./providers/databases/libsql.js"),
    ]);
    return openEmbeddedMetrics({ path, now, openDatabase: openLibsql, readOnly, retention });
  },
  source: async ({ run, timeout, env }, root) => {
    const { openCommandSource } = await import("./providers/sources/command.js");
    return openCommandSource({ root, run, timeout, env, environment: process.env });
  },
  watch: async (state, changed) => {
    if (state.kind !== "postgres") return silentWatch;
    const { watchPostgres } = await import("./providers/stores/postgres/watch.js");
    return watchPostgres({ url: addressOf(state), changed });
  },
  target: (target, root) => openTarget(target, root, outside),
  calendar: async () => (await import("./providers/calendars/temporal.js")).openTemporalCalendar(),
  readiness: () => ({
    ask: async (query, signal) =>
      (await import("./providers/readiness/http.js")).httpReadiness(outside).ask(query, signal),
  }),
  evalFormats: async () => {
    const formats = await Promise.all([
      import("./providers/evals/promptfoo.js"),
      import("./providers/evals/jsonl.js"),
      import("./providers/evals/plain.js"),
    ]);
    return formats.map((format) => format.default);
  },
};

const files: World["files"] = {
  read: async (path) => {
    try {
      const { readBounded } = await import("./repo/read-bounded.js");
      return await readBounded(path);
    } catch (error) {
      if (error instanceof Fault) throw error;
      return null;
    }
  },
  stamp: async (path) => {
    try {
      const { ino, mtimeNs, ctimeNs, size } = await disk.stat(path, { bigint: true });
      return [ino, mtimeNs, ctimeNs, size].join(" ");
    } catch {
      return null;
    }
  },
  write: async (path, text) => {
    const { syncFolder, writeDurably } = await import("./providers/targets/snapshot/durable-file.js");
    await disk.mkdir(dirname(path), { recursive: true });
    const draft = join(dirname(path), `.${randomBytes(4).toString("hex")}.draft`);
    try {
      await writeDurably(draft, text, null);
      await disk.rename(draft, path);
    } catch (error) {
      await disk.rm(draft, { force: true });
      throw error;
    }
    await syncFolder(dirname(path));
  },
  list: async (path) => {
    try {
      return (await disk.readdir(path)).sort();
    } catch {
      return [];
    }
  },
};

/** The identity of CI or git, not of a flag alone. */
async function identity(cwd: string): Promise<string> {
  const { GITHUB_ACTOR, GITHUB_RUN_ID, GITLAB_USER_LOGIN, CI_JOB_ID, CI } = process.env;
  if (GITHUB_ACTOR) return `${GITHUB_ACTOR} (GitHub run ${GITHUB_RUN_ID ?? "unknown"})`;
  if (GITLAB_USER_LOGIN) return `${GITLAB_USER_LOGIN} (GitLab job ${CI_JOB_ID ?? "unknown"})`;
  const { execa } = await import("execa");
  const { stdout } = await execa("git", ["config", "user.email"], { cwd, reject: false });
  const name = stdout?.trim() || process.env.USER || "unknown";
  return CI ? `${name} (CI)` : name;
}

function makeWorld(options: WorldOptions): World {
  return {
    ...options,
    env: process.env,
    now,
    // Machines that share a state may share a name, as containers do.
    holder: `${hostname()}:${process.pid}:${randomBytes(3).toString("hex")}`,
    by: () => identity(options.cwd),
    files,
    open: openers,
    exec: async ([program, ...args], { cwd, env }) => {
      const { execa } = await import("execa");
      const result = await execa(program ?? "", args, { cwd, env, stdio: ["inherit", 2, 2], reject: false });
      return result.exitCode ?? 127;
    },
    package: join(import.meta.dirname, ".."),
    temporary: (prefix) => disk.mkdtemp(join(tmpdir(), prefix)),
    elsewhere: (place) => ({
      ...makeWorld({ ...options, ...place, config: null }),
      now: place.now,
      by: async () => place.by,
    }),
  };
}

/** Runs one command line, in the real world or in what `through` makes of it. Returns the exit code. */
export function main(argv: readonly string[], through: (world: World) => World = (world) => world): Promise<number> {
  return runCli(argv, { makeWorld: (options) => through(makeWorld(options)), process, version: manifest.version });
}
