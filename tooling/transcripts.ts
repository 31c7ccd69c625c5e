/** `npm run transcripts`: plays every transcript and says which are no longer true; `-- --update` writes what is true now. Build first. */
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { playTranscript, transcriptFiles } from "../test/support/transcript.js";

const update = process.argv.includes("--update");
const named = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const options = { root: resolve("."), program: resolve("dist/main.cjs") };
const changed: string[] = [];

for (const file of named.length === 0 ? transcriptFiles() : named) {
  const expected = readFileSync(file, "utf8");
  const actual = await playTranscript(expected, options);
  if (actual === expected) continue;
  changed.push(file);
  if (update) writeFileSync(file, actual);
}

for (const file of changed) console.log(`${update ? "updated" : "no longer true"}: ${file}`);
if (changed.length === 0) console.log("Every transcript is true.");
else if (!update) console.log("To write what the commands print now, run:\n    npm run transcripts -- --update");
process.exitCode = changed.length > 0 && !update ? 1 : 0;
