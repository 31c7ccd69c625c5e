// A repository that a team pushes to, on this machine: by path, over the git protocol, or over HTTP; and clones of it as CI makes them.

import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { quickFolder } from "./quick-folder.js";
import { freePort, isOpen } from "./system-program.js";

/** Git of the tests: nobody's settings. */
export const gitEnv = {
  PATH: process.env.PATH,
  HOME: "/nonexistent",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_SYSTEM: "/dev/null",
};

export class GitRemote {
  readonly folder = quickFolder("rollout-remote-");
  readonly bare = join(this.folder, "team.git");
  /** What clones know it by. */
  address = `file://${this.bare}`;
  /** How many of the next pushes over HTTP are taken, and cut off before the server has said so. */
  losesAnswers = 0;
  readonly #closing: (() => Promise<void>)[] = [];
  #clones = 0;

  constructor(files: Readonly<Record<string, string>> = { "README.md": "A team.\n" }) {
    const seed = join(this.folder, "seed");
    this.git(this.folder, "init", "--quiet", "--bare", "--initial-branch=main", "--template=", this.bare);
    this.git(this.folder, "init", "--quiet", "--initial-branch=main", "--template=", seed);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(seed, name), text);
    for (const commit of ["Begin", "Go on"]) {
      this.git(seed, "add", "--all");
      const who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"];
      this.git(seed, ...who, "commit", "--quiet", "--allow-empty", "--message", commit);
    }
    this.git(seed, "push", "--quiet", this.bare, "main");
  }

  git(folder: string, ...args: readonly string[]): string {
    return execFileSync("git", args, { cwd: folder, env: gitEnv, encoding: "utf8", stdio: "pipe" }).trim();
  }

  /** As a CI job has it: one commit of one branch, HEAD detached. */
  async clone(...options: readonly string[]): Promise<string> {
    const folder = join(this.folder, `clone-${++this.#clones}`);
    const shallow = options.length > 0 ? options : ["--depth=1", "--single-branch"];
    const run = promisify(execFile);
    await run("git", ["clone", "--quiet", "--template=", ...shallow, this.address, folder], { env: gitEnv });
    await run("git", ["checkout", "--quiet", "--detach"], { cwd: folder, env: gitEnv });
    return folder;
  }

  /** Serves it over the git protocol; answers how to stop the server. */
  async serveGit(): Promise<() => Promise<void>> {
    const port = await freePort();
    const args = ["daemon", "--reuseaddr", "--export-all", "--enable=receive-pack", "--listen=127.0.0.1"];
    const server = spawn("git", [...args, `--port=${port}`, `--base-path=${this.folder}`, this.folder], {
      env: gitEnv,
      stdio: "ignore",
      detached: true,
    });
    while (!(await isOpen(port))) await setTimeout(10);
    this.address = `git://127.0.0.1:${port}/team.git`;
    return this.#later(() => endGroup(server));
  }

  /** Serves it over HTTP. `allow` answers the status of a request that is turned away; null lets it through. */
  async serveHttp(allow: (request: IncomingMessage) => number | null = () => null): Promise<() => Promise<void>> {
    this.git(this.bare, "config", "http.receivepack", "true");
    const server = createServer((request, response) => {
      const refused = allow(request);
      if (refused !== null) return response.writeHead(refused).end();
      const isLost = this.losesAnswers > 0 && request.method === "POST" && request.url?.endsWith("/git-receive-pack");
      if (isLost) this.losesAnswers -= 1;
      return backend(this.folder, request, isLost ? null : response);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    this.address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/team.git`;
    return this.#later(async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    });
  }

  async remove(): Promise<void> {
    for (const close of this.#closing.splice(0)) await close();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  #later(close: () => Promise<void>): () => Promise<void> {
    let closed: Promise<void> | null = null;
    const once = () => {
      closed ??= close();
      return closed;
    };
    this.#closing.push(once);
    return once;
  }
}

/** https://git-scm.com/docs/git-http-backend, as a CGI program. */
function backend(root: string, request: IncomingMessage, response: ServerResponse | null): void {
  const url = new URL(request.url ?? "/", "http://localhost");
  const header = (name: string) => request.headers[name]?.toString() ?? "";
  const program = spawn("git", ["http-backend"], {
    stdio: ["pipe", "pipe", "ignore"],
    env: {
      ...gitEnv,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      GIT_PROTOCOL: header("git-protocol"),
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method ?? "GET",
      CONTENT_TYPE: header("content-type"),
      HTTP_CONTENT_ENCODING: header("content-encoding"),
      ...(header("content-length") === "" ? {} : { CONTENT_LENGTH: header("content-length") }),
      REMOTE_USER: "ada",
    },
  });
  request.pipe(program.stdin).on("error", () => undefined);
  const parts: Buffer[] = [];
  program.stdout.on("data", (part: Buffer) => parts.push(part));
  program.on("close", () => {
    if (response === null) return request.socket.destroy();
    const all = Buffer.concat(parts);
    const end = all.indexOf("\r\n\r\n");
    const lines = all.toString("latin1", 0, Math.max(end, 0)).split("\r\n");
    const headers = lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)] as const);
    const status = headers.find(([name]) => name === "Status")?.[1] ?? (end < 0 ? "500" : "200");
    response.writeHead(Number.parseInt(status, 10), Object.fromEntries(headers.filter(([name]) => name !== "Status")));
    return response.end(all.subarray(end + 4));
  });
}

/** The daemon has children of its own. */
async function endGroup(server: ChildProcess): Promise<void> {
  const ended = once(server, "exit");
  if (server.pid !== undefined) process.kill(-server.pid, "SIGKILL");
  await ended;
}
