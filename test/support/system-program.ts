// Programs of the system that tests run: found, or installed from the system's packages, on a free port of loopback.

import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createConnection, createServer } from "node:net";
import { delimiter, join } from "node:path";
import { installPackage } from "./install-package.js";

/** Its path. The package has the program's name where none is given. */
export function systemProgram(name: string, packageName = name): string {
  return find(name) ?? installPackage(packageName, () => find(name));
}

function find(name: string): string | null {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file)) ?? null;
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
