/** What the harness starts: a copy of the built program, which a later build does not change under it; and the entry with the counter. */
import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { build as bundle, type Plugin } from "esbuild";
import type { Sabotage } from "./sabotage.js";

export interface Build {
  /** The product as it is shipped. */
  readonly program: string;
  /** Started in its place: it reads its weather and loads `program`. */
  readonly entry: string;
  remove(): void;
}

const source = resolve(import.meta.dirname, "../..");

/** Needs `dist/`; a sabotage is built from the sources instead. */
export async function makeBuild(sabotage: Sabotage | null = null): Promise<Build> {
  const home = mkdtempSync(join(tmpdir(), "rollout-chaos-build-"));
  // Whoever runs it without root's rights reads it too.
  chmodSync(home, 0o755);
  const dist = join(home, "dist");
  for (const name of ["node_modules", "package.json", "schema", "runbooks"])
    symlinkSync(join(source, name), join(home, name));
  if (sabotage === null) {
    if (!existsSync(join(source, "dist/main.cjs"))) throw new Error("there is no dist/main.cjs: npm run build");
    await copyProgram(dist);
  } else {
    await bundled(join(source, "src/main.ts"), join(dist, "main.cjs"), [breaking(sabotage)]);
  }
  const entry = join(dist, "chaos.cjs");
  await bundled(join(source, "tooling/chaos/entry.ts"), entry, []);
  return { program: join(dist, "main.cjs"), entry, remove: () => rmSync(home, { recursive: true, force: true }) };
}

/** A build that is under way may take away what is being copied: then it is copied again. */
async function copyProgram(dist: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      for (const name of ["main.cjs", "program"])
        cpSync(join(source, "dist", name), join(dist, name), { recursive: true });
      const packs = readFileSync(join(dist, "main.cjs"), "utf8").match(/\b(?:start|rest)-[0-9a-f]{8}\b/g) ?? [];
      for (const pack of packs) readFileSync(join(dist, "program", `${pack}.cjs`));
      return;
    } catch (error) {
      if (attempt === 20) throw error;
      await pause(200);
    }
  }
}

/** What `dist/main.cjs` does: runs the command line when it is the one that was started. */
const starting = `if (require.main === module) module.exports.main(process.argv.slice(2)).then((code) => { process.exitCode = code; });`;

async function bundled(from: string, to: string, plugins: Plugin[]): Promise<void> {
  await bundle({
    entryPoints: [from],
    outfile: to,
    bundle: true,
    platform: "node",
    target: "node20.19",
    format: "cjs",
    external: ["libsql"],
    define: { "import.meta.dirname": "__dirname", "import.meta.url": "__filename" },
    plugins,
    footer: plugins.length > 0 ? { js: starting } : {},
    logLevel: "error",
  });
}

/** A file that changed must not lose its sabotage in silence. */
function breaking({ name, edits }: Sabotage): Plugin {
  const files = [...new Set(edits.map(({ file }) => file))];
  return {
    name: "sabotage",
    setup(on) {
      for (const file of files) {
        on.onLoad({ filter: new RegExp(`${file.replaceAll(/[/.]/g, "[/.]")}$`) }, ({ path }) => {
          let text = readFileSync(path, "utf8");
          for (const { from, to } of edits.filter((edit) => edit.file === file)) {
            if (!text.includes(from)) throw new Error(`${file} is not what the sabotage "${name}" knows`);
            text = text.replace(from, () => to);
          }
          return { contents: text, loader: "ts" };
        });
      }
    },
  };
}
