// The state branch as a place to read from and to change: every change is a commit on what was seen, and is made again on what is
// there now when somebody else was faster.

import { randomInt, randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { AgentId, Instant } from "../../../core/model/units.js";
import { Fault } from "../../../ports/fault.js";
import { checkInUse } from "../../../ports/state-dump.js";
import { type BlobTexts, Draft } from "./draft.js";
import { type Meta, readMeta, writeMeta } from "./layout.js";
import type { StateBranch } from "./state-branch.js";

export interface CellOptions {
  readonly branch: StateBranch;
  readonly now: () => Instant;
  readonly readOnly: boolean;
  /** Of a branch that is made now; null: a random one. */
  readonly lineage: string | null;
  readonly freshForMs: number;
  readonly patienceMs: number;
  readonly longest: number;
}

/** Written with the next commit, whatever that is about. It must be right upon any tip. */
export interface Rider {
  readonly value: unknown;
  readonly put: (draft: Draft) => Promise<void>;
}

export interface HeldLease {
  readonly holder: string;
  readonly token: number;
}

export interface Cell {
  readonly lineage: string;
  readonly readOnly: boolean;
  readonly now: () => Instant;
  readonly place: string;
  /** Looks again where the last look is not fresh. */
  read<T>(work: (draft: Draft, meta: Meta) => Promise<T>): Promise<T>;
  /** The last look, however old. */
  recall<T>(work: (draft: Draft, meta: Meta) => Promise<T>): Promise<T>;
  /** All or nothing, on the remote before it returns. `work` may run several times. What it throws counts on a fresh look alone. */
  write<T>(change: {
    readonly about: string;
    readonly work: (draft: Draft, meta: Meta) => Promise<T>;
    /** Also of a state that has moved, and to another lineage. */
    readonly whole?: true;
  }): Promise<T>;
  /** Keeps it for the next commit; the newest under a name counts. */
  ride(name: string, rider: Rider): void;
  /** The value that waits under a name; null: none. */
  riding(name: string): unknown;
  /** The leases that were taken through it. */
  readonly held: Map<AgentId, HeldLease>;
}

interface Tip {
  readonly commit: string | null;
  readonly files: ReadonlyMap<string, string>;
  readonly written: ReadonlyMap<string, string | null>;
  /** How many commits there are; null: not counted. */
  readonly depth: number | null;
}

/** Null: opened for reading alone, and there is no such branch. */
export async function openCell(options: CellOptions): Promise<Cell | null> {
  const cell = new BranchCell(options);
  return (await cell.begin()) ? cell : null;
}

class BranchCell implements Cell {
  lineage = "";
  readonly readOnly: boolean;
  readonly now: () => Instant;
  readonly place: string;
  readonly held = new Map<AgentId, HeldLease>();
  readonly #options: CellOptions;
  readonly #branch: StateBranch;
  readonly #texts: BlobTexts = new Map();
  readonly #riders = new Map<string, Rider>();
  #tip: Tip = { commit: null, files: new Map(), written: new Map(), depth: 0 };
  #lookedAt = Number.NEGATIVE_INFINITY;
  #mayRewrite = true;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: CellOptions) {
    this.#options = options;
    this.#branch = options.branch;
    this.readOnly = options.readOnly;
    this.now = options.now;
    this.place = options.branch.place;
  }

  async begin(): Promise<boolean> {
    await this.#look();
    const meta = await readMeta(this.#draft(), this.place);
    if (meta === null && this.readOnly) return false;
    if (meta !== null) {
      this.lineage = meta.lineage;
      return true;
    }
    const born: Meta = { lineage: this.#options.lineage ?? randomUUID(), epoch: 1, moved: null };
    this.lineage = await this.#change("begin", async (draft) => {
      const found = await readMeta(draft, this.place);
      if (found !== null) return found.lineage;
      writeMeta(draft, born);
      return born.lineage;
    });
    return true;
  }

  read<T>(work: (draft: Draft, meta: Meta) => Promise<T>): Promise<T> {
    return this.#inTurn(async () => {
      const age = performance.now() - this.#lookedAt;
      if (!this.readOnly && age >= this.#options.freshForMs) await this.#look();
      return this.#with(this.#draft(), work);
    });
  }

  recall<T>(work: (draft: Draft, meta: Meta) => Promise<T>): Promise<T> {
    return this.#inTurn(() => this.#with(this.#draft(), work));
  }

  async write<T>(change: {
    readonly about: string;
    readonly work: (draft: Draft, meta: Meta) => Promise<T>;
    readonly whole?: true;
  }): Promise<T> {
    if (this.readOnly) throw new Fault("unsupported", `${this.place} was opened for reading alone.`);
    return this.#inTurn(() =>
      this.#change(change.about, (draft) =>
        this.#with(draft, async (_, meta) => {
          if (change.whole !== true) checkInUse(meta.moved);
          const value = await change.work(draft, meta);
          for (const rider of this.#riders.values()) await rider.put(draft);
          return value;
        }),
      ),
    );
  }

  ride(name: string, rider: Rider): void {
    this.#riders.set(name, rider);
  }

  riding(name: string): unknown {
    return this.#riders.get(name)?.value ?? null;
  }

  /** One at a time: they share the last look. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#queue.then(work, work);
    this.#queue = mine.catch(() => undefined);
    return mine;
  }

  #draft(): Draft {
    return new Draft(this.#branch, { ...this.#tip, texts: this.#texts });
  }

  async #with<T>(draft: Draft, work: (draft: Draft, meta: Meta) => Promise<T>): Promise<T> {
    const meta = await readMeta(draft, this.place);
    if (meta === null) throw new Fault("rejected", `${this.place} is gone. Restore it from a copy, or import one.`);
    if (meta.lineage === this.lineage) return work(draft, meta);
    throw new Fault(
      "conflict",
      `${this.place} holds another state now (lineage ${meta.lineage}): it was replaced meanwhile.`,
    );
  }

  async #look(): Promise<void> {
    const commit = await this.#branch.tip();
    if (commit !== this.#tip.commit) {
      const files = commit === null ? new Map<string, string>() : await this.#branch.list(commit);
      this.#tip = { commit, files, written: new Map(), depth: commit === null ? 0 : null };
    }
    this.#lookedAt = performance.now();
  }

  async #change<T>(about: string, work: (draft: Draft) => Promise<T>): Promise<T> {
    const began = performance.now();
    /** What was pushed, whatever the answer: it may land late, or have landed before a transport tried it again and was told no. */
    const pushed: { readonly commit: string; readonly value: T }[] = [];
    let fresh = false;
    for (let attempt = 1; ; attempt++) {
      const draft = this.#draft();
      let value: T;
      try {
        value = await work(draft);
      } catch (error) {
        if (fresh || !(error instanceof Fault)) throw error;
        await this.#look();
        fresh = true;
        continue;
      }
      if (draft.changes.size === 0) return value;
      const landed = await this.#land(about, draft);
      if (landed.kind === "landed") return value;
      pushed.push({ commit: landed.commit, value });
      if (performance.now() - began > this.#options.patienceMs) throw this.#givenUp(landed);
      await pause(randomInt(5, 20 * Math.min(attempt, 25)));
      await this.#lookAgain(landed);
      fresh = true;
      const mine = await this.#found(pushed);
      if (mine !== null) return mine.value;
    }
  }

  /** Looked for before anything is repeated. */
  async #found<T>(pushed: readonly { readonly commit: string; readonly value: T }[]): Promise<{ value: T } | null> {
    const { commit: tip } = this.#tip;
    if (tip === null) return null;
    for (const { commit, value } of pushed) if (await this.#branch.contains(tip, commit)) return { value };
    return null;
  }

  async #land(about: string, draft: Draft): Promise<Landed> {
    const { commit: from } = this.#tip;
    const depth = this.#tip.depth ?? (from === null ? 0 : await this.#branch.depth(from, this.#options.longest));
    const isRoot = depth >= this.#options.longest && this.#mayRewrite;
    const message = `rollout: ${about}\n\n[skip ci]\n`;
    const commit = await this.#branch.commit({ parent: from, changes: draft.changes, message, isRoot });
    const landing = await this.#branch.land(from, commit);
    if (landing.kind === "no-rewrite") this.#mayRewrite = false;
    if (landing.kind === "unknown") return { ...landing, commit };
    if (landing.kind !== "landed") return { kind: "moved", commit };
    const written = new Map([...this.#tip.written, ...draft.changes]);
    this.#tip = { commit, files: this.#tip.files, written, depth: isRoot ? 1 : depth + 1 };
    this.#lookedAt = performance.now();
    this.#riders.clear();
    return { kind: "landed", commit };
  }

  async #lookAgain(landed: Landed): Promise<void> {
    try {
      await this.#look();
    } catch (error) {
      if (landed.kind !== "unknown" || !(error instanceof Fault)) throw error;
      const words = "It is not known whether the last entry arrived; the next apply looks.";
      throw new Fault(landed.fault.kind, `${landed.fault.message} ${words}`, { cause: error });
    }
  }

  #givenUp(landed: Landed): Fault {
    if (landed.kind === "unknown") return landed.fault;
    return new Fault("timeout", `${this.place}: others kept writing, and this was never the first. Try again later.`);
  }
}

type Landed =
  | { readonly kind: "landed" | "moved"; readonly commit: string }
  | { readonly kind: "unknown"; readonly commit: string; readonly fault: Fault };
