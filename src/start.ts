#!/usr/bin/env node
// Starts the program: it lies beside this file in packs of modules, each with what V8 made of it when it was built. Compiling is most of what a
// start costs (docs/decisions/0016-start-up.md). Knows nothing of what the program does.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Script } from "node:vm";

type Load = (id: string) => unknown;
type Module = (exports: object, require: Load, module: Made, __dirname: string) => void;

interface Made {
  readonly exports: object;
  /** What `import.meta.url` was. */
  readonly url: string;
}

export interface Pack {
  /** Absolute, without an ending: `.cjs` is the pack, `.cache` what V8 made of it. */
  readonly path: string;
  readonly source: Buffer;
  readonly script: Script;
  readonly modules: Readonly<Record<string, Module>>;
}

export interface Program {
  /** A module of the program as `./name.js`, or one of Node's or of an installed package. */
  readonly load: Load;
  /** The modules of the program that have run. */
  readonly loaded: () => readonly string[];
  /** The packs that were opened. */
  readonly packs: readonly Pack[];
}

const sealBytes = 32;

/** Named by the build, in the order in which modules are looked for; those behind the first are opened when it lacks a module. */
declare const PACKS: readonly string[];

export const program = openProgram(join(__dirname, "program"), PACKS);

if (require.main === module) {
  const { main } = program.load("./main.js") as typeof import("./main.js");
  void main(process.argv.slice(2)).then((code) => {
    process.exitCode = code;
  });
}

function openProgram(folder: string, names: readonly string[]): Program {
  const packs: Pack[] = [];
  const done = new Map<string, Made>();
  const find = (name: string): Module => {
    for (const [index, file] of names.entries()) {
      packs[index] ??= openPack(join(folder, file));
      const found = packs[index].modules[name];
      if (found !== undefined) return found;
    }
    throw new Error(`${folder} lacks ${name}: build it again`);
  };
  const load = (id: string): unknown => {
    if (!id.startsWith("./")) return require(id);
    const name = id.slice(2);
    const known = done.get(name);
    if (known !== undefined) return known.exports;
    const run = find(name);
    const made: Made = {
      exports: {},
      get url() {
        return pathToFileURL(__filename).href;
      },
    };
    done.set(name, made);
    run(made.exports, resolving, made, __dirname);
    return made.exports;
  };
  const resolving = Object.assign(load, { resolve: require.resolve });
  return { load, loaded: () => [...done.keys()], packs };
}

function openPack(path: string): Pack {
  const source = readFileSync(`${path}.cjs`);
  const cachedData = readCache(path, source);
  // The build writes ASCII alone.
  const script = new Script(source.toString("latin1"), { filename: `${path}.cjs`, ...(cachedData && { cachedData }) });
  return { path, source, script, modules: script.runInThisContext() as Pack["modules"] };
}

/**
 * V8 refuses the cache of another version or with other flags, and then compiles as ever. But it believes one that is damaged or belongs to
 * other text of the same length, and crashes: so it gets only what the build made of this very pack with this very Node.
 */
function readCache(path: string, source: Buffer): Buffer | null {
  let bytes: Buffer;
  try {
    bytes = readFileSync(`${path}.cache`);
  } catch {
    return null;
  }
  const data = bytes.subarray(0, -sealBytes);
  return bytes.subarray(-sealBytes).equals(sealOf(source, data)) ? data : null;
}

/** Stands at the end of a cache file. */
export function sealOf(source: Buffer, data: Buffer): Buffer {
  return createHash("sha256").update(`${process.version} ${process.arch}\n`).update(source).update(data).digest();
}
