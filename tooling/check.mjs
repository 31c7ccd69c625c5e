// `npm run check`: everything that must hold, in two lanes (one for the tests, one for the rest), each part with its time.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const scratch = mkdtempSync(join(tmpdir(), "rollout-check-"));
const testReport = join(scratch, "tests.json");
const lanes = [
  [
    { name: "build", command: ["npm", "run", "--silent", "build"] },
    {
      name: "tests",
      command: [
        "npm",
        "run",
        "--silent",
        "test",
        "--",
        "--reporter=dot",
        "--reporter=json",
        `--outputFile=${testReport}`,
      ],
    },
  ],
  [
    { name: "generated files", command: ["npm", "run", "--silent", "generate", "--", "--check"] },
    { name: "format and lint", command: ["npm", "run", "--silent", "lint"] },
    { name: "types", command: ["npm", "run", "--silent", "types"] },
    { name: "walls", command: ["npm", "run", "--silent", "walls"] },
    { name: "dead code", command: ["npm", "run", "--silent", "dead"] },
  ],
];

const started = performance.now();
const results = (await Promise.all(lanes.map(runLane))).flat();
const failed = results.filter(({ ok }) => !ok);
for (const { name, output } of failed) console.log(`\n──── ${name} ────\n${output.trimEnd()}`);
console.log(`\n${verdict()} in ${seconds(performance.now() - started)}`);
console.log(countTests());
rmSync(scratch, { recursive: true, force: true });
process.exitCode = failed.length === 0 ? 0 : 1;

/** Parts of a lane run one after the other; a failing part stops nothing, so that one run shows everything. */
async function runLane(parts) {
  const done = [];
  for (const part of parts) {
    const result = await run(part);
    console.log(`${result.ok ? "✓" : "✗"} ${part.name.padEnd(16)} ${seconds(result.ms).padStart(7)}`);
    done.push(result);
  }
  return done;
}

function run({ name, command: [program, ...args] }) {
  const from = performance.now();
  const chunks = [];
  return new Promise((resolve) => {
    const finish = (ok) =>
      resolve({ name, ok, output: Buffer.concat(chunks).toString(), ms: performance.now() - from });
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.on("data", (chunk) => chunks.push(chunk));
    child.stderr.on("data", (chunk) => chunks.push(chunk));
    child.on("error", (error) => {
      chunks.push(Buffer.from(error.message));
      finish(false);
    });
    child.on("close", (code) => finish(code === 0));
  });
}

function verdict() {
  return failed.length === 0 ? "All parts hold" : `Failed: ${failed.map(({ name }) => name).join(", ")}`;
}

/** The runner's own counts; a report that was never written means that no test ran to its end. */
function countTests() {
  try {
    const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(testReport, "utf8"));
    return `tests: ${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`;
  } catch {
    return "tests: no report was written";
  }
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}
