/**
 * Replays one case of the reference vectors (test/vectors/stats) and prints a JSON array with [log e FAIL, log e PASS]
 * after each of its blocks: npm run -s stats:replay -- CASE.json
 */
import { readFileSync } from "node:fs";
import { replayCase } from "./stats-case.js";

const [file, ...rest] = process.argv.slice(2);
if (file === undefined || rest.length > 0) {
  console.error("Give one case to replay: npm run -s stats:replay -- CASE.json");
  process.exitCode = 1;
} else {
  try {
    console.log(JSON.stringify(replayCase(JSON.parse(readFileSync(file, "utf8")))));
  } catch (error) {
    console.error(`${file} cannot be replayed: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
