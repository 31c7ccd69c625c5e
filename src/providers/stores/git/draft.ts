// What one commit of the state branch holds, and what the next one is to change: read when it is first asked for, and kept.

import { Fault } from "../../../ports/fault.js";
import type { StateBranch } from "./state-branch.js";

/** Blobs that were read. They never change, so that every commit that is looked at shares them. */
export type BlobTexts = Map<string, string>;

export class Draft {
  readonly #branch: StateBranch;
  readonly #files: ReadonlyMap<string, string>;
  readonly #texts: BlobTexts;
  /** What is not in the repository under a blob that we know: texts that this process wrote. */
  readonly #written: ReadonlyMap<string, string | null>;
  readonly changes = new Map<string, string | null>();

  constructor(
    branch: StateBranch,
    tip: {
      readonly files: ReadonlyMap<string, string>;
      readonly texts: BlobTexts;
      readonly written: ReadonlyMap<string, string | null>;
    },
  ) {
    this.#branch = branch;
    this.#files = tip.files;
    this.#texts = tip.texts;
    this.#written = tip.written;
  }

  /** Below a folder, sorted. */
  paths(folder: string): readonly string[] {
    const own = [...this.#written.keys(), ...this.changes.keys()].filter((path) => path.startsWith(folder));
    const all = new Set([...below(folder, this.#files), ...own]);
    return [...all].filter((path) => this.#has(path)).sort();
  }

  async read(path: string): Promise<string | null> {
    return (await this.readAll([path])).get(path) ?? null;
  }

  /** Those that are there. */
  async readAll(paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const texts = new Map<string, string>();
    const asked = new Map<string, string>();
    for (const path of paths) {
      const blob = this.#files.get(path);
      const text = this.#own(path) ?? (blob === undefined ? undefined : this.#texts.get(blob));
      if (!this.#has(path)) continue;
      if (text !== undefined) texts.set(path, text);
      else if (blob !== undefined) asked.set(path, blob);
    }
    if (asked.size === 0) return texts;
    for (const [blob, text] of await this.#branch.read([...new Set(asked.values())])) this.#texts.set(blob, text);
    for (const [path, blob] of asked) texts.set(path, this.#texts.get(blob) ?? "");
    return texts;
  }

  /** The file as a JSON object; null where there is none. Throws a `Fault` ("rejected") for anything else. */
  async readFields(path: string): Promise<Readonly<Record<string, unknown>> | null> {
    const text = await this.read(path);
    return text === null ? null : fieldsOf(text, `${path} on ${this.#branch.place}`);
  }

  write(path: string, text: string): void {
    this.changes.set(path, text);
  }

  remove(path: string): void {
    if (this.#has(path)) this.changes.set(path, null);
  }

  #own(path: string): string | null | undefined {
    return this.changes.has(path) ? this.changes.get(path) : this.#written.get(path);
  }

  #has(path: string): boolean {
    const own = this.#own(path);
    return own === undefined ? this.#files.has(path) : own !== null;
  }
}

/** The paths of a commit in order, sorted once: with thousands of agents each of them asks for a few. */
const inOrder = new WeakMap<ReadonlyMap<string, string>, readonly string[]>();

function below(folder: string, files: ReadonlyMap<string, string>): readonly string[] {
  const paths = inOrder.get(files) ?? [...files.keys()].sort();
  inOrder.set(files, paths);
  let [first, end] = [0, paths.length];
  while (first < end) {
    const middle = (first + end) >> 1;
    if ((paths[middle] ?? "") < folder) first = middle + 1;
    else end = middle;
  }
  while (paths[end]?.startsWith(folder)) end += 1;
  return paths.slice(first, end);
}

/** Throws a `Fault` ("rejected") where the text is no JSON object. */
export function fieldsOf(text: string, where: string): Readonly<Record<string, unknown>> {
  let value: unknown = null;
  try {
    value = JSON.parse(text);
  } catch {
    // Told below, with everything else that is no object.
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new Fault(
    "rejected",
    `${where} was changed by somebody else, and cannot be read. Restore the state from a copy; traffic stays as it is.`,
  );
}
