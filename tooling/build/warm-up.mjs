// Run by the build in a sample repository: plays commands, so that what they load and what V8 compiles for them is known.
//   node warm-up.mjs loaded FILE     writes the names of the modules that looking and planning load
//   node warm-up.mjs keep            writes each pack's code cache beside it
import { appendFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { replaceFile } from "./program.mjs";

const { program, sealOf } = createRequire(import.meta.url)("../../dist/main.cjs");
const [what, file] = process.argv.slice(2);
// One process runs one command as a rule.
for (const stream of [process.stdout, process.stderr]) stream.setMaxListeners(0);
const { main } = program.load("./main.js");

await play("status", "plan");
if (what === "loaded") {
  writeFileSync(file, JSON.stringify(program.loaded()));
} else {
  await play(
    "validate",
    "drift",
    "history",
    "plan --format json",
    "status --format markdown",
    "explain config/unknown-key",
  );
  await play("apply --auto-approve", "undo --help");
  appendFileSync("rollout.config.yaml", "canary: { overrides: { planning: claude-opus-4-6@20260115 } }\n");
  await play("plan", "apply --auto-approve", "status");
  program.packs.forEach(keep);
}

async function play(...commands) {
  for (const command of commands) {
    const code = await main(command.split(" "));
    if (code !== 0) throw new Error(`rollout ${command} ended with ${code}`);
  }
}

function keep({ path, source, script }) {
  const data = script.createCachedData();
  replaceFile(`${path}.cache`, Buffer.concat([data, sealOf(source, data)]));
}
