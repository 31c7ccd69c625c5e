/** `npm run walls`: prints every breach of the import table, and fails where there is one. */
import { checkWalls } from "./walls/check-walls.js";
import { describeViolation } from "./walls/violation.js";

const violations = checkWalls(process.cwd());
for (const violation of violations) console.log(describeViolation(violation));
console.log(
  violations.length === 0 ? "The walls stand." : `\n${violations.length} broken. The table is tooling/walls/table.ts.`,
);
process.exitCode = violations.length === 0 ? 0 : 1;
