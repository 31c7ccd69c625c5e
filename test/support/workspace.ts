// A team's repository in a temporary folder, and the world of the program around it: the real providers, on a virtual clock.

import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdir, readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { World } from "../../src/app/world.js";
import { hour, type Instant, later } from "../../src/core/model/units.js";
import type { Outside } from "../../src/ports/outside.js";
import { silentWatch } from "../../src/ports/watch.js";
import { openTemporalCalendar } from "../../src/providers/calendars/temporal.js";
import { openTarget } from "../../src/providers/catalog.js";
import { openLibsql } from "../../src/providers/databases/libsql.js";
import jsonl from "../../src/providers/evals/jsonl.js";
import plain from "../../src/providers/evals/plain.js";
import promptfoo from "../../src/providers/evals/promptfoo.js";
import { httpReadiness } from "../../src/providers/readiness/http.js";
import { openCommandSource } from "../../src/providers/sources/command.js";
import { openEmbeddedMetrics } from "../../src/providers/sources/embedded.js";
import { openGitStore } from "../../src/providers/stores/git.js";
import { openPostgresStore } from "../../src/providers/stores/postgres.js";
import { openSqliteStore } from "../../src/providers/stores/sqlite.js";
import { openRouter } from "../../src/sdk/open-router.js";
import { gitEnv } from "./git-remote.js";
import { quickFolder } from "./quick-folder.js";

export const newModel = "opus@2";

/** One agent; a ramp that a few virtual hours decide. */
export const oneAgent: Readonly<Record<string, string>> = {
  "rollout.config.yaml": `version: 1
registry: registry/models.yaml

strategies:
  quick:
    ramp:
      - { weight: 50%, hold: 1h, until: 8h }
      - { weight: 100% }

agents:
  support:
    steps: [planning, parsing]
    prompts: prompts/support/**
    strategy: quick
    session: { timeout: 10m }
    evals: { baseline: { commit: none } }
    target: live/support.json
`,
  "registry/models.yaml": "planning: opus@1\nparsing: haiku@1\n",
  "prompts/support/system.md": "You help customers.\n",
  ".gitignore": ".rollout/\nlive/\n",
};

/** The same with more words for the strategy (indented by four) and for the agent (also by four). */
export function specWith(strategy: string, agent = ""): Readonly<Record<string, string>> {
  const spec = oneAgent["rollout.config.yaml"] ?? "";
  const whole = spec.replace("\nagents:", `${strategy}\nagents:`) + agent;
  return { ...oneAgent, "rollout.config.yaml": whole };
}

export interface As {
  /** Somebody sits at the terminal. */
  readonly interactive?: boolean;
  readonly holder?: string;
  readonly by?: string;
  readonly stop?: AbortSignal;
  readonly onSay?: (line: string) => void;
  /** Below the root. */
  readonly cwd?: string;
  readonly config?: string;
  /** Doors other than the real ones. */
  readonly open?: Partial<World["open"]>;
}

const gitSettings = { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" };

export class Workspace {
  readonly root = quickFolder("rollout-app-");
  readonly clock = { at: Date.UTC(2026, 2, 2, 8) as Instant };
  readonly env = { PATH: process.env.PATH, HOME: this.root, ...gitSettings };
  /** What programs of the target and the source are given some of. */
  readonly environment: Record<string, string | undefined> = { ...process.env };

  constructor(from: Readonly<Record<string, string>> | Workspace = oneAgent) {
    if (from instanceof Workspace) {
      cpSync(from.root, this.root, { recursive: true });
      this.clock.at = from.clock.at;
      return;
    }
    for (const [name, text] of Object.entries(from)) this.write(name, text);
    this.git("init", "--quiet", "--initial-branch=main", "--template=");
    this.git("config", "user.name", "Ada");
    this.git("config", "user.email", "ada@example.org");
    this.commit("Begin");
  }

  world(as: As = {}): World {
    const { interactive = false, holder = "one", by = "ada@example.org", onSay = () => undefined } = as;
    return this.#worldAt({
      cwd: join(this.root, as.cwd ?? ""),
      config: as.config ?? null,
      now: () => this.clock.at,
      by: async () => by,
      say: onSay,
      interactive,
      holder,
      stop: as.stop ?? new AbortController().signal,
      lastWords: () => () => undefined,
      open: as.open ?? {},
    });
  }

  #worldAt(
    place: Pick<World, "cwd" | "config" | "now" | "by" | "say" | "interactive" | "holder" | "stop" | "lastWords"> & {
      readonly open: Partial<World["open"]>;
    },
  ): World {
    return {
      ...place,
      env: this.env,
      files,
      open: { ...openersAt(place.now, this.environment), ...place.open },
      exec: async ([program = "", ...args], { cwd, env }) =>
        spawnSync(program, args, { cwd, env: { ...this.env, ...env }, stdio: "ignore" }).status ?? 127,
      package: join(import.meta.dirname, "../.."),
      temporary: async (prefix) => mkdtempSync(join(this.root, prefix)),
      elsewhere: (there) => this.#worldAt({ ...place, ...there, config: null, by: async () => there.by }),
    };
  }

  pass(hours: number): void {
    this.clock.at = later(this.clock.at, hours * hour);
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(join(this.root, name)), { recursive: true });
    writeFileSync(join(this.root, name), text);
  }

  read(name: string): string {
    return readFileSync(join(this.root, name), "utf8");
  }

  /** Replaces a text that must be there. */
  edit(name: string, from: string, to: string): void {
    const text = this.read(name);
    if (!text.includes(from)) throw new Error(`${name} does not hold ${JSON.stringify(from)}`);
    this.write(name, text.replace(from, to));
  }

  remove(name = ""): void {
    rmSync(join(this.root, name), { recursive: true, force: true });
  }

  git(...args: readonly string[]): string {
    return execFileSync("git", args, { cwd: this.root, env: this.env, encoding: "utf8" }).trim();
  }

  commit(message: string): void {
    this.git("add", "--all");
    this.git("commit", "--quiet", "--allow-empty", "--message", message);
  }
}

function openersAt(now: () => Instant, environment: Outside["environment"]): World["open"] {
  const outside: Outside = {
    now,
    fetch: globalThis.fetch,
    environment,
    secret: (name) => {
      throw new Error(`no test has the secret ${name}`);
    },
  };
  return {
    router: (path) => openRouter(path, { log: () => undefined }),
    store: async (state, { root, readOnly }) => {
      if (state.kind === "postgres" && state.from === "address")
        return openPostgresStore({ url: state.url, now, readOnly });
      if (state.kind === "git") return openGitStore({ root, branch: state.branch, env: gitEnv, now, readOnly });
      if (state.kind !== "sqlite") throw new Error(`no test of commands keeps its state in ${state.kind}`);
      return openSqliteStore({ path: resolve(root, state.path), now, openDatabase: openLibsql, readOnly });
    },
    metrics: (path, { readOnly }) => openEmbeddedMetrics({ path, now, openDatabase: openLibsql, readOnly }),
    source: async ({ run, timeout, env }, root) => openCommandSource({ root, run, timeout, env, environment }),
    watch: async () => silentWatch,
    target: (target, root) => openTarget(target, root, outside),
    calendar: async () => openTemporalCalendar(),
    readiness: () => httpReadiness(outside),
    evalFormats: async () => [promptfoo, jsonl, plain],
  };
}

const files: World["files"] = {
  read: (path) => readFile(path, "utf8").catch(() => null),
  stamp: async (path) => {
    const found = await stat(path, { bigint: true }).catch(() => null);
    return found && [found.ino, found.mtimeNs, found.ctimeNs, found.size].join(" ");
  },
  write: async (path, text) => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.draft`, text);
    await rename(`${path}.draft`, path);
  },
  list: async (path) => (await readdir(path).catch(() => [])).sort(),
};
