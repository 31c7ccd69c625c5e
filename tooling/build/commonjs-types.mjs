// Declarations of the router's doors for CommonJS: the same text, in files whose names say so. Run when a package is made:
//   node tooling/build/commonjs-types.mjs FOLDER    the folder that the compiler wrote the declarations to
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { routerDoors } from "./doors.mjs";

const [folder = "dist/types"] = process.argv.slice(2);
const seen = new Set();
for (const source of Object.values(routerDoors)) {
  rename(resolve(folder, source.replace(/^src\//, "").replace(/\.ts$/, "")));
}

/** `place` is the file's path without an ending. */
function rename(place) {
  if (seen.has(place)) return;
  seen.add(place);
  const text = readFileSync(`${place}.d.ts`, "utf8");
  const renamed = text.replace(/"(\.{1,2}\/[^"]+)\.js"/g, (_, to) => {
    rename(join(dirname(place), to));
    return `"${to}.cjs"`;
  });
  writeFileSync(`${place}.d.cts`, renamed);
}
