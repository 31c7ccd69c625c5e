// Programs of the system that tests run: found, or installed from the system's packages, on a free port of loopback.

import { type ChildProcess, execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createConnection, createServer } from "node:net";
import { delimiter, join } from "node:path";

/** Its path. The package has the program's name. */
export function systemProgram(name: string): string {
  return find(name) ?? install(name);
}

function find(name: string): string | null {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file)) ?? null;
}

function install(name: string): string {
  const sudo = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  const apt = (...args: readonly string[]): void => {
    const [program = "", ...rest] = [...sudo, "apt-get", "-qq", ...args];
    execFileSync(program, rest, { stdio: "pipe", env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } });
  };
  try {
    apt("update");
    apt("install", "--yes", "--no-install-recommends", name);
  } catch (cause) {
    throw new Error(`These tests need ${name}, and it could not be installed. Run: apt-get install ${name}`, { cause });
  }
  const found = find(name);
  if (found === null) throw new Error(`${name} was installed, and neither the PATH nor /usr/sbin has it`);
  return found;
}

/** Polls the port, since such a program tells nobody when it is ready. Throws what it complained of when it ended. */
export async function accepting(server: ChildProcess, port: number): Promise<void> {
  let told = "";
  server.stderr?.on("data", (piece) => {
    told += piece;
  });
  for (;;) {
    if (server.exitCode !== null) throw new Error(`it ended with ${server.exitCode}:\n${told}`);
    if (await isOpen(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export async function isOpen(port: number): Promise<boolean> {
  const probe = createConnection({ host: "127.0.0.1", port });
  const found = await once(probe, "connect").then(
    () => true,
    () => false,
  );
  probe.destroy();
  return found;
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return address.port;
}
