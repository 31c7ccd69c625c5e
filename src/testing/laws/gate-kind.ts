// What holds for every kind of gate.

import assert from "node:assert/strict";
import type { Evidence, Gate, GateClock, Judge, Verdict } from "../../core/model/gate.js";
import type { Law } from "../law.js";

/** One rung of a ladder of canaries. */
export interface Rung {
  readonly evidence: Evidence;
  /** Parts of the sentence that give its numbers and names. */
  readonly spoken: readonly string[];
}

export interface GateKindBench {
  readonly judge: Judge;
  readonly gate: Gate;
  readonly clock: GateClock;
  /** From the worst canary to the best; the best one passes. */
  readonly ladder: readonly Rung[];
  /** Evidence in which something that was asked for is missing, stale, not a number or another's. */
  readonly missing: readonly Evidence[];
}

const ranks: Readonly<Record<Verdict["result"], number>> = { fail: 0, wait: 1, pass: 2 };

function judged({ judge, gate, clock }: GateKindBench, evidence: Evidence): Verdict {
  return judge(gate, evidence, clock);
}

function everything({ ladder, missing }: GateKindBench): readonly Evidence[] {
  return [...ladder.map(({ evidence }) => evidence), ...missing];
}

export const gateKindLaws: readonly Law<GateKindBench>[] = [
  {
    name: "the same evidence gives the same verdict and stays as it is",
    async check(bench) {
      for (const evidence of everything(bench)) {
        const before = structuredClone(evidence);
        assert.deepEqual(judged(bench, evidence), judged(bench, evidence));
        assert.deepEqual(evidence, before);
      }
    },
  },
  {
    name: "missing evidence neither passes nor fails, and the sentence says what is missing",
    async check(bench) {
      const gone: Evidence = { kind: "missing", because: "the source cannot be reached" };
      for (const evidence of [...bench.missing, gone]) {
        const verdict = judged(bench, evidence);
        assert.equal(verdict.result, "wait", verdict.because);
        assert.notEqual(verdict.because.trim(), "");
      }
    },
  },
  {
    name: "evidence of another kind waits",
    async check(bench) {
      const others: readonly Evidence[] = [
        { kind: "approval", approvals: [] },
        { kind: "ready", serving: true, because: "it serves" },
        { kind: "window", open: true, because: "no window is asked for", changesAt: null },
        { kind: "eval", suites: {} },
      ];
      for (const evidence of others.filter(({ kind }) => kind !== bench.ladder[0]?.evidence.kind)) {
        assert.equal(judged(bench, evidence).result, "wait", evidence.kind);
      }
    },
  },
  {
    name: "a worse canary never does better, and the best one passes",
    async check(bench) {
      const results = bench.ladder.map(({ evidence }) => judged(bench, evidence).result);
      const sorted = [...results].sort((a, b) => ranks[a] - ranks[b]);
      assert.deepEqual(results, sorted);
      assert.notEqual(results[0], "pass");
      assert.equal(results.at(-1), "pass");
    },
  },
  {
    name: "the sentence contains the numbers",
    async check(bench) {
      for (const { evidence, spoken } of bench.ladder) {
        const { because } = judged(bench, evidence);
        for (const part of spoken) assert.ok(because.includes(part), `"${part}" is not in: ${because}`);
      }
    },
  },
  {
    name: "gate, evidence and verdict survive JSON",
    async check(bench) {
      const gate = overJson(bench.gate);
      assert.deepEqual(gate, bench.gate);
      for (const evidence of everything(bench)) {
        const verdict = judged(bench, evidence);
        assert.deepEqual(overJson(verdict), verdict);
        assert.deepEqual(bench.judge(gate, overJson(evidence), bench.clock), verdict);
      }
    },
  },
];

function overJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
