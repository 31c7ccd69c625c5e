// A real PostgreSQL server in a temporary folder, on loopback alone. It ends with the process that started it, however that one ends.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { installPackage } from "./install-package.js";
import { freePort } from "./system-program.js";

export interface PostgresServer {
  /** Of the superuser `rollout`, without a password. */
  readonly url: string;
  /** Ends every connection at once, loses what was not committed, and starts again on the same port. */
  restart(): Promise<void>;
  /** The same without starting again. */
  crash(): Promise<void>;
  start(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

export async function startPostgresServer(): Promise<PostgresServer> {
  const programs = findPrograms() ?? installPackage("postgresql", findPrograms);
  const folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "rollout-postgres-"));
  const user = unprivileged();
  if (user !== null) chownSync(folder, user.uid, user.gid);
  const data = join(folder, "data");
  const as = { ...(user ?? {}), cwd: folder };
  const initial = ["-D", data, "-U", "rollout", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"];
  execFileSync(join(programs, "initdb"), initial, { ...as, stdio: ["ignore", "ignore", "pipe"] });
  // Whoever is called guarded needs a password.
  const rules = "host all guarded 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n";
  writeFileSync(join(data, "pg_hba.conf"), rules);
  const port = await freePort();
  const settings = [`port=${port}`, "listen_addresses=127.0.0.1", "unix_socket_directories=", "shared_buffers=16MB"];
  const args = ["-D", data, ...settings.flatMap((setting) => ["-c", setting])];
  const watcher = endsWithUs(folder);
  let server = await running(join(programs, "postgres"), args, as);
  const crash = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, "exit");
    server.kill("SIGQUIT");
    await ended;
  };
  const start = async (): Promise<void> => {
    server = await running(join(programs, "postgres"), args, as);
  };
  return {
    url: `postgres://rollout@127.0.0.1:${port}/postgres`,
    crash,
    start,
    restart: async () => {
      await crash();
      await start();
    },
    stop: async () => {
      await crash();
      rmSync(folder, { recursive: true, force: true });
      watcher.stdin?.end();
    },
  };
}

/** Started, and ready to accept connections. */
async function running(
  program: string,
  args: readonly string[],
  as: { readonly cwd: string; readonly uid?: number; readonly gid?: number },
): Promise<ChildProcess> {
  const child = spawn(program, args, { ...as, stdio: ["ignore", "ignore", "pipe"] });
  const told: string[] = [];
  const lines = createInterface({ input: child.stderr });
  await new Promise<void>((resolve, reject) => {
    lines.on("line", (line) => {
      told.push(line);
      if (line.includes("ready to accept connections")) resolve();
    });
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`PostgreSQL ended with ${code}:\n${told.join("\n")}`)));
  });
  return child;
}

/** A process that notices when this one is gone, also when it was killed, and clears up after it. */
function endsWithUs(folder: string): ChildProcess {
  const script = `cat > /dev/null
pid=$(head -n 1 "$1/data/postmaster.pid" 2> /dev/null) && kill -QUIT "$pid" && while kill -0 "$pid" 2> /dev/null; do sleep 0.05; done
rm -rf "$1"`;
  const child = spawn("sh", ["-c", script, "sh", folder], { stdio: ["pipe", "ignore", "ignore"], detached: true });
  child.unref();
  return child;
}

/** The folder with the server's programs: of the PATH, or the newest of those that Debian keeps out of it. */
function findPrograms(): string | null {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...(process.env.PATH ?? "").split(delimiter),
    ...versions.map((version) => join(debian, version, "bin")),
  ];
  const has = (folder: string): boolean => ["postgres", "initdb"].every((name) => existsSync(join(folder, name)));
  return folders.find(has) ?? null;
}

/** The server refuses to run as root. Null: we are somebody else already. */
function unprivileged(): { readonly uid: number; readonly gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const id = (of: "-u" | "-g"): number => Number(execFileSync("id", [of, "nobody"], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}
