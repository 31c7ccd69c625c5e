import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Pair, pairedDifference } from "../../../src/core/stats/paired-difference.js";
import { expectClose } from "./closeness.js";

/** Real outcomes of agents, item by item: 0 and 1 for each side, by cluster ("" where there are none). */
interface GoldenPair {
  readonly name: string;
  readonly expected: {
    readonly n_common: number;
    readonly score_baseline: number;
    readonly score_candidate: number;
    readonly diff: number;
    readonly se_paired: number;
    readonly improved: number;
    readonly regressed: number;
    readonly mcnemar_p: number;
    readonly z_paired?: number;
    readonly clusters?: number;
    readonly se_clustered?: number;
    readonly se_clustered_corrected?: number;
  };
  readonly items: Readonly<Record<string, { readonly baseline: string; readonly candidate: string }>>;
}

const file = new URL("../../fixtures/stats/paired.json", import.meta.url);
const golden = JSON.parse(readFileSync(file, "utf8")) as readonly GoldenPair[];
/** The golden numbers are printed with six digits. */
const printed = { relative: 5.1e-6, absolute: 1e-12 };

function pairsOf({ items }: GoldenPair): readonly Pair[] {
  return Object.entries(items).flatMap(([cluster, { baseline, candidate }]) =>
    [...baseline].map((score, index) => ({
      baseline: Number(score),
      candidate: Number(candidate[index]),
      cluster: cluster === "" ? null : cluster,
    })),
  );
}

describe("golden pairs", () => {
  it.each(golden)("$name", (given) => {
    const figures = pairedDifference(pairsOf(given));
    if (figures === null) throw new Error("no figures");
    const { expected } = given;
    expect(figures.items).toBe(expected.n_common);
    expect(figures.improved).toBe(expected.improved);
    expect(figures.regressed).toBe(expected.regressed);
    expectClose(figures.baseline, expected.score_baseline, printed);
    expectClose(figures.candidate, expected.score_candidate, printed);
    expectClose(figures.difference, expected.diff, printed);
    expectClose(figures.standardError ?? Number.NaN, expected.se_paired, printed);
    expectClose(figures.mcnemar ?? Number.NaN, expected.mcnemar_p, printed);
    expect(figures.clusters?.count).toBe(expected.clusters);
    if (expected.z_paired !== undefined)
      expectClose(figures.difference / (figures.standardError ?? 0), expected.z_paired, printed);
    if (expected.se_clustered !== undefined)
      expectClose(figures.clusters?.standardError ?? Number.NaN, expected.se_clustered, printed);
    if (expected.se_clustered_corrected !== undefined) {
      expectClose(figures.clusters?.corrected ?? Number.NaN, expected.se_clustered_corrected, printed);
    }
  });
});

const pair = (baseline: number, candidate: number, cluster: string | null = null): Pair => ({
  baseline,
  candidate,
  cluster,
});

describe("the interval", () => {
  it("is Student's t on the paired error: a worked example", () => {
    // Differences -0.2, 0, 0.1, 0.3: mean 0.05, s 0.2081666, s / 2 = 0.1040833, t(3) = 3.1824463.
    const figures = pairedDifference([pair(0.5, 0.3), pair(0.5, 0.5), pair(0.5, 0.6), pair(0.5, 0.8)]);
    expectClose(figures?.interval?.low ?? 0, 0.05 - 3.1824463 * 0.1040833, { relative: 1e-6, absolute: 0 });
    expectClose(figures?.interval?.high ?? 0, 0.05 + 3.1824463 * 0.1040833, { relative: 1e-6, absolute: 0 });
    expect(figures?.mcnemar).toBeNull();
  });

  it("is wider where items of a cluster go together", () => {
    const alike = Array.from({ length: 40 }, (_, k) => pair(0.5, k < 20 ? 0.4 : 0.7, `cluster ${Math.floor(k / 5)}`));
    const clustered = pairedDifference(alike);
    const alone = pairedDifference(alike.map((item) => ({ ...item, cluster: null })));
    const width = (figures: typeof alone): number => (figures?.interval?.high ?? 0) - (figures?.interval?.low ?? 0);
    expect(width(clustered)).toBeGreaterThan(1.5 * width(alone));
  });

  it("is unknown for a single item, and there are no figures for none", () => {
    expect(pairedDifference([])).toBeNull();
    const one = pairedDifference([pair(1, 0)]);
    expect(one?.standardError).toBeNull();
    expect(one?.interval).toBeNull();
    expect(one?.mcnemar).toBe(1);
  });

  it("shrinks to a point where no item differs", () => {
    const same = pairedDifference([pair(1, 1), pair(0, 0), pair(1, 1)]);
    expect(same?.interval).toEqual({ low: 0, high: 0 });
  });

  it("items that are each a cluster of their own are not clustered", () => {
    expect(pairedDifference([pair(1, 0, "a"), pair(0, 1, "b"), pair(1, 1, "c")])?.clusters).toBeNull();
  });
});
