// A real nginx in a temporary folder, on loopback alone. It ends with the process that started it, however that one ends.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accepting, freePort, isOpen, systemProgram } from "./system-program.js";

export interface Nginx {
  /** The root of the target; the include is `live/support.conf`. */
  readonly root: string;
  readonly url: string;
  /** Address and port for the status location. */
  readonly status: string;
  /** The command that reloads it. */
  readonly reload: readonly string[];
  /** Takes the include away, as if nobody had used it. */
  clear(): Promise<void>;
  /** Sites that use the variables of the include, which has to be there: lines of the server's location. */
  serve(location: string): void;
  restart(): Promise<void>;
  crash(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** `place.root`: a folder that is there already, and stays; else one of its own. */
export async function startNginx(place: { readonly root?: string } = {}): Promise<Nginx> {
  const program = systemProgram("nginx");
  const root = place.root ?? mkdtempSync(join(tmpdir(), "rollout-nginx-"));
  const [port, statusPort, idlePort] = [await freePort(), await freePort(), await freePort()];
  mkdirSync(join(root, "live"), { recursive: true });
  const include = join(root, "live", "support.conf");
  const site = join(root, "site.conf");
  writeFileSync(include, "");
  writeFileSync(site, "");
  const settings = `${process.getuid?.() === 0 ? "user root;\n" : ""}daemon off;
worker_processes 2;
pid ${root}/nginx.pid;
error_log ${root}/error.log;
events {}
http {
  access_log off;
  ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `${kind}_temp_path ${root}/${kind};`).join("\n  ")}
  server { listen 127.0.0.1:${idlePort}; }
  include ${include};
  include ${site};
}
`;
  const file = join(root, "nginx.conf");
  writeFileSync(file, settings);
  const settled = ["-p", root, "-c", file, "-e", join(root, "error.log")];
  const reload = [program, ...settled, "-s", "reload"];
  const reloadNow = (): void => {
    execFileSync(program, reload.slice(1), { stdio: "pipe" });
  };
  const watcher = endsWithUs(root);
  let server: ChildProcess | null = null;
  const start = async (): Promise<void> => {
    server = spawn(program, settled, { stdio: ["ignore", "ignore", "pipe"] });
    await accepting(server, idlePort);
  };
  const crash = async (): Promise<void> => {
    if (server === null || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, "exit");
    server.kill("SIGTERM");
    await ended;
  };
  await start();
  return {
    root,
    url: `http://127.0.0.1:${port}`,
    status: `127.0.0.1:${statusPort}`,
    reload,
    clear: async () => {
      writeFileSync(site, "");
      for (const name of readdirSync(join(root, "live"))) rmSync(join(root, "live", name));
      writeFileSync(include, "");
      if (existsSync(join(root, "nginx.pid"))) reloadNow();
      while ((await isOpen(statusPort)) || (await isOpen(port)))
        await new Promise((resolve) => setTimeout(resolve, 10));
    },
    serve: (location) =>
      writeFileSync(
        site,
        `server { listen 127.0.0.1:${port}; keepalive_requests 100000; location / { ${location} } }\n`,
      ),
    restart: async () => {
      await crash();
      await start();
    },
    crash,
    start,
    stop: async () => {
      await crash();
      if (place.root === undefined) rmSync(root, { recursive: true, force: true });
      watcher.stdin?.end();
    },
  };
}

/** A process that notices when this one is gone, also when it was killed, and clears up after it. */
function endsWithUs(root: string): ChildProcess {
  const script = `cat > /dev/null
pid=$(cat "$1/nginx.pid" 2> /dev/null) && kill -TERM "$pid" 2> /dev/null
sleep 0.2
rm -rf "$1"`;
  const child = spawn("sh", ["-c", script, "sh", root], { stdio: ["pipe", "ignore", "ignore"], detached: true });
  child.unref();
  return child;
}
