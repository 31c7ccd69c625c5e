/** Rules that look at one import at a time. Each takes an import and says what is wrong with it, or nothing. */
import type { ImportFact, SourceFacts } from "./read-source.js";
import { catalog, dependencyFree, doors, effectModules, rooms, roots } from "./table.js";
import type { Violation } from "./violation.js";

interface Arrow {
  readonly from: SourceFacts;
  readonly fact: ImportFact;
}
type Complaint = Pick<Violation, "rule" | "found" | "remedy">;
type ImportRule = (arrow: Arrow) => Complaint | null;

export function checkImports(from: SourceFacts): readonly Violation[] {
  return from.imports.flatMap((fact) =>
    importRules.flatMap((rule) => {
      const complaint = rule({ from, fact });
      return complaint === null ? [] : [{ ...complaint, file: from.file, line: fact.line }];
    }),
  );
}

/** The room of a file under `src/` (`src/core/plan/diff.ts` is in `core`), or null for a root and for files elsewhere. */
export function roomOf(file: string): string | null {
  if (!file.startsWith("src/")) return null;
  const [, room, ...rest] = file.split("/");
  return room === undefined || rest.length === 0 ? null : room;
}

/** Node's own modules under one name, whichever way they are written. */
export function isEffect(specifier: string): boolean {
  return effectModules.includes(specifier) || effectModules.includes(`node:${specifier}`);
}

const staysPure: ImportRule = ({ from, fact }) => {
  if (roomOf(from.file) !== "core" || fact.file !== null) return null;
  return {
    rule: "core-is-pure",
    found: `core imports "${fact.specifier}".`,
    remedy: "Core imports no package and no Node module: take the value or the function as an argument.",
  };
};

const keepsTable: ImportRule = ({ from, fact }) => {
  const room = roomOf(from.file);
  if (room === null || fact.file === null || isTestFile(fact.file)) return null;
  if (room === "core" && roomOf(fact.file) !== "core") {
    return {
      rule: "core-is-pure",
      found: `core imports ${fact.file}.`,
      remedy: "Core imports nothing outside itself: move the type into core/model, or take the value as an argument.",
    };
  }
  if (knowsProviders(room, fact.file)) return null;
  const allowed = rooms[room]?.mayImport ?? [];
  const target = fact.file;
  if (roomOf(target) === room || allowed.some((part) => target.startsWith(`src/${part}/`))) return null;
  return {
    rule: "rooms",
    found: `${room} imports ${target}.`,
    remedy: `${room} may import ${listed(allowed)}: move the code, or have the value handed in by the caller.`,
  };
};

/** The sharper rule below speaks about these arrows. */
function knowsProviders(room: string, target: string): boolean {
  return roomOf(target) === "providers" && room !== "providers";
}

const leavesProvidersStrangers: ImportRule = ({ from, fact }) => {
  const room = roomOf(from.file);
  if (room === null || fact.file === null || roomOf(fact.file) !== "providers" || from.file === catalog) return null;
  if (room === "providers" && providerOf(from.file) === providerOf(fact.file)) return null;
  return room === "providers"
    ? {
        rule: "providers-are-strangers",
        found: `The provider ${providerOf(from.file)} imports the provider ${providerOf(fact.file)}.`,
        remedy: "Providers do not know each other: move what they share to ports or core, or repeat it.",
      }
    : {
        rule: "providers-are-strangers",
        found: `${room} imports ${fact.file}.`,
        remedy: "The catalogue of providers is handed in by main.ts: take what you need as an argument.",
      };
};

/** `stores/sqlite` for `src/providers/stores/sqlite.ts` and for every file of `src/providers/stores/sqlite/`. */
function providerOf(file: string): string {
  return file.split("/").slice(2, 4).join("/").replace(/\.ts$/, "");
}

const bringsNoPackage: ImportRule = ({ from, fact }) => {
  const room = roomOf(from.file);
  if (room === null || room === "core" || !dependencyFree.includes(room)) return null;
  if (fact.file !== null || fact.specifier.startsWith("node:")) return null;
  return {
    rule: "dependency-free",
    found: `${room} imports the package "${fact.specifier}".`,
    remedy: `${room} runs inside other people's processes and brings no package: write the few lines, or move the feature to another room.`,
  };
};

const keepsEffectsAtTheRim: ImportRule = ({ from, fact }) => {
  const room = roomOf(from.file);
  if (room === null || room === "core" || fact.file !== null || !isEffect(fact.specifier)) return null;
  if (rooms[room]?.effects !== "nowhere") return null;
  const rim = Object.keys(rooms).filter((name) => rooms[name]?.effects === "anywhere");
  return {
    rule: "effects-at-the-rim",
    found: `${room} imports "${fact.specifier}".`,
    remedy: `Disk, network and processes are touched in ${rim.join(", ")} and main.ts: ask for a function of a port, and let main.ts hand it in.`,
  };
};

const importsOwners: ImportRule = ({ from, fact }) => {
  if (roomOf(from.file) === null && !roots.includes(from.file)) return null;
  if (fact.passedOn && !doors.includes(from.file)) {
    return {
      rule: "no-barrels",
      found: `${from.file} passes on names of "${fact.specifier}".`,
      remedy: "Delete the re-export, and import the file that owns the name where it is used.",
    };
  }
  if (fact.file === null || !fact.file.endsWith("/index.ts") || from.file === "src/index.ts") return null;
  return {
    rule: "no-barrels",
    found: `${from.file} imports the door ${fact.file}.`,
    remedy: "Doors are for users of the library: import the file that owns the name.",
  };
};

const leavesTestsOutside: ImportRule = ({ from, fact }) => {
  if (!from.file.startsWith("src/") || fact.file === null || !isTestFile(fact.file)) return null;
  return {
    rule: "src-never-imports-test",
    found: `${from.file} imports ${fact.file}.`,
    remedy: "What ships never needs tests or tooling: move what is shared to src/testing.",
  };
};

function isTestFile(file: string): boolean {
  return file.startsWith("test/") || file.startsWith("tooling/");
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? "nothing" : names.join(", ");
}

const importRules: readonly ImportRule[] = [
  staysPure,
  keepsTable,
  leavesProvidersStrangers,
  bringsNoPackage,
  keepsEffectsAtTheRim,
  importsOwners,
  leavesTestsOutside,
];
