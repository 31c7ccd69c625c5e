/** Rules that look at one file, or at all files together, rather than at one import. */
import { isEffect, roomOf } from "./import-rules.js";
import type { SourceFacts } from "./read-source.js";
import { doors, impureGlobals, impureMembers, rooms, roots, typeFolders } from "./table.js";
import type { Violation } from "./violation.js";

export function checkPlaces(source: SourceFacts): readonly Violation[] {
  const room = roomOf(source.file);
  if (room === null ? roots.includes(source.file) : Object.hasOwn(rooms, room)) return [];
  return [
    {
      rule: "rooms",
      file: source.file,
      line: 1,
      found: `${source.file} stands in no room.`,
      remedy: `Move it to one of ${Object.keys(rooms).join(", ")}; a new room needs a decision and a line in tooling/walls/table.ts.`,
    },
  ];
}

export function checkPurity(source: SourceFacts): readonly Violation[] {
  if (roomOf(source.file) !== "core") return [];
  return source.globals
    .filter(({ name }) => impureMembers.includes(name) || impureGlobals.includes(name.split(".")[0] ?? name))
    .map(({ name, line }) => ({
      rule: "core-is-pure",
      file: source.file,
      line,
      found: `core uses ${name}.`,
      remedy: "Core is a function of its arguments: take the time, the number or the function as an argument.",
    }));
}

export function checkGeneratedTypes(source: SourceFacts): readonly Violation[] {
  if (source.runtimeLine === null || !typeFolders.some((folder) => source.file.startsWith(folder))) return [];
  return [
    {
      rule: "generated-is-types",
      file: source.file,
      line: source.runtimeLine,
      found: `${source.file} holds more than types.`,
      remedy: "Generated types alone live here; generated validators and tables belong to the room that runs them.",
    },
  ];
}

export function checkBarrels(source: SourceFacts): readonly Violation[] {
  if (!source.file.endsWith("/index.ts") || doors.includes(source.file)) return [];
  return [
    {
      rule: "no-barrels",
      file: source.file,
      line: 1,
      found: `${source.file} is an index that is not a public door.`,
      remedy: "Name the file after what it exports, and import it by that name.",
    },
  ];
}

/** In rooms that have a single loader, the second file that touches the outside is one too many. */
export function checkLoaders(sources: readonly SourceFacts[]): readonly Violation[] {
  return Object.entries(rooms)
    .filter(([, { effects }]) => effects === "one-file")
    .flatMap(([room]) => {
      const loaders = sources.filter((source) => roomOf(source.file) === room && effectOf(source) !== undefined);
      if (loaders.length < 2) return [];
      const names = loaders.map(({ file }) => file).join(" and ");
      return loaders.map((loader) => ({
        rule: "effects-at-the-rim" as const,
        file: loader.file,
        line: effectOf(loader)?.line ?? 1,
        found: `${room} touches the outside in more than one file: ${names}.`,
        remedy: `${room} has one loader file: read there, and hand values to the rest.`,
      }));
    });
}

function effectOf(source: SourceFacts): { readonly line: number } | undefined {
  return source.imports.find(({ file, specifier }) => file === null && isEffect(specifier));
}

export function checkOrphans(sources: readonly SourceFacts[]): readonly Violation[] {
  const imported = new Set(
    sources.flatMap(({ file, imports }) => imports.map((fact) => fact.file).filter((to) => to !== file)),
  );
  return sources
    .filter(({ file }) => !imported.has(file) && !roots.includes(file) && !doors.includes(file))
    .map(({ file }) => ({
      rule: "no-orphans",
      file,
      line: 1,
      found: `Nothing in src imports ${file}.`,
      remedy: "Import it where it is used, open it at a public door, or delete it.",
    }));
}
