/** Files of every format that was ever written are read, newer ones are refused, and reading changes none of them. */
import { createHash } from "node:crypto";
import { closeSync, cpSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readPlanFile } from "../../src/app/plan-file.js";
import { judge } from "../../src/core/gate/judge.js";
import { canonicalJson } from "../../src/core/model/revision.js";
import type { AgentState } from "../../src/core/model/state.js";
import type { AgentId, Instant } from "../../src/core/model/units.js";
import { judgeAgain } from "../../src/core/rollout/judge-again.js";
import { replay } from "../../src/core/rollout/replay.js";
import { readSnapshot } from "../../src/core/routing/snapshot-file.js";
import { stateShape } from "../../src/core/shape/state-shape.js";
import { checkChain, firstLink, type StoredEntry } from "../../src/ports/entry-chain.js";
import { readEntry } from "../../src/ports/entry-format.js";
import { openLibsql } from "../../src/providers/databases/libsql.js";
import { openSqliteStore } from "../../src/providers/stores/sqlite.js";

const folder = "test/fixtures/formats";
const text = (name: string): string => readFileSync(join(folder, name), "utf8");
const support = "support" as AgentId;
const sha256 = (value: string | Buffer): string => `sha256:${createHash("sha256").update(value).digest("hex")}`;
const goldenState = JSON.parse(text("state-2.json")) as AgentState;

interface Golden {
  readonly lineage: string;
  readonly entries: readonly StoredEntry[];
}

function journalOf(name: string): Golden {
  const [head, ...entries] = text(name).trim().split("\n");
  const { lineage } = JSON.parse(head ?? "") as { lineage: string };
  return { lineage, entries: entries.map((line) => JSON.parse(line) as StoredEntry) };
}

describe("journals", () => {
  const without = { floors: [], bases: {}, source: { kind: "embedded" } };
  const cases: readonly (readonly [string, (state: AgentState) => object])[] = [
    ["journal-1.jsonl", (state) => state],
    [
      "journal-1-without-numbers.jsonl",
      (state) => ({ ...state, unfoldedBases: {}, rollout: { ...state.rollout, ...without } }),
    ],
    ["journal-1-with-fallback.jsonl", () => JSON.parse(text("state-3.json")) as AgentState],
  ];
  test.each(cases)("%s is whole, and folds to the state that it folded to then", (name, expected) => {
    const { lineage, entries } = journalOf(name);
    checkChain(support, firstLink(lineage, support), entries, 0);
    const state = replay(
      support,
      entries.map((entry) => readEntry(support, entry)),
    );
    expect(state).toMatchObject(expected(goldenState));
  });

  test("what policies and floors were decided by is read, and what older entries lack is no finding", () => {
    const conclusions = (name: string) => {
      const { lineage, entries } = journalOf(name);
      checkChain(support, firstLink(lineage, support), entries, 0);
      const read = entries.map((entry) => readEntry(support, entry));
      return judgeAgain(support, read, judge).map(({ kind, differences, notJudged }) => [kind, differences, notJudged]);
    };
    const judged = conclusions("journal-1-with-judgements.jsonl");
    expect(judged.filter(([kind]) => kind !== "gate")).toEqual([
      ["undecided", [], null],
      ["floor", [], null],
    ]);
    for (const [, differences] of conclusions("journal-1.jsonl")) expect(differences).toEqual([]);
  });

  test("a newer entry among them is refused, and says what to do", () => {
    const entry = journalOf("journal-1.jsonl").entries[3];
    const newer = JSON.stringify({ ...JSON.parse(entry?.event ?? ""), format: 2 });
    expect(() => readEntry(support, { serial: 4, event: newer })).toThrow(/has the format 2.*Upgrade rollout/);
  });
});

test("the state as snapshots keep it has the shape that is asked for; one of before there was a fallback is folded anew", () => {
  expect(stateShape(JSON.parse(text("state-3.json")), "")).toBeNull();
  expect(stateShape(goldenState, "")).toMatch(/is missing/);
});

describe("state files", () => {
  const folders: string[] = [];
  afterAll(() => {
    for (const one of folders) rmSync(one, { recursive: true });
  });
  const copied = (): string => {
    const at = mkdtempSync(join(tmpdir(), "rollout-golden-"));
    folders.push(at);
    cpSync(join(folder, "state-1.db"), join(at, "state.db"));
    return join(at, "state.db");
  };
  const now = () => 1_800_000_000_000 as Instant;

  test.each([true, false])("state-1.db is read, and worked on (read only: %s)", async (readOnly) => {
    const store = await openSqliteStore({ path: copied(), now, openDatabase: openLibsql, readOnly });
    const { entries, snapshot } = await store.load(support);
    expect(snapshot === null ? replay(support, entries) : replay(support, entries, snapshot.state)).toMatchObject(
      goldenState,
    );
    await store.close();
  });

  test.each([true, false])("a newer one is refused, and left as it is (read only: %s)", async (readOnly) => {
    const path = copied();
    const file = openSync(path, "r+");
    // The user version of an SQLite file: https://www.sqlite.org/fileformat.html#user_version_number.
    writeSync(file, Buffer.from([0, 0, 0, 99]), 0, 4, 60);
    closeSync(file);
    const before = sha256(readFileSync(path));
    await expect(openSqliteStore({ path, now, openDatabase: openLibsql, readOnly })).rejects.toThrow(
      /format 99.*newer/,
    );
    expect(sha256(readFileSync(path))).toBe(before);
  });
});

describe("plans", () => {
  test("plan-1.json is read", () => {
    const read = readPlanFile(text("plan-1.json"), "plan-1.json");
    expect(read.ok && read.value.plan.actions.map(({ kind }) => kind)).toEqual(["start"]);
  });

  const file = JSON.parse(text("plan-1.json"));
  /** As somebody would who knows that the digest has to fit. */
  const edited = (change: (plan: typeof file.plan) => void, head: object = {}): string => {
    const plan = structuredClone(file.plan);
    change(plan);
    return JSON.stringify({ ...file, ...head, plan, digest: sha256(canonicalJson(plan)) });
  };
  const cases: readonly (readonly [name: string, file: string, says: RegExp])[] = [
    ["a newer format", edited(() => undefined, { format: 2 }), /plan format 2.*Upgrade rollout, or plan again/],
    ["no format", edited(() => undefined, { format: undefined }), /no number of a plan format/],
    [
      "a newer plan in it",
      edited((plan) => {
        plan.format = 2;
      }),
      /plan.format is 2/,
    ],
    [
      "no actions",
      edited((plan) => {
        delete plan.actions;
      }),
      /plan.actions is missing/,
    ],
    [
      "an action that is none",
      edited((plan) => {
        plan.actions[0].kind = "explode";
      }),
      /plan.actions\[0\].kind is "explode", not rollback or/,
    ],
    [
      "a weight beyond all",
      edited((plan) => {
        plan.actions[0].weightTo = 10_001;
      }),
      /weightTo is 10001, not a whole number from 0 to 10000/,
    ],
    [
      "figures that are a list",
      edited((plan) => {
        plan.actions[0].opinions = [{ gate: "eval", stage: 0, verdict: { result: "pass", because: "", figures: [] } }];
      }),
      /figures is a list, not an object/,
    ],
    [
      "a changed number, and the digest of before",
      text("plan-1.json").replace('"weightTo": 5000', '"weightTo": 9900'),
      /changed after it was saved/,
    ],
    ["only its beginning", text("plan-1.json").slice(0, 500), /not JSON/],
    [
      "nesting without end",
      `{"kind":"rollout-plan","format":1,"digest":"","plan":${JSON.stringify({ ...file.plan, x: 0 }).replace('"x":0', `"x":${"[".repeat(200_000)}${"]".repeat(200_000)}`)}}`,
      /nested deeper than 60 levels|not JSON/,
    ],
  ];
  test.each(cases)("%s is refused with the place", (_, plan, says) => {
    const read = readPlanFile(plan, "p.json");
    expect(read.ok).toBe(false);
    if (!read.ok) expect(read.problems[0]?.detail).toMatch(says);
  });
});

describe("routing files", () => {
  test("snapshot-1.json is read", () => {
    expect(readSnapshot(text("snapshot-1.json"), sha256)).toMatchObject({ kind: "snapshot" });
  });

  test("a newer one is refused", () => {
    const newer = text("snapshot-1.json").replace('"format": 1', '"format": 2');
    expect(readSnapshot(newer, sha256)).toMatchObject({ kind: "refused", newer: true });
  });
});
