/** All rules of the house's walls over one tree. */
import { existsSync, readdirSync } from "node:fs";
import { join, sep } from "node:path";
import {
  checkBarrels,
  checkGeneratedTypes,
  checkLoaders,
  checkOrphans,
  checkPlaces,
  checkPurity,
} from "./file-rules.js";
import { checkCycles } from "./find-cycles.js";
import { checkImports } from "./import-rules.js";
import { readSource, type SourceFacts } from "./read-source.js";
import type { Violation } from "./violation.js";

/** Every breach under `ROOT/src`, by file and line. An empty list means that the walls stand. */
export function checkWalls(root: string): readonly Violation[] {
  const sources = readSources(root, "src");
  const single = [checkPlaces, checkImports, checkPurity, checkGeneratedTypes, checkBarrels];
  const together = [checkLoaders, checkOrphans, checkCycles];
  return [
    ...sources.flatMap((source) => single.flatMap((check) => check(source))),
    ...together.flatMap((check) => check(sources)),
  ].sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line);
}

/** The facts of every TypeScript file under `ROOT/FOLDER`, in the order of their names. */
export function readSources(root: string, folder: string): readonly SourceFacts[] {
  const base = join(root, folder);
  if (!existsSync(base)) return [];
  return readdirSync(base, { recursive: true, encoding: "utf8" })
    .map((name) => `${folder}/${name.split(sep).join("/")}`)
    .filter((file) => file.endsWith(".ts") && !/\/(fixtures|node_modules)\//.test(file))
    .sort()
    .map((file) => readSource(root, file));
}
