/** What gates and floors remember, damaged where it lies: it is counted again from the sessions, and decides nothing by itself. */
import { expect, test } from "vitest";
import { inState } from "../support/forged-journal.js";
import { action, copiesOf, prepared, ramping, scheduled, users } from "../support/team.js";
import { specWith, type Workspace } from "../support/workspace.js";

const copy = copiesOf(() =>
  prepared(
    specWith("", "    floors: { task_success_rate: 50%, mean_cost_usd: 5 }\n"),
    ramping,
    (at) => users(at, { hours: 0.5, perHour: 200 }),
    (at) => scheduled(at),
  ),
);

const memories = (at: Workspace): Promise<readonly string[]> =>
  inState(at, (sql) => sql.all("SELECT memory FROM memories ORDER BY rollout").map(({ memory }) => String(memory)));

function damage(at: Workspace, change: (text: string) => string): Promise<void> {
  return inState(at, (sql) => {
    for (const { rollout, memory } of sql.all("SELECT rollout, memory FROM memories"))
      sql.run("UPDATE memories SET memory = ? WHERE rollout = ?", change(String(memory)), rollout ?? "");
  });
}

// biome-ignore lint/suspicious/noExplicitAny: memories are damaged in ways that no type allows.
const edited = (change: (memory: any) => void) => (text: string) => {
  const sealed = JSON.parse(text);
  change(sealed.memory);
  return JSON.stringify(sealed);
};

/** Every list of bets full of evidence: a gate would pass, and a floor be breached. */
function won(value: unknown): unknown {
  if (Array.isArray(value) && value.every((item) => typeof item === "number")) return value.map(() => 50);
  if (Array.isArray(value)) return value.map(won);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, won(inner)]));
}

test.each([
  ["nothing inside", edited((memory) => Object.assign(memory, { shared: {}, metrics: {}, watches: {} }))],
  ["null inside", edited((memory) => Object.assign(memory, { shared: null, watches: null }))],
  [
    "other things inside",
    edited((memory) => Object.assign(memory, { shared: { accumulator: 7 }, metrics: { task_success_rate: "x" } })),
  ],
  ["evidence that nobody counted", edited((memory) => Object.assign(memory, won(memory)))],
  [
    "a watermark ahead of time",
    edited((memory) => {
      memory.watermark += 86_400_000;
    }),
  ],
  ["a digit that fell over", (text: string) => text.replace(/[0-8](?=[^0-9]*$)/, (digit) => String(Number(digit) + 1))],
  ["its end cut off", (text: string) => text.slice(0, -40)],
  ["another text", () => "hello"],
])("with %s the gate says what it said, and the memory is what it was", async (_, change) => {
  const at = copy();
  const before = { said: (await action(at)).opinions, kept: await memories(at) };
  expect(before.kept).toHaveLength(2);
  await damage(at, change);
  expect(await memories(at)).not.toEqual(before.kept);
  expect((await action(at)).opinions).toEqual(before.said);
  const { exit } = await scheduled(at);
  expect(exit).toBe(0);
  expect(await memories(at)).toEqual(before.kept);
});
