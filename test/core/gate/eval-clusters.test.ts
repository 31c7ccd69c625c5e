/** The eval gate on items that go together: real outcomes with their golden numbers, and who names the clusters. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { judgeEval } from "../../../src/core/gate/kinds/eval.js";
import type { EvalGate, EvalRule, Verdict } from "../../../src/core/model/gate.js";
import { type Duration, day, type Instant, type RevisionId } from "../../../src/core/model/units.js";
import { expectClose } from "../stats/closeness.js";

/** Outcomes by cluster ("" where there are none), 0 and 1 for each side. */
interface GoldenPair {
  readonly name: string;
  readonly expected: {
    readonly n_common: number;
    readonly diff: number;
    readonly se_paired: number;
    readonly clusters?: number;
    readonly se_clustered?: number;
    readonly se_clustered_corrected?: number;
  };
  readonly items: Readonly<Record<string, { readonly baseline: string; readonly candidate: string }>>;
}
const golden = JSON.parse(
  readFileSync(new URL("../../fixtures/stats/paired.json", import.meta.url), "utf8"),
) as readonly GoldenPair[];
const printed = { relative: 5.1e-6, absolute: 1e-12 };

const revision = `r-${"3".repeat(64)}` as RevisionId;
const now = Date.UTC(2026, 2, 1) as Instant;
type Scores = Readonly<Record<string, number>>;
type Clusters = Readonly<Record<string, string>>;
interface Side {
  readonly byItem: Scores;
  readonly clusters?: Clusters;
}

function judge(candidate: Side, baseline: Side, rule: Partial<EvalRule> = {}): Verdict {
  const score = ({ byItem }: Side): string => {
    const scores = Object.values(byItem);
    return (scores.reduce((sum, one) => sum + one, 0) / scores.length).toFixed(6);
  };
  const suite: EvalRule = {
    ...{ suite: "default", minScore: "0", maxRegression: "0.05", maxAge: day as Duration, maxErrors: "0.05" },
    ...{ decision: "paired", ...rule },
  };
  const gate: EvalGate = { kind: "eval", name: "eval", skip: null, suites: [suite] };
  const shared = { suite: "default", revision, recordedAt: now, scoreName: "pass rate" };
  const counts = { passed: 1, failed: 0, errored: 0, unscored: [], digest: "sha256:0" };
  const result = { ...shared, ...counts, score: score(candidate), ...candidate };
  const before = { ...shared, score: score(baseline), best: score(baseline), ...baseline };
  const evidence = { kind: "eval", suites: { default: { result, baseline: before } } } as const;
  return judgeEval(gate, evidence, { now, since: now, pausedFor: 0 as Duration, canary: revision });
}

function figures(verdict: Verdict): Readonly<Record<string, unknown>> {
  return (verdict.figures.suites as readonly Readonly<Record<string, unknown>>[])[0] ?? {};
}

function sidesOf({ items }: GoldenPair): { readonly candidate: Side; readonly baseline: Side } {
  const [candidate, baseline, clusters]: [Record<string, number>, Record<string, number>, Record<string, string>] = [
    {},
    {},
    {},
  ];
  for (const [cluster, sides] of Object.entries(items)) {
    for (const [index, score] of [...sides.baseline].entries()) {
      const item = `${cluster}#${index}`;
      baseline[item] = Number(score);
      candidate[item] = Number(sides.candidate[index]);
      if (cluster !== "") clusters[item] = cluster;
    }
  }
  const named = Object.keys(clusters).length === 0 ? {} : { clusters };
  return { candidate: { byItem: candidate, ...named }, baseline: { byItem: baseline } };
}

describe("real outcomes", () => {
  it.each(golden)("$name", (given) => {
    const { candidate, baseline } = sidesOf(given);
    const { expected } = given;
    const verdict = judge(candidate, baseline);
    const said = figures(verdict);
    expect(said.pairedItems).toBe(expected.n_common);
    expectClose(Number(said.pairedDifference), expected.diff, printed);
    expectClose(Number(said.pairedError), expected.se_paired, printed);
    if (expected.clusters === undefined) {
      expect(said).toMatchObject({ pairedClusters: null, pairedErrorClustered: null, clustersNeeded: null });
      expect(verdict.because).not.toMatch(/cluster/);
      return;
    }
    expect(said.pairedClusters).toBe(expected.clusters);
    expectClose(Number(said.pairedErrorClustered), expected.se_clustered ?? Number.NaN, printed);
    expectClose(Number(said.pairedErrorCorrected), expected.se_clustered_corrected ?? Number.NaN, printed);
    const error = Number((expected.se_clustered_corrected ?? 0).toFixed(4));
    expect(verdict.because).toContain(`${expected.n_common} items in ${expected.clusters} clusters `);
    expect(verdict.because).toContain(` +- ${error} clustered (95 % interval `);
    expect(verdict.because).toMatch(/ clusters (?:can see a loss of|are too few to tell any loss)/);
  });
});

/** So many items, of which `cluster` says where they belong. */
function set(count: number, score: (index: number) => number, cluster?: (index: number) => string | null): Side {
  const names = Array.from({ length: count }, (_, index) => `i${index}`);
  const byItem = Object.fromEntries(names.map((name, index) => [name, score(index)]));
  if (cluster === undefined) return { byItem };
  const clusters = names.flatMap((name, index) => {
    const at = cluster(index);
    return at === null ? [] : [[name, at] as const];
  });
  return { byItem, clusters: Object.fromEntries(clusters) };
}
const well = (): number => 1;
const tens = (index: number): string => `c${Math.floor(index / 10)}`;

describe("clusters", () => {
  it("are the units of the proof: 400 items prove it, as 10 clusters they do not", () => {
    expect(judge(set(400, well), set(400, well)).result).toBe("pass");
    const grouped = judge(
      set(400, well, (index) => `c${index % 10}`),
      set(400, well),
    );
    expect(grouped.result).toBe("wait");
    expect(grouped.because).toMatch(/^.*Not proven cluster by cluster \(.*: more clusters would decide\./);
    expect(grouped.because).toMatch(/10 clusters .*; to settle a loss of 0\.05 takes about \d+ clusters like these\./);
    expect(figures(grouped)).toMatchObject({ pairedClusters: 10, itemsAlone: 0, clustersNeeded: 133 });
    expect(figures(grouped).itemsNeeded).toBe(133 * 40);
    expect(judge(set(2000, well, tens), set(2000, well)).because).toMatch(/Proven cluster by cluster: no more than/);
  });

  it("may come from the baseline alone, so that leaving them out makes nothing surer", () => {
    const [candidate, baseline] = [set(400, well), set(400, well, tens)];
    const byBaseline = figures(judge(candidate, baseline));
    expect(byBaseline.pairedClusters).toBe(40);
    expect(byBaseline).toEqual(figures(judge(set(400, well, tens), baseline)));
  });

  it("an item that changed its cluster counts in that of the results, and is told", () => {
    const moved = set(400, well, (index) => (index === 7 ? "elsewhere" : tens(index)));
    const verdict = judge(moved, set(400, well, tens));
    expect(figures(verdict)).toMatchObject({ pairedClusters: 41, movedItems: ["i7"] });
    expect(verdict.because).toMatch(
      /1 of the items named another cluster in the baseline \(i7\): that of the results counts\./,
    );
  });

  it("an item that names none stands alone, whatever it is called", () => {
    const some = set(30, well, (index) => (index < 20 ? `i${20 + (index % 2)}` : null));
    const verdict = judge(some, set(30, well));
    expect(figures(verdict)).toMatchObject({ pairedClusters: 12, itemsAlone: 10 });
    expect(verdict.because).toMatch(/30 items in 12 clusters \(10 of them items that name none\)/);
  });

  it("every item in one of its own is the same as none", () => {
    const [apart, none] = [
      judge(
        set(400, well, (index) => `c${index}`),
        set(400, well),
      ),
      judge(set(400, well), set(400, well)),
    ];
    expect(apart).toEqual(none);
  });

  it("one cluster of everything says nothing", () => {
    const verdict = judge(
      set(
        400,
        (index) => index % 2,
        () => "all",
      ),
      set(400, well),
    );
    expect(verdict.because).toMatch(/All 400 items are one cluster: too few to compare\. 200 got worse/);
    expect(figures(verdict)).toMatchObject({ pairedClusters: 1, pairedInterval: null, clustersNeeded: null });
  });

  it("come in an order that their size has no part in: large ones that got better hide no small ones that got worse", () => {
    // 60 clusters of ten items that gained 0.2, 600 single items that lost 0.3: the mean loss is 0.05 exactly.
    const passes = Array.from({ length: 40 }, (_, run) => {
      const names = Array.from({ length: 1200 }, (_, index) => `${run}-${index}`);
      const scores = (gain: number, loss: number) =>
        Object.fromEntries(names.map((name, index) => [name, 0.5 + (index < 600 ? gain : -loss)]));
      const clusters = Object.fromEntries(names.slice(0, 600).map((name, index) => [name, `${run} of ${index % 60}`]));
      const verdict = judge({ byItem: scores(0.2, 0.3), clusters }, { byItem: scores(0, 0) });
      return Number(figures(verdict).notWorseE) >= 20 ? 1 : 0;
    });
    expect(passes.reduce<number>((sum, one) => sum + one, 0) / passes.length).toBeLessThanOrEqual(0.05 + 0.05);
  });

  it("the chance of flipped items is told as what it is", () => {
    const verdict = judge(
      set(400, (index) => (index % 40 === 0 ? 0 : 1), tens),
      set(400, well),
      { decision: "point" },
    );
    expect(verdict.because).toMatch(/McNemar p 0\.002 as if items were independent\./);
    expect(verdict.because).toMatch(/The score decides; cluster by cluster it is not proven/);
    expect(verdict.result).toBe("pass");
  });
});
