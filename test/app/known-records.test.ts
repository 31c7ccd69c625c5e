/** Records of agents and revisions that nobody knows are refused where they come in. */
import { expect, test } from "vitest";
import { knownRecords } from "../../src/app/known-records.js";
import { withSession } from "../../src/app/session.js";
import type { Checked } from "../../src/core/diagnostic/diagnostic.js";
import { shortRevision } from "../../src/core/model/units.js";
import type { RecordBatch } from "../../src/ports/task-recorder.js";
import { readRecordsBody } from "../../src/telemetry/read-task-lines.js";
import { adopted, copiesOf, prepared, stateIn } from "../support/team.js";
import { oneAgent } from "../support/workspace.js";

const at = copiesOf(() => prepared(oneAgent, adopted));

async function known(fields: object): Promise<Checked<RecordBatch>> {
  const began = new Date(at().clock.at).toISOString();
  const record = { id: "t-1", agent: "support", session: "s-1", started_at: began, ended_at: began, ...fields };
  const read = readRecordsBody(JSON.stringify(record), "task");
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return withSession(at().world(), { readOnly: true }, (session) => knownRecords(session, read.value));
}

const codes = (checked: Checked<RecordBatch>): readonly string[] =>
  checked.ok ? [] : checked.problems.map(({ code }) => code);

test("a misspelt agent is refused, with what was meant", async () => {
  const checked = await known({ agent: "suport" });
  expect(codes(checked)).toEqual(["telemetry/unknown-agent"]);
  expect(checked.ok ? null : checked.problems[0]?.hint).toBe('Did you mean "support"?');
});

test("the revision that people see is made whole", async () => {
  const { stable } = await stateIn(at());
  const checked = await known({ revision: stable === null ? null : shortRevision(stable) });
  expect(checked.ok ? checked.value.tasks[0]?.revision : checked.problems).toBe(stable);
});

test("a short revision of nobody is refused, a whole one is the gate's alarm to raise", async () => {
  expect(codes(await known({ revision: "r-dead" }))).toEqual(["telemetry/unknown-revision"]);
  expect(codes(await known({ revision: `r-${"d".repeat(64)}` }))).toEqual([]);
});

test("a record from the future is refused", async () => {
  const later = new Date(at().clock.at + 2 * 86_400_000).toISOString();
  expect(codes(await known({ started_at: later, ended_at: later }))).toEqual(["telemetry/in-the-future"]);
});
