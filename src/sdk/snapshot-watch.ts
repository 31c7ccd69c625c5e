// Offers the routing file to the router whenever it changes, and obeys the kill file.

import { dirname } from "node:path";
import { maxSnapshotBytes } from "../core/model/snapshot.js";
import { readSnapshot } from "../core/routing/snapshot-file.js";
import { FolderWatch, fileExists, fileIdentity, readRegularFile, textDigest } from "./disk.js";
import type { InForce } from "./in-force.js";
import type { LastGood, Look } from "./last-good.js";
import type { Log } from "./log.js";

export interface WatchedFiles {
  readonly path: string;
  readonly killFile: string;
  readonly pollMs: number;
}

export class SnapshotWatch {
  readonly #files: WatchedFiles;
  readonly #inForce: InForce;
  readonly #lastGood: LastGood;
  readonly #log: Log;
  readonly #folders: readonly FolderWatch[];
  #identity = "";
  #poll: NodeJS.Timeout | null = null;
  #looking: Promise<void> | null = null;
  #lookAgain = false;
  #closed = false;

  constructor(
    files: WatchedFiles,
    { inForce, lastGood }: { readonly inForce: InForce; readonly lastGood: LastGood },
    log: Log,
  ) {
    this.#files = files;
    this.#inForce = inForce;
    this.#lastGood = lastGood;
    this.#log = log;
    const folders = new Set([dirname(files.path), dirname(files.killFile)]);
    this.#folders = [...folders].map((folder) => new FolderWatch(folder, () => void this.look()));
  }

  /** Current snapshot, else the copy of its predecessor; else what was in force before stays. */
  async start(): Promise<void> {
    await this.look();
    if (this.#inForce.snapshot === null) await this.#takePrevious();
    // Not before: an event between the look and the watch is seen by the first poll.
    this.#poll = setInterval(() => void this.look(), this.#files.pollMs);
    this.#poll.unref();
  }

  /** Never throws. One look at a time: whoever asks during a look gets one that begins after it. */
  look(): Promise<void> {
    if (this.#looking !== null) {
      this.#lookAgain = true;
      return this.#looking;
    }
    this.#looking = this.#lookUntilQuiet().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  /** What a look under way finds is not taken any more. */
  close(): void {
    this.#closed = true;
    if (this.#poll !== null) clearInterval(this.#poll);
    for (const folder of this.#folders) folder.disarm();
  }

  async #lookUntilQuiet(): Promise<void> {
    do {
      this.#lookAgain = false;
      for (const folder of this.#folders) if (!this.#closed) await folder.arm();
      await this.#lookAtKillFile();
      if ((await fileIdentity(this.#files.path)) !== this.#identity) await this.#read();
    } while (this.#lookAgain);
    if (this.#closed) this.close();
  }

  async #lookAtKillFile(): Promise<void> {
    const { killFile } = this.#files;
    const isThere = await fileExists(killFile);
    if (this.#closed || isThere === null || isThere === this.#inForce.killed) return;
    this.#inForce.kill(isThere);
    this.#log(
      isThere ? `${killFile} is there: every session goes to stable` : `${killFile} is gone: sessions are routed again`,
    );
  }

  async #read(): Promise<void> {
    const { path } = this.#files;
    const { look, identity } = await this.#lookAt(path);
    if (this.#closed) return;
    this.#identity = identity;
    this.#lastGood.offer(look, path);
  }

  async #takePrevious(): Promise<void> {
    const path = `${this.#files.path}.previous`;
    const { look } = await this.#lookAt(path);
    this.#lastGood.offerPrevious(look, path);
  }

  async #lookAt(path: string): Promise<{ readonly look: Look; readonly identity: string }> {
    const file = await readRegularFile(path, maxSnapshotBytes);
    const { identity } = file;
    if (file.kind === "absent") return { look: { kind: "bad", because: "it is not there" }, identity };
    if (file.kind === "unreadable") return { look: { kind: "bad", because: file.because }, identity };
    return { look: this.#lastGood.lookAt(readSnapshot(file.text, textDigest)), identity };
  }
}
