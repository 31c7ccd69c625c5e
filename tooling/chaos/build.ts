/** What the harness starts: a copy of the built program, which a later build does not change under it; and the entry with the counter. */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
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
  const dist = join(home, "dist");
  for (const name of ["node_modules", "package.json", "schema", "runbooks"])
    symlinkSync(join(source, name), join(home, name));
  if (sabotage === null) {
    if (!existsSync(join(source, "dist/main.cjs"))) throw new Error("there is no dist/main.cjs: npm run build");
    for (const name of ["main.cjs", "program"])
      cpSync(join(source, "dist", name), join(dist, name), { recursive: true });
  } else {
    await bundled(join(source, "src/main.ts"), join(dist, "main.cjs"), [breaking(sabotage)]);
  }
  const entry = join(dist, "chaos.cjs");
  await bundled(join(source, "tooling/chaos/entry.ts"), entry, []);
  return { program: join(dist, "main.cjs"), entry, remove: () => rmSync(home, { recursive: true, force: true }) };
}

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
    logLevel: "error",
  });
}

/** A file that changed must not lose its sabotage in silence. */
function breaking({ name, edits }: Sabotage): Plugin {
  return {
    name: "sabotage",
    setup(on) {
      for (const { file, from, to } of edits) {
        on.onLoad({ filter: new RegExp(`${file.replaceAll(/[/.]/g, "[/.]")}$`) }, ({ path }) => {
          const text = readFileSync(path, "utf8");
          if (!text.includes(from)) throw new Error(`${file} is not what the sabotage "${name}" knows`);
          return { contents: text.replace(from, () => to), loader: "ts" };
        });
      }
    },
  };
}
