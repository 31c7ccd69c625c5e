/** A team's repository in a temporary folder, and the program run in it as a process. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Build } from "./build.js";
import { type Schema, type Schemas, stateVariable } from "./schemas.js";
import { type Weather, weatherVariable } from "./weather.js";

export interface Ended {
  readonly exit: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** A disk in memory where there is one: a process that is killed loses nothing of either. */
function disk(): string {
  return process.env.TMPDIR === undefined && existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
}

const calm: Weather = { program: "", spells: [], log: null, jumps: [], journals: null };

export interface Database {
  readonly schemas: Schemas;
  readonly schema: Schema;
}

export class Place {
  readonly root: string;
  readonly build: Build;
  /** Every process that was started here. */
  readonly started: Running[] = [];
  /** Where the state is when it is in PostgreSQL; null: it lies in the folder. */
  readonly database: Database | null;
  /** Milliseconds since the epoch: where the program's clock stands. */
  now: number;

  /** In an empty folder of its own, where no `root` is named. */
  constructor(build: Build, at: { readonly now: number; readonly root?: string; readonly database?: Database | null }) {
    this.build = build;
    this.now = at.now;
    this.root = at.root ?? mkdtempSync(join(disk(), "rollout-chaos-"));
    this.database = at.database ?? null;
  }

  /** The same once more: folder, state and clock. */
  async copy(build = this.build): Promise<Place> {
    const database = this.database && {
      schemas: this.database.schemas,
      schema: await this.database.schemas.copy(this.database.schema),
    };
    const place = new Place(build, { now: this.now, database });
    cpSync(this.root, place.root, { recursive: true });
    return place;
  }

  /** Time passes, for the program and for the leases. */
  async wait(ms: number): Promise<void> {
    this.now += ms;
    await this.database?.schemas.age(this.database.schema, ms);
  }

  /** Waits until nothing that a dead run asked of its store can still happen. */
  async quiet(): Promise<void> {
    await this.database?.schemas.quiet(this.database.schema);
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(join(this.root, name)), { recursive: true });
    writeFileSync(join(this.root, name), text);
  }

  read(name: string): string | null {
    const path = join(this.root, name);
    return existsSync(path) ? readFileSync(path, "utf8") : null;
  }

  get env(): NodeJS.ProcessEnv {
    return {
      PATH: process.env.PATH,
      HOME: this.root,
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_SYSTEM: "/dev/null",
      GITHUB_ACTOR: "harness",
      NO_COLOR: "1",
      COLUMNS: "240",
      ROLLOUT_NOW: new Date(this.now).toISOString(),
      ...(this.database === null ? {} : { [stateVariable]: this.database.schema.url }),
    };
  }

  git(...args: readonly string[]): string {
    return execFileSync("git", ["-c", "safe.directory=*", ...args], {
      cwd: this.root,
      env: this.env,
      encoding: "utf8",
    }).trim();
  }

  /** Under a weather the wrapped entry, else the program as it is shipped. `before` are words in front: another user, a limit. */
  start(
    argv: readonly string[],
    weather: Partial<Weather> | null = null,
    as: { readonly before?: readonly string[]; readonly env?: NodeJS.ProcessEnv } = {},
  ): Running {
    const { program, entry } = this.build;
    const sky = weather === null ? {} : { [weatherVariable]: JSON.stringify({ ...calm, program, ...weather }) };
    const [command = "", ...rest] = [
      ...(as.before ?? []),
      process.execPath,
      weather === null ? program : entry,
      ...argv,
    ];
    const env = { ...this.env, ...sky, ...as.env };
    const child = spawn(command, rest, { cwd: this.root, env, stdio: ["ignore", "pipe", "pipe"] });
    const said: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => said.push(chunk));
    const ended = new Promise<Ended>((resolve, reject) => {
      child.once("error", reject);
      // Not "close": a git that outlives its killed parent keeps the pipes open.
      child.once("exit", (exit, signal) =>
        setImmediate(() => resolve({ exit, signal, output: Buffer.concat(said).toString() })),
      );
    });
    const running = { child, ended };
    this.started.push(running);
    return running;
  }

  run(...args: Parameters<Place["start"]>): Promise<Ended> {
    return this.start(...args).ended;
  }

  /** Must end with 0. */
  async must(...argv: readonly string[]): Promise<void> {
    const { exit, output } = await this.run(argv);
    if (exit !== 0) throw new Error(`rollout ${argv.join(" ")} ended with ${exit}:\n${output}`);
  }

  async remove(): Promise<void> {
    await this.database?.schemas.drop(this.database.schema);
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5 });
  }
}
