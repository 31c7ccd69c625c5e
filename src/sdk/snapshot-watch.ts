// Keeps the last good snapshot in force, whatever happens to the file.

import { dirname } from "node:path";
import { maxSnapshotBytes, type Snapshot } from "../core/model/snapshot.js";
import { readSnapshot } from "../core/routing/snapshot-file.js";
import { FolderWatch, fileExists, fileIdentity, readRegularFile, textDigest } from "./disk.js";
import type { InForce } from "./in-force.js";
import type { Log } from "./log.js";

export interface WatchedFiles {
  readonly path: string;
  readonly killFile: string;
  /** Null: the first snapshot decides. */
  readonly agent: string | null;
  readonly pollMs: number;
}

type Look = { readonly kind: "good"; readonly snapshot: Snapshot } | { readonly kind: "bad"; readonly because: string };

export class SnapshotWatch {
  readonly #files: WatchedFiles;
  readonly #inForce: InForce;
  readonly #log: Log;
  readonly #folders: readonly FolderWatch[];
  #identity = "";
  #refused: string | null = null;
  #agent: string | null;
  #poll: NodeJS.Timeout | null = null;
  #looking: Promise<void> | null = null;
  #lookAgain = false;
  #closed = false;

  constructor(files: WatchedFiles, inForce: InForce, log: Log) {
    this.#files = files;
    this.#inForce = inForce;
    this.#log = log;
    this.#agent = files.agent;
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

  get agent(): string | null {
    return this.#agent;
  }

  /** Why the file as it stands is not in force; null when it is. */
  get refused(): string | null {
    return this.#refused;
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
    if (isThere === null || isThere === this.#inForce.killed) return;
    this.#inForce.kill(isThere);
    this.#log(
      isThere ? `${killFile} is there: every session goes to stable` : `${killFile} is gone: sessions are routed again`,
    );
  }

  async #read(): Promise<void> {
    const { path } = this.#files;
    const { look, identity } = await this.#lookAt(path);
    this.#identity = identity;
    if (look.kind === "good") {
      if (this.#refused !== null && this.#inForce.snapshot !== null) this.#log(`${path} is good again`);
      this.#refused = null;
      this.#take(look.snapshot, "current");
      return;
    }
    if (look.because === this.#refused) return;
    this.#refused = look.because;
    this.#log(`${path} is refused, since ${look.because}; ${this.#standing()}`);
  }

  async #takePrevious(): Promise<void> {
    const path = `${this.#files.path}.previous`;
    const { look } = await this.#lookAt(path);
    if (look.kind === "bad") return;
    this.#take(look.snapshot, "previous");
    this.#log(`${path} is used instead: every session goes to its stable revision`);
  }

  #take(snapshot: Snapshot, origin: "current" | "previous"): void {
    this.#agent ??= snapshot.agent;
    this.#inForce.take(snapshot, origin);
  }

  async #lookAt(path: string): Promise<{ readonly look: Look; readonly identity: string }> {
    const file = await readRegularFile(path, maxSnapshotBytes);
    const { identity } = file;
    if (file.kind === "absent") return { look: { kind: "bad", because: "it is not there" }, identity };
    if (file.kind === "unreadable") return { look: { kind: "bad", because: file.because }, identity };
    const reading = readSnapshot(file.text, textDigest);
    if (reading.kind === "refused") return { look: { kind: "bad", because: reading.because }, identity };
    const { snapshot } = reading;
    if (this.#agent === null || snapshot.agent === this.#agent) return { look: { kind: "good", snapshot }, identity };
    return { look: { kind: "bad", because: `it routes the agent ${snapshot.agent}, not ${this.#agent}` }, identity };
  }

  #standing(): string {
    if (this.#inForce.snapshot !== null) return "the last good snapshot stays in force";
    return this.#inForce.origin === "bootstrap" ? "the bootstrap serves every session" : "every session goes to stable";
  }
}
