// Writing so that a crash of the machine loses neither a text nor its name.

import { open } from "node:fs/promises";

/** A new file, which must not be there yet. `mode`: its permissions; null is what the process's own mask leaves of 644. */
export async function writeDurably(file: string, text: string, mode: number | null): Promise<void> {
  const handle = await open(file, "wx", mode ?? 0o644);
  try {
    if (mode !== null) await handle.chmod(mode);
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The names of a folder are durable when it is. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder; its renames are durable by other means.
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
