import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judgeEval } from "../../../src/core/gate/kinds/eval.js";
import type {
  EvalBaseline,
  EvalGate,
  EvalResult,
  EvalRule,
  Evidence,
  GateClock,
} from "../../../src/core/model/gate.js";
import { type Duration, day, type Instant, type RevisionId } from "../../../src/core/model/units.js";

const canary = `r-${"3f2a91c".padEnd(64, "0")}` as RevisionId;
const other = `r-${"91bc0aa".padEnd(64, "0")}` as RevisionId;
const now = Date.UTC(2026, 2, 1) as Instant;
const clock: GateClock = { now, since: now, pausedFor: 0 as Duration, canary };

const rule: EvalRule = {
  suite: "default",
  minScore: "0.85",
  maxRegression: "0.05",
  maxAge: (14 * day) as Duration,
  maxErrors: "0.05",
  decision: "point",
};
const result: EvalResult = {
  suite: "default",
  revision: canary,
  recordedAt: (now - day) as Instant,
  scoreName: "pass rate",
  score: "0.9",
  passed: 90,
  failed: 10,
  errored: 0,
  byItem: null,
  unscored: [],
  digest: "sha256:0",
};
const baseline: EvalBaseline = {
  suite: "default",
  revision: other,
  recordedAt: (now - 30 * day) as Instant,
  scoreName: "pass rate",
  score: "0.9",
  best: "0.9",
  byItem: null,
};

interface Scene {
  readonly rule?: Partial<EvalRule>;
  readonly result?: Partial<EvalResult> | { readonly missing: string };
  readonly baseline?: Partial<EvalBaseline> | { readonly missing: string };
}

function judge(scene: Scene) {
  const gate: EvalGate = { kind: "eval", name: "eval", skip: null, suites: [{ ...rule, ...scene.rule }] };
  const evidence: Evidence = {
    kind: "eval",
    suites: {
      default: {
        result: scene.result !== undefined && "missing" in scene.result ? scene.result : { ...result, ...scene.result },
        baseline:
          scene.baseline !== undefined && "missing" in scene.baseline
            ? scene.baseline
            : { ...baseline, ...scene.baseline },
      },
    },
  };
  return judgeEval(gate, evidence, clock);
}

/** Items named `i0`, `i1`, … with these scores. */
function items(...scores: readonly number[]): Record<string, number> {
  return Object.fromEntries(scores.map((score, index) => [`i${index}`, score]));
}

const cases: readonly (readonly [string, Scene, "pass" | "fail" | "wait", RegExp])[] = [
  ["at the minimum, exactly", { result: { score: "0.85" } }, "pass", /pass rate 0\.85 reaches the minimum 0\.85/i],
  ["a hair under the minimum", { result: { score: "0.84999999" } }, "fail", /0\.84999999 is below the minimum 0\.85/],
  [
    "0.90 - 0.85 is 0.05",
    { result: { score: "0.85" }, baseline: { score: "0.90" } },
    "pass",
    /0\.05 below the baseline 0\.9 \(0\.05 may be lost\)/,
  ],
  [
    "0.05 and a hair",
    { result: { score: "0.8499" }, rule: { minScore: "0.8" } },
    "fail",
    /0\.0501 below the baseline 0\.9/,
  ],
  ["better than the baseline", { result: { score: "0.95" } }, "pass", /0\.05 above the baseline 0\.9/],
  ["no results", { result: { missing: "no results of r-3f2a91c" } }, "wait", /no results of r-3f2a91c\./],
  [
    "no baseline",
    { baseline: { missing: "there is no baseline: run rollout eval baseline support" } },
    "wait",
    /rollout eval baseline support/,
  ],
  [
    "no baseline, yet below the minimum",
    { result: { score: "0.5" }, baseline: { missing: "there is none" } },
    "fail",
    /0\.5 is below the minimum/,
  ],
  ["another revision", { result: { revision: other } }, "wait", /of r-91bc0aa, not of r-3f2a91c.*rollout eval record/],
  ["as old as may be", { result: { recordedAt: (now - 14 * day) as Instant } }, "pass", /reaches/],
  ["too old", { result: { recordedAt: (now - 14 * day - 1) as Instant } }, "wait", /14 d old and count for 14 d/],
  ["from the future", { result: { recordedAt: (now + day) as Instant } }, "wait", /1 d in the future/],
  [
    "as many errors as may be",
    { result: { passed: 90, failed: 5, errored: 5 } },
    "pass",
    /90 passed, 5 failed, 5 errored/,
  ],
  [
    "too many errors",
    { result: { passed: 90, failed: 4, errored: 6 } },
    "wait",
    /6 of 100 results are errors \(6 %, at most 5 % may be\)/,
  ],
  ["nothing scored", { result: { score: null, passed: 0, failed: 0 } }, "wait", /Nothing was scored/],
  ["not a number", { result: { score: "NaN" } }, "wait", /Nothing was scored/],
  [
    "another score",
    { baseline: { scoreName: "mean score" } },
    "wait",
    /a pass rate \(0\.9\) and the baseline a mean score \(0\.9\)/,
  ],
  ["no counts", { result: { passed: 0, failed: 0 } }, "pass", /carry no counts; missing items not known/],
  [
    "the slow fall",
    { result: { score: "0.88" }, baseline: { best: "0.97" } },
    "pass",
    /fall since the best baseline ever, 0\.97, is 0\.09\./,
  ],
  [
    "missing items that cannot change the answer",
    {
      result: { score: "0.99", byItem: Object.fromEntries(Array.from({ length: 99 }, (_, i) => [`i${i}`, 1])) },
      baseline: { byItem: Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`i${i}`, 1])) },
    },
    "pass",
    /0 errored, 1 missing/,
  ],
  [
    "missing items that could",
    { result: { score: "0.9", byItem: items(1, 1, 1) }, baseline: { byItem: items(1, 1, 1, 1) } },
    "wait",
    /With the 1 missing items it could be 0\.675 to 0\.925: run them too/,
  ],
  [
    "a fail that missing items could turn",
    {
      result: { score: "0.8", byItem: items(1, 1, 1) },
      baseline: { byItem: items(1, 1, 1, 1) },
      rule: { maxRegression: "1" },
    },
    "wait",
    /could be 0\.6 to 0\.85/,
  ],
  [
    "a fail that they could not",
    { result: { score: "0.5", byItem: items(1, 0, 0) }, baseline: { byItem: items(1, 1, 1, 1) } },
    "fail",
    /1 missing/,
  ],
  [
    "an item that errored is not missing",
    {
      result: { score: "0.9", errored: 1, byItem: items(1, 1, 1), unscored: ["i3"] },
      baseline: { byItem: items(1, 1, 1, 1) },
    },
    "pass",
    /1 errored, 0 missing/,
  ],
  [
    "items that flipped",
    { result: { score: "0.9", byItem: items(0, 1, 1, 1) }, baseline: { byItem: items(1, 0, 1, 1) } },
    "pass",
    /Paired difference over 4 items 0 \+- 0\.4082 \(95 % interval -1\.2992 to \+1\.2992\), McNemar p 1\. 4 items are too few to tell any loss from chance; to settle a loss of 0\.05 takes about 2513\. 1 got worse \(i0\), 1 better\./,
  ],
];

describe("eval gate", () => {
  it.each(cases)("%s", (_, scene, expected, because) => {
    const verdict = judge(scene);
    expect(verdict.because).toMatch(because);
    expect(verdict.result).toBe(expected);
    expect(verdict.earliest).toBeNull();
    expect(JSON.parse(JSON.stringify(verdict))).toEqual(verdict);
  });

  const many = (count: number, bad: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`i${i}`, i % 100 < bad ? 0 : 1]));
  const paired = (now: Record<string, number>, before: Record<string, number> | null): Scene => {
    const mean = (values: Record<string, number>) =>
      String(Object.values(values).reduce((a, b) => a + b, 0) / Object.values(values).length);
    return {
      rule: { decision: "paired", minScore: "0.5" },
      result: { byItem: now, score: mean(now) },
      baseline: before === null ? {} : { byItem: before, score: mean(before) },
    };
  };
  it.each([
    ["a few items prove nothing", paired(many(20, 10), many(20, 10)), "wait", /Not proven item by item/],
    [
      "many equal items prove it",
      paired(many(400, 10), many(400, 10)),
      "pass",
      /Proven item by item: no more than 0\.05 is lost and the score is above 0\.5/,
    ],
    [
      "many worse items prove the opposite",
      paired(many(400, 40), many(400, 10)),
      "fail",
      /Proven item by item: worse than the baseline/,
    ],
    [
      "a loss over the limit that chance explains is no fail",
      paired(many(20, 7), many(20, 5)),
      "wait",
      /0\.1 below the baseline/,
    ],
    ["no items on one side", paired(many(400, 10), null), "wait", /needs the score of each item/],
  ] as const)("with proof asked for, %s", (...[, scene, expected, because]) => {
    const verdict = judge(scene);
    expect(verdict.because).toMatch(because);
    expect(verdict.result).toBe(expected);
  });

  it("says both decisions and the size of the set: a loss that may be, and that is proven all the same", () => {
    const flipped = paired(many(400, 14), many(400, 10));
    for (const [decision, expected, said] of [
      ["point", "pass", /McNemar p < 0\.0001\..* The score decides; item by item it is proven worse than the baseline/],
      [
        "paired",
        "fail",
        /Proven item by item: worse than the baseline.* The score alone would pass; the proof decides\./,
      ],
    ] as const) {
      const verdict = judge({ ...flipped, rule: { ...flipped.rule, decision } });
      expect(verdict.result).toBe(expected);
      expect(verdict.because).toMatch(said);
      expect(verdict.because).toMatch(
        /400 items can see a loss of 0\.0\d+, and 0\.05 may be lost: the set is large enough/,
      );
      const [suite] = verdict.figures.suites as readonly Record<string, unknown>[];
      expect(suite).toMatchObject({ decision, point: "pass", paired: "fail", regressed: 16, improved: 0 });
      expect(suite?.itemsNeeded).toBeLessThan(400);
      expect(suite?.regressionSeen).toBeLessThan(0.05);
      expect(suite?.notWorseE).toBeGreaterThan(0);
    }
  });

  it("says that no set proves that nothing at all is lost", () => {
    const scene = paired(many(20, 7), many(20, 5));
    const verdict = judge({ ...scene, rule: { ...scene.rule, maxRegression: "0" } });
    expect(verdict.because).toMatch(/that nothing at all is lost no set can prove/);
    expect((verdict.figures.suites as readonly Record<string, unknown>[])[0]?.itemsNeeded).toBeNull();
  });

  it("holds every suite to its own rule", () => {
    const suites = [rule, { ...rule, suite: "gaia", minScore: "0.7" }].map((one, index) => ({
      ...one,
      suite: index === 0 ? "swe" : "gaia",
    }));
    const gate: EvalGate = { kind: "eval", name: "eval", skip: null, suites };
    const swe = { result: { ...result, suite: "swe" }, baseline };
    const gaia = {
      result: { ...result, suite: "gaia", score: "0.13" },
      baseline: { ...baseline, score: "0.73", best: "0.73" },
    };
    const judged = (suites: Record<string, unknown>) => judgeEval(gate, { kind: "eval", suites } as Evidence, clock);
    expect(judged({ swe, gaia: swe }).result).toBe("pass");
    expect(judged({ swe, gaia }).result).toBe("fail");
    expect(judged({ swe, gaia }).because).toMatch(
      /^swe: Pass rate 0\.9 .* gaia: Pass rate 0\.13 is below the minimum 0\.7/,
    );
    expect(judged({ swe }).result).toBe("wait");
    expect(judged({ gaia }).result).toBe("fail");
  });

  it("waits on evidence that is missing or of another kind, and on a gate without suites", () => {
    const gate: EvalGate = { kind: "eval", name: "eval", skip: null, suites: [rule] };
    expect(judgeEval(gate, { kind: "missing", because: "The shelf cannot be read." }, clock)).toMatchObject({
      result: "wait",
      because: "The shelf cannot be read.",
    });
    expect(judgeEval(gate, { kind: "ready", serving: true, because: "" }, clock).result).toBe("wait");
    expect(judgeEval({ ...gate, suites: [] }, { kind: "eval", suites: {} }, clock).result).toBe("wait");
  });

  it("never does better with a worse canary, and passes only what it measured", () => {
    const order = { fail: 0, wait: 1, pass: 2 };
    const bits = fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(bits, bits, fc.nat(), fc.nat(5), (scores, old, at, maximum) => {
        const scene = (values: readonly number[]): Scene => ({
          rule: { minScore: "0.5", maxRegression: `0.${maximum}` },
          result: {
            score: String(values.reduce((a, b) => a + b, 0) / values.length),
            byItem: items(...values),
            passed: values.length,
            failed: 0,
          },
          baseline: { score: String(old.reduce((a, b) => a + b, 0) / old.length), byItem: items(...old) },
        });
        const worse = scores.map((score, index) => (index === at % scores.length ? 0 : score));
        const fewer = scores.slice(0, -1);
        expect(order[judge(scene(worse)).result]).toBeLessThanOrEqual(order[judge(scene(scores)).result]);
        if (fewer.length > 0 && scores.length <= old.length && judge(scene(scores)).result === "fail")
          expect(judge(scene(fewer)).result).not.toBe("pass");
      }),
    );
  });
});
