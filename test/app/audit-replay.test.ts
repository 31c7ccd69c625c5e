/** Breaches of floors and decisions of a policy, judged again from their entries alone: as written, altered, and by changed code. */
import { describe, expect, test } from "vitest";
import { judge } from "../../src/core/gate/judge.js";
import type { Judge } from "../../src/core/model/gate.js";
import { type JudgedAgain, judgeAgain } from "../../src/core/rollout/judge-again.js";
import { agentIn, forge, replayed, sql, verify } from "../support/forged-journal.js";
import { adopted, copiesOf, journalOf, prepared, ramping, scheduled, support, users } from "../support/team.js";
import { specWith, type Workspace } from "../support/workspace.js";

// biome-ignore lint/suspicious/noExplicitAny: entries are altered in ways that no type allows.
type Entry = any;
type Case = readonly [name: string, kind: string, change: (entry: Entry) => void, says: RegExp];

const last = (at: Workspace, kind: string) =>
  sql(at).then((rows) => rows.findLast(({ event }) => event.includes(`"kind":"${kind}"`)));

/** Alters the newest entry of the kind, chain and all, and answers what the replay says of every entry. */
async function altered(at: Workspace, kind: string, change: (entry: Entry) => void): Promise<string> {
  const row = await last(at, kind);
  const entry = JSON.parse(row?.event ?? "");
  change(entry);
  await forge(at, row?.serial ?? 0, () => JSON.stringify(entry));
  expect((await verify(at)).exit).toBe(0);
  const answer = await replayed(at);
  expect(answer.exit).toBe(1);
  return agentIn(answer)
    .verdicts.flatMap(({ differences }: { differences: string[] }) => differences)
    .join("\n");
}

const again = async (at: Workspace, by: Judge = judge): Promise<JudgedAgain | undefined> =>
  judgeAgain(support, await journalOf(at), by).at(-1);

/** What an entry of before carries: its memory is taken out. */
async function asBefore(at: Workspace, kind: string, field: string): Promise<void> {
  const row = await last(at, kind);
  const { [field]: taken, ...older } = JSON.parse(row?.event ?? "");
  expect(taken).toBeDefined();
  await forge(at, row?.serial ?? 0, () => JSON.stringify(older));
}

const floors = "    floors: { task_success_rate: 80%, mean_cost_usd: 5 }\n";
const unwatched = `
    gates:
      canary: { skip: { because: a test } }
      full: { skip: { because: a test } }
`;

describe("a breach of a floor", () => {
  const canary = copiesOf(() =>
    prepared(
      specWith(unwatched, floors),
      ramping,
      (at) => users(at, { hours: 1, success: { "opus@1": 0.9, "opus@2": 0.4 } }),
      (at) => scheduled(at),
    ),
  );

  test("the canary's follows from its entry, and no other memory is asked", async () => {
    const at = canary();
    at.remove(".rollout/state.metrics.db");
    await sql(at, "DELETE FROM memories");
    const answer = await replayed(at);
    expect(answer.exit).toBe(0);
    expect(agentIn(answer).verdicts.at(-1)).toMatchObject({
      kind: "floor",
      result: "breach",
      follows: true,
      not_judged: null,
    });
  });

  test.each(["opus@1", "both"])("so does that of stable: %s", async (bad) => {
    const files = specWith(unwatched, floors);
    const at = bad === "both" ? await prepared(files, ramping) : await prepared(files, (w) => adopted(w));
    await users(at, { hours: 1, success: { "opus@1": 0.4, "opus@2": 0.4 } });
    await scheduled(at);
    const answer = await replayed(at);
    expect(answer.exit).toBe(0);
    const told = agentIn(answer).verdicts.filter(({ kind }: { kind: string }) => kind === "floor");
    expect(told.map(({ follows }: { follows: boolean }) => follows)).toEqual(bad === "both" ? [true, true] : [true]);
    at.remove();
  });

  const cases: readonly Case[] = [
    [
      "a figure",
      "floor-breached",
      (entry) => {
        entry.figures.bad += 1;
      },
      /its figures\.bad is \d+, and its count gives/,
    ],
    [
      "what was counted",
      "floor-breached",
      (entry) => {
        entry.evidence.count.state.bad -= 1;
      },
      /its figures\.rate is/,
    ],
    [
      "the bets",
      "floor-breached",
      (entry) => {
        entry.evidence.count.state.bets = entry.evidence.count.state.bets.map(() => 0);
      },
      /its count proves none/,
    ],
    [
      "fewer bets",
      "floor-breached",
      (entry) => {
        entry.evidence.count.state.bets.pop();
      },
      /cannot be judged/,
    ],
    [
      "more bets",
      "floor-breached",
      (entry) => {
        entry.evidence.count.state.bets.push(99);
      },
      /made for another floor/,
    ],
    [
      "the level",
      "floor-breached",
      (entry) => {
        entry.evidence.count.state.level = 0.5;
      },
      /made for another floor/,
    ],
    [
      "the floor",
      "floor-breached",
      (entry) => {
        entry.evidence.floor.least = 0.7;
      },
      /none of those that were frozen[\s\S]*made for another floor/,
    ],
    [
      "the floor and its count",
      "floor-breached",
      (entry) => {
        entry.evidence.floor.least = 0.7;
        entry.evidence.count.state.limit = 1 - 0.7;
      },
      /none of those that were frozen/,
    ],
    [
      "an impossible floor",
      "floor-breached",
      (entry) => {
        entry.evidence.floor.least = 7;
      },
      /cannot be judged/,
    ],
    [
      "the metric",
      "floor-breached",
      (entry) => {
        entry.metric = "rollback_rate";
      },
      /its floor is of task_success_rate/,
    ],
    [
      "the arm",
      "floor-breached",
      (entry) => {
        entry.arm = "stable";
      },
      /was the stable/,
    ],
    [
      "the revision",
      "floor-breached",
      (entry) => {
        entry.revision = "r-0";
      },
      /it is of r-0, and/,
    ],
    [
      "the day",
      "floor-breached",
      (entry) => {
        entry.since -= 86_400_000;
      },
      /count is of another day/,
    ],
    [
      "the rollout",
      "floor-breached",
      (entry) => {
        entry.rollout = "support-99";
      },
      /it names support-99/,
    ],
    [
      "one arm to both",
      "floor-breached",
      (entry) => {
        entry.both = true;
      },
      /says that both arms breached/,
    ],
    [
      "the floor frozen at the start",
      "rollout-started",
      (entry) => {
        entry.floors[0].least = 0.2;
      },
      /none of those that were frozen/,
    ],
  ];
  test.each(cases)("%s altered is found", async (_, kind, change, says) => {
    expect(await altered(canary(), kind, change)).toMatch(says);
  });

  test("one of before is told, and is no finding", async () => {
    const at = canary();
    await asBefore(at, "floor-breached", "evidence");
    const answer = await replayed(at);
    expect(answer.exit).toBe(0);
    expect(agentIn(answer).verdicts.at(-1)).toMatchObject({
      follows: null,
      not_judged: expect.stringMatching(/^recorded before/),
    });
    expect(answer.view).toMatchObject({
      lines: expect.arrayContaining([
        expect.stringMatching(/, 1 not judged again: every verdict that was judged follows\.$/),
      ]),
    });
  });
});

describe.each([
  ["proceed", "gate-exempted", "{ proceed: { because: too little traffic, min_sessions: 10 } }"],
  ["rollback", "rollout-turned", "rollback"],
] as const)("a gate that stayed undecided, and a policy of %s", (result, kind, policy) => {
  const copy = copiesOf(() =>
    prepared(
      specWith(`    undecided: ${policy}\n`),
      ramping,
      (at) => users(at, { hours: 9, perHour: 10 }),
      (at) => scheduled(at),
    ),
  );

  test("it follows, from the journal and from the raw tasks", async () => {
    const at = copy();
    const answer = await replayed(at);
    expect(answer.exit).toBe(0);
    const told = agentIn(answer).verdicts.find((one: { kind: string }) => one.kind === "undecided");
    expect(told).toMatchObject({ gate: "full", result, follows: true, raw_tasks: { result: "same" } });
  });

  const otherwise = result === "proceed" ? "rollback" : { proceed: { because: "", minSessions: 1 } };
  const frozen = (undecided: unknown) => (entry: Entry) => {
    for (const stage of entry.stages) if (stage.gate?.kind === "health") stage.gate.undecided = undecided;
  };
  const cases: readonly Case[] = [
    [
      "a figure",
      kind,
      (entry) => {
        entry.judged.verdict.figures.canary_sessions += 1;
      },
      /its figures\.canary_sessions is/,
    ],
    [
      "its result",
      kind,
      (entry) => {
        entry.judged.verdict.result = "pass";
      },
      /it says pass, and its evidence gives wait/,
    ],
    [
      "what was counted",
      kind,
      (entry) => {
        entry.judged.evidence.memory.shared.sessions.canary += 1;
      },
      /its figures\.canary_sessions is/,
    ],
    [
      "an alarm under which nothing is decided",
      kind,
      (entry) => {
        entry.judged.evidence.alarms.push({ kind: "stale", because: "" });
      },
      new RegExp(`it says ${result}, and its evidence gives hold`),
    ],
    [
      "evidence that is none",
      kind,
      (entry) => {
        entry.judged.evidence.memory.shared = null;
      },
      /cannot be judged/,
    ],
    [
      "no evidence",
      kind,
      (entry) => {
        entry.judged.evidence = { kind: "missing", because: "" };
      },
      /gives hold/,
    ],
    [
      "its time",
      kind,
      (entry) => {
        entry.at -= 4 * 3_600_000;
      },
      /gives wait: its time was not over/,
    ],
    [
      "its rollout",
      kind,
      (entry) => {
        entry.rollout = "support-99";
      },
      /it decides about the rollout support-99/,
    ],
    [
      "a policy that would have held",
      "rollout-started",
      frozen("hold"),
      new RegExp(`it says ${result}, and its evidence gives hold`),
    ],
    [
      "a policy that would have done the other",
      "rollout-started",
      frozen(otherwise),
      new RegExp(`it says ${result}, and its evidence gives ${result === "proceed" ? "rollback" : "proceed"}`),
    ],
    [
      "a policy that asked for more sessions",
      "rollout-started",
      frozen({ proceed: { because: "", minSessions: 10_000 } }),
      /gives hold/,
    ],
  ];
  test.each(cases)("%s altered is found", async (_, entry, change, says) => {
    expect(await altered(copy(), entry, change)).toMatch(says);
  });

  test("code that judges otherwise now is found", async () => {
    const at = copy();
    const found = (by: Judge) => again(at, by).then((one) => one?.differences.join());
    expect(judgeAgain(support, await journalOf(at), judge).flatMap(({ differences }) => differences)).toEqual([]);
    const failing: Judge = (gate, evidence, clock) => ({ ...judge(gate, evidence, clock), result: "fail" });
    const lying: Judge = (gate, evidence, clock) => {
      const verdict = judge(gate, evidence, clock);
      return { ...verdict, figures: { ...verdict.figures, canary_sessions: 1 } };
    };
    expect(await found(failing)).toMatch(/it says wait, and its evidence gives fail/);
    expect(await found(lying)).toMatch(/canary_sessions/);
  });

  test("one of before is told, and is no finding", async () => {
    const at = copy();
    await asBefore(at, kind, "judged");
    const answer = await replayed(at);
    expect(answer.exit).toBe(0);
    const told = agentIn(answer).verdicts.find((one: { kind: string }) => one.kind === "undecided");
    expect(told).toMatchObject({ follows: null, not_judged: expect.stringMatching(/^recorded before/) });
  });
});
