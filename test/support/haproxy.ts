// A real HAProxy in a temporary folder, on loopback alone. It ends with the process that started it, however that one ends.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { accepting, freePort, systemProgram } from "./system-program.js";

export interface Haproxy {
  /** The root of the target; the map is `live/support.map`, the socket `live/admin.sock`. */
  readonly root: string;
  readonly url: string;
  /** Clears the map in memory and on disk, as if nobody had used it. */
  clear(): Promise<void>;
  /** Ends it and starts it again: its memory is read from the map file. */
  restart(): Promise<void>;
  crash(): Promise<void>;
  start(): Promise<void>;
  /** What the runtime socket answers. */
  ask(command: string): Promise<string>;
  stop(): Promise<void>;
}

export interface HaproxyPlace {
  /** The lines of its frontend from the map's absolute path. */
  readonly frontend: (map: string) => string;
  /** A folder that is there already, and stays; else one of its own. */
  readonly root?: string;
}

export async function startHaproxy(place: HaproxyPlace): Promise<Haproxy> {
  const program = systemProgram("haproxy");
  const root = place.root ?? mkdtempSync(join(tmpdir(), "rollout-haproxy-"));
  const map = join(root, "live", "support.map");
  const socket = join(root, "live", "admin.sock");
  const port = await freePort();
  mkdirSync(join(root, "live"), { recursive: true });
  writeFileSync(map, "");
  const settings = `global
  stats socket ${socket} mode 600 level admin
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend agents
  bind 127.0.0.1:${port}
${place.frontend(map)}
`;
  writeFileSync(join(root, "live", "haproxy.cfg"), settings);
  let server: ChildProcess | null = null;
  const watcher = endsWithUs(root);
  const start = async (): Promise<void> => {
    server = spawn(program, ["-db", "-f", join(root, "live", "haproxy.cfg"), "-p", join(root, "live", "pid")], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    await accepting(server, port);
    // Its runtime socket may come a moment after its port.
    while (!(await answerOf(socket, "show map").catch(() => "")).includes(map)) await pause(10);
  };
  const crash = async (): Promise<void> => {
    if (server === null || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, "exit");
    server.kill("SIGKILL");
    await ended;
  };
  const ask = (command: string): Promise<string> => answerOf(socket, command);
  await start();
  return {
    root,
    url: `http://127.0.0.1:${port}`,
    clear: async () => {
      await ask(`clear map ${map}`);
      for (const name of readdirSync(join(root, "live"))) {
        if (name.startsWith("support.")) rmSync(join(root, "live", name));
      }
    },
    restart: async () => {
      await crash();
      await start();
    },
    crash,
    start,
    ask,
    stop: async () => {
      await crash();
      if (place.root === undefined) rmSync(root, { recursive: true, force: true });
      watcher.stdin?.end();
    },
  };
}

async function answerOf(socket: string, command: string): Promise<string> {
  const connection = createConnection({ path: socket });
  connection.write(`${command}\n`);
  let said = "";
  for await (const piece of connection) said += piece;
  return said;
}

/** A process that notices when this one is gone, also when it was killed, and clears up after it. */
function endsWithUs(root: string): ChildProcess {
  const script = `cat > /dev/null
pid=$(cat "$1/live/pid" 2> /dev/null) && kill -KILL $pid 2> /dev/null
rm -rf "$1"`;
  const child = spawn("sh", ["-c", script, "sh", root], { stdio: ["pipe", "ignore", "ignore"], detached: true });
  child.unref();
  return child;
}
