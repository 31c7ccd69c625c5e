/** `npm run generate`: writes everything that is made from schema/ and the diagnostics; `--check` only says what is stale. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { generateAll } from "./generate/all.js";

const outputs = await generateAll(process.cwd());
const stale = [...outputs].filter(([file, text]) => !existsSync(file) || readFileSync(file, "utf8") !== text);

if (process.argv.includes("--check")) {
  for (const [file] of stale) console.log(`stale: ${file}`);
  console.log(stale.length === 0 ? `All ${outputs.size} generated files are fresh.` : "Run: npm run generate");
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  for (const [file, text] of stale) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    console.log(`wrote ${file}`);
  }
}
