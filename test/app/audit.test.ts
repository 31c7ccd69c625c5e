/** Journals that somebody changed: what `audit verify` finds, where, and what `audit replay` finds although the chain is whole. */
import { describe, expect, test } from "vitest";
import { agentIn, data, forge, replayed, sql, verify } from "../support/forged-journal.js";
import { badly, codes, copiesOf, prepared, promoted, ramping, scheduled } from "../support/team.js";
import { oneAgent } from "../support/workspace.js";

describe("verify", () => {
  const copy = copiesOf(() => prepared(oneAgent, ramping));

  test("a journal that nobody touched is whole, and its head is what the next run can expect", async () => {
    const at = copy();
    const answer = await verify(at);
    expect(answer.exit).toBe(0);
    const { findings, head, entries } = agentIn(answer);
    expect(findings).toEqual([]);
    expect(head.entry).toBe(entries);
    expect((await verify(at, [head.expect])).exit).toBe(0);
    await badly(at);
    await scheduled(at);
    const later = await verify(at, [head.expect]);
    expect(later.exit).toBe(0);
    expect(agentIn(later).entries).toBeGreaterThan(entries);
  });

  const cases: readonly (readonly [name: string, statements: readonly string[], finds: object])[] = [
    [
      "a changed entry",
      ["UPDATE entries SET event = replace(event, 'ada@', 'bob@') WHERE serial = 2"],
      { entry: 2, problem: "changed" },
    ],
    ["a missing entry", ["DELETE FROM entries WHERE serial = 2"], { entry: 2, problem: "missing" }],
    ["a missing first entry", ["DELETE FROM entries WHERE serial = 1"], { entry: 1, problem: "missing" }],
    [
      "two entries in each other's place",
      [
        "UPDATE entries SET serial = 1000 WHERE serial = 2",
        "UPDATE entries SET serial = 2 WHERE serial = 3",
        "UPDATE entries SET serial = 3 WHERE serial = 1000",
      ],
      { entry: 2, problem: "reordered" },
    ],
    [
      "a changed hash",
      ["UPDATE entries SET hash = 'sha256:0' WHERE serial = 2"],
      { entry: 2, problem: "changed", because: expect.stringContaining("its content is what was written") },
    ],
    [
      "a journal without its end",
      ["DELETE FROM snapshots", "DELETE FROM entries WHERE serial > 3"],
      { entry: 4, problem: "truncated" },
    ],
    ["no entries at all", ["DELETE FROM snapshots", "DELETE FROM entries"], { entry: 1, problem: "truncated" }],
    [
      "a lost end whose head is gone too",
      ["DELETE FROM entries WHERE serial > 3", "DELETE FROM meta WHERE key LIKE 'head %'"],
      { problem: "snapshot" },
    ],
    [
      "a cache that says something else",
      ["UPDATE snapshots SET state = replace(state, '\"incidents\":0', '\"incidents\":7')"],
      { problem: "snapshot" },
    ],
    ["an entry that is none", ["UPDATE entries SET event = 'x' WHERE serial = 3"], { entry: 3, problem: "changed" }],
  ];
  test.each(cases)("finds %s, and where", async (_, statements, finds) => {
    const at = copy();
    await sql(at, ...statements);
    const answer = await verify(at);
    expect(answer.exit).toBe(1);
    const { findings, last_good } = agentIn(answer);
    expect(findings[0]).toMatchObject(finds);
    expect(last_good).toBeLessThanOrEqual(findings[0].entry);
  });

  test("what follows from a changed entry is told once", async () => {
    const at = copy();
    await sql(
      at,
      "DELETE FROM snapshots",
      "UPDATE entries SET event = replace(event, 'ada@', 'bob@') WHERE serial = 2",
    );
    const { findings, last_good } = agentIn(await verify(at));
    expect(findings).toHaveLength(1);
    expect(last_good).toBe(1);
  });

  test("an agent whose entries and head are gone is missed where its head was written down", async () => {
    const at = copy();
    const { head } = agentIn(await verify(at));
    await sql(at, "DELETE FROM entries", "DELETE FROM snapshots", "DELETE FROM meta WHERE key LIKE 'head %'");
    expect((await verify(at)).exit).toBe(0);
    const answer = await verify(at, [head.expect]);
    expect(answer.exit).toBe(1);
    expect(agentIn(answer).findings).toMatchObject([{ entry: head.entry, problem: "expected" }]);
  });

  test("a journal that was written anew, chain and all, is found by a head that was written down", async () => {
    const at = copy();
    const { head } = agentIn(await verify(at));
    await forge(at, 2, (event) => event.replace('"by":"ada', '"by":"bob'));
    expect((await verify(at)).exit).toBe(0);
    const answer = await verify(at, [head.expect.slice(0, -40)]);
    expect(answer.exit).toBe(1);
    expect(agentIn(answer).findings).toMatchObject([{ problem: "expected" }]);
  });

  test("what is no head, and an agent that is not there, is refused", async () => {
    const at = copy();
    expect(codes(await verify(at, ["support"]))).toEqual(["audit/not-a-head"]);
    expect(codes(await verify(at, [], ["suport"]))).toEqual(["agent/unknown"]);
  });
});

describe("replay", () => {
  const copy = copiesOf(() => prepared(oneAgent, promoted));

  test("every verdict follows, from the journal and from the raw tasks", async () => {
    const answer = await replayed(copy());
    expect(answer.exit).toBe(0);
    const { verdicts } = agentIn(answer);
    expect(verdicts.map(({ gate, result }: Record<string, unknown>) => [gate, result])).toContainEqual([
      "eval",
      "pass",
    ]);
    const health = verdicts.filter(({ gate }: { gate: string }) => gate !== "eval");
    expect(health.length).toBeGreaterThan(0);
    for (const { raw_tasks } of health) expect(raw_tasks.result).toBe("same");
  });

  test("a failed gate follows too", async () => {
    const at = await prepared(oneAgent, ramping);
    await badly(at);
    await scheduled(at);
    const answer = await replayed(at);
    expect(agentIn(answer).verdicts.map(({ result }: { result: string }) => result)).toContain("fail");
    expect(answer.exit).toBe(0);
    at.remove();
  });

  test("where the raw tasks are gone, the journal alone is judged, and it says so", async () => {
    const at = copy();
    at.remove(".rollout/state.metrics.db");
    const answer = await replayed(at);
    expect(answer.exit).toBe(0);
    const { verdicts } = agentIn(answer);
    expect(verdicts.at(-1).raw_tasks.result).toBe("unable");
  });

  test("a number that was changed, with the whole chain made to fit, is found", async () => {
    const at = copy();
    const rows = await sql(at);
    const judged = rows.filter(({ event }) => event.includes('"gate-judged"'));
    for (const { serial, event } of judged) {
      const forged = JSON.parse(event);
      const [name] = Object.keys(forged.verdict.figures).sort();
      forged.verdict.figures[name ?? ""] = 4711;
      await forge(at, serial, () => JSON.stringify(forged));
      expect((await verify(at)).exit).toBe(0);
      const answer = await replayed(at);
      expect(answer.exit).toBe(1);
      const wrong = agentIn(answer).verdicts.filter(({ follows }: { follows: boolean }) => !follows);
      expect(wrong).toMatchObject([{ entry: serial }]);
      await forge(at, serial, () => event);
    }
  });

  test("evidence that was changed is found by what follows from it", async () => {
    const at = copy();
    const rows = await sql(at);
    const health = rows.findLast(({ event }) => event.includes('"kind":"health"') && event.includes('"gate-judged"'));
    const forged = JSON.parse(health?.event ?? "");
    forged.evidence.memory.shared.sessions.canary += 1;
    await forge(at, health?.serial ?? 0, () => JSON.stringify(forged));
    const answer = await replayed(at);
    expect(answer.exit).toBe(1);
  });

  test("evidence that is none is told, and no crash", async () => {
    const at = copy();
    const rows = await sql(at);
    const health = rows.findLast(({ event }) => event.includes('"kind":"health"') && event.includes('"gate-judged"'));
    const forged = JSON.parse(health?.event ?? "");
    forged.evidence.memory.shared = { sessions: null };
    await forge(at, health?.serial ?? 0, () => JSON.stringify(forged));
    const answer = await replayed(at);
    expect(answer.exit).toBe(1);
    expect(JSON.stringify(data(answer))).toContain("cannot be judged");
  });

  test("a journal that cannot be read is told, and no crash", async () => {
    const at = copy();
    await sql(at, "UPDATE entries SET event = replace(event, 'ada@', 'bob@') WHERE serial = 2");
    const answer = await replayed(at);
    expect(answer.exit).toBe(1);
    expect(agentIn(answer).unreadable).toMatch(/entry 2 does not follow/);
  });
});
